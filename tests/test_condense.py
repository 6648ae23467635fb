"""What LibCST is not shown of a module, and that this makes no difference."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_laws import LAYOUTS, THOROUGH, bounded, edits, modules, source

from autospan import codemod
from autospan.codemod import Change, Task, Transform, on, run
from autospan.condense import Condensed, condense
from autospan.model import Edit
from autospan.transforms import add_native_span, add_span, remove_native_span, remove_span
from autospan.verify import parse

CASES = {
    "in a class": (
        """
class A:
  x = 1

  @a  # b
  # c
  def f():
    y
    # of f
   # too
  # of A
  def g(): 0
""",
        """
class A:
  x = 1

  @a  # b
  # c
  def f():
    _0_0
    # of f
   # too
  # of A
  _0_1
""",
    ),
    "comments at the end of a definition go with it, others stay": (
        """
if a:
  b
@c
# d
def g():
  h
  # of g

 # too

# i
j
""",
        """
if a:
  b
def _0_0(): 0

# i
_0_1
""",
    ),
    "branches, homonyms, the docstring": (
        """
if a:
  b
elif c: d
elif e:
  def f(): 0
else:
  g

  h
def f():
  '''i'''
  j
  k
""",
        """
if a:
  b
elif c: d
elif e:
  def f(): 0
else:
  _0_0
def f():
  '''i'''
  _0_1
""",
    ),
    "statements that share a line": (
        """'''a'''; b = 1
import c; d = 2
if e: h
x = '''
'''; y = 1;
z
""",
        """'''a'''; b = 1
import c; d = 2
_0_0
_0_1
_0_2
""",
    ),
    "continued lines": (
        "a = 1 + \\\n  2\nb = 1 \\\n\nif d:\n   \\\n   e\n",
        "_0_0\nb = 1 \\\n\nif d:\n   \\\n   e\n",
    ),
    "the names of tracing, and those bound beside them": (
        """
from a import b as c, traced as d
e = b(c)
f = b()
g = d
h = 'traced'
i = traceback
_tracer_2
j = 1  # traced
k = 2  # autospan
k
""",
        """
from a import b as c, traced as d
e = b(c)
_0_0
g = d
h = 'traced'
_0_1
_tracer_2
j = 1  # traced
k = 2  # autospan
k
""",
    ),
    "a function with a block stays, and no name is taken twice": (
        """
if a:
  b
def f():
  with traced(block='g'):
    c
  h
def i():
  with j: pass
  trace
_0_ = 2
""",
        """
if a:
  b
def f():
  with traced(block='g'):
    c
  h
def i():
  _1_0
  trace
_1_1
""",
    ),
}


@pytest.mark.parametrize(("text", "left"), CASES.values(), ids=CASES)
def test_what_is_left(text: str, left: str) -> None:
    found = condense(text, ast.parse(text), [on("A.f"), on("f")])
    assert found.text == left
    assert found.expand(found.text) == text


def test_what_gets_a_block_stays() -> None:
    text = "if a:\n b\nclass A:\n  def f():\n    if b:\n        c\n    # d\n\n  def g(): 0\n"
    found = condense(text, ast.parse(text), [on("A.f", form="block")])
    assert found.text == text.replace("def g(): 0", "_0_0")


@pytest.mark.parametrize(
    "text", ["", "_0_0\n", "_0_1\n_0_0\n", "_0_0\n_0_0\n_0_1\n", "_0_0\n  _0_1"]
)
def test_a_stand_in_that_was_lost(text: str) -> None:
    with pytest.raises(ValueError, match="would be lost"):
        Condensed("_0_0\n_0_1\n", {"_0_0": "a", "_0_1": "b"}).expand(text)


def test_what_goes_wrong_is_tried_with_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(source(b"def f(): 0\n"), (on("f"),), ("shop._tracing",))
    whole = run(add_span, task)
    for wrong in (Condensed("def f(:", {}), Condensed("def f(): 0\n", {"_0_0": "a"})):
        monkeypatch.setattr(codemod, "condense", lambda *_, wrong=wrong: wrong)
        assert run(add_span, task, ast.parse("")) == whole


# --- that it makes no difference


def same(transform: Transform, task: Task) -> Change:
    """What a transform gives, the same with all of the text and with what matters of it."""
    change = run(transform, task, parse(task.source.data))
    assert change == run(transform, task)
    return change


def check(data: bytes, wanted: list[Edit]) -> None:
    """Spans put in and taken out, all or those of some functions, in both styles."""
    orders = source(data)
    layout = LAYOUTS[len(data) % len(LAYOUTS)]
    for helpers, add, remove in (
        (("shop._tracing",), add_span, remove_span),
        ((), add_native_span, remove_native_span),
    ):
        own = tuple(replace(each, helper="".join(helpers)) for each in wanted)
        change = same(add, Task(orders, own, helpers, layout=layout))
        after = replace(orders, data=change.data)
        same(remove, Task(after, (), helpers))
        same(remove, Task(after, own[::2], helpers))


@bounded
@given(modules(), st.sampled_from(["", "_", "__"]), st.integers(1, 4))
def test_generated_modules(data: bytes, hidden: str, share: int) -> None:
    every = edits(data, source(data), blocks=share % 2 == 0)
    check(data, [replace(each, hidden=hidden) for each in every[::share]])


LIBRARY = sorted(Path(ast.__file__).parent.glob("*.py"))
SAMPLE = [path for path in LIBRARY[4::15] if path.stat().st_size < 20_000][:4]


@pytest.mark.parametrize("path", LIBRARY if THOROUGH else SAMPLE, ids=lambda path: path.name)
def test_standard_library(path: Path) -> None:
    data = path.read_bytes()
    check(data, edits(data, source(data), blocks=True)[::4])
