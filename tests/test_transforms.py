"""Every example of every transform: before -> after, again -> the same, and back to the byte."""

from __future__ import annotations

import pytest

from autospan import catalog
from autospan.codemod import Change, Example, Task, Transform, on, run
from autospan.model import Source
from autospan.transforms import add_native_span, add_span, remove_native_span, remove_span

HELPERS = ("shop._tracing",)
EXAMPLES = [
    pytest.param(name, example, id=f"{name}: {example.shows}")
    for name in catalog.transforms()
    for example in catalog.transform(name).EXAMPLES
]


def carry_out(transform: Transform, text: str, example: Example | None = None) -> Change:
    source = Source("shop/orders.py", "shop.orders", False, text.encode(), "utf-8", "")
    return run(transform, Task(source, example.edits if example else (), HELPERS))


def test_every_transform_has_a_manual_page_and_examples() -> None:
    for name in catalog.transforms():
        transform = catalog.transform(name)
        assert transform.__doc__
        assert transform.EXAMPLES


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_example(name: str, example: Example) -> None:
    transform = catalog.transform(name)
    change = carry_out(transform, example.before, example)
    assert change.data.decode() == example.after
    assert not change.problems
    again = carry_out(transform, example.after, example)
    assert again.data.decode() == example.after
    assert again.done == ()


PAIRS = [
    pytest.param(add, remove, example, id=example.shows)
    for add, remove in ((add_span, remove_span), (add_native_span, remove_native_span))
    for example in add.EXAMPLES
]


@pytest.mark.parametrize(("add", "remove", "example"), PAIRS)
def test_remove_is_the_inverse_of_add(add: Transform, remove: Transform, example: Example) -> None:
    clean = carry_out(remove, example.before).data.decode()
    if clean == example.before:
        assert carry_out(remove, example.after).data.decode() == example.before


def added(before: str, *edits: str) -> str:
    example = Example("", before, "", tuple(on(edit) for edit in edits))
    return carry_out(add_span, before, example).data.decode()


TAKEN = [
    "def f(): pass\ntraced = 1\n",
    "import traced\ndef f(): pass\n",
    "import traced.api\ndef f(): pass\n",
    "from api import traced\ndef f(): pass\n",
    "def f(traced): pass\n",
    "def f(): global traced\n",
    "class A:\n    traced: int\ndef f(): pass\n",
    "__all__ = ['traced']\ndef f(): pass\n",
    "def f(): pass\nfor traced in f(): pass\n",
    "def f():\n    match f:\n        case {'x': traced}: pass\n",
    "def f(): pass\ntry: f()\nexcept E as traced: pass\n",
    "def f(): pass\n[x for traced in f()]\n",
    "def traced(): pass\ndef f(): pass\n",
    "def f(): return f'{traced}'\n",
]


@pytest.mark.parametrize("text", TAKEN)
def test_the_name_is_taken(text: str) -> None:
    result = added(text, "f")
    assert "from shop._tracing import traced as _traced\n" in result
    assert "@_traced\ndef f(" in result
    assert carry_out(remove_span, result).data.decode() == text


NOT_TAKEN = [
    "if TYPE_CHECKING:\n    from shop._tracing import traced\ndef f(): pass\n",
    "def f(a): return a.traced\n",
    "def f(): return g(traced=1)\n",
    "def f(): 'is traced'  # traced\n",
    "from traced import api\ndef f(): pass\n",
]


@pytest.mark.parametrize("text", NOT_TAKEN)
def test_the_name_is_free(text: str) -> None:
    assert "from shop._tracing import traced\n" in added(text, "f")


def test_further_names_when_several_are_taken() -> None:
    text = "traced = _traced = _traced_2 = 1\ndef f(): pass\n"
    assert "@_traced_3\ndef f" in added(text, "f")


def test_an_import_that_is_shadowed_is_not_used() -> None:
    text = "from shop._tracing import traced\ndef g(traced): pass\ndef f(): pass\n"
    assert "@_traced\ndef f" in added(text, "f")


def test_an_import_that_comes_too_late_is_not_relied_on() -> None:
    text = "def f(): pass\nfrom shop._tracing import traced\n"
    assert added(text, "f").startswith("from shop._tracing import traced\n\n\n@traced\ndef f")


def test_import_stands_after_the_last_import_before_the_first_definition() -> None:
    text = "import sys\nsys.path[:0] = ['lib']\nimport shop\nclass A: pass\nimport x\ndef f(): 0\n"
    assert "import shop\nfrom shop._tracing import traced\nclass A" in added(text, "f")


def test_import_stands_before_a_conditional_use() -> None:
    text = "try:\n    import a\nexcept ImportError:\n    def f(): pass\nimport b\n"
    result = added(text, "f")
    assert result.startswith("from shop._tracing import traced\n\ntry:")
    assert carry_out(remove_span, result).data.decode() == text


def test_strings_are_escaped() -> None:
    edit = on("f", 'a"b\\c\n', Ünï="é")
    source = Source("shop/orders.py", "shop.orders", False, b"def f(): 0\n", "ascii", "")
    change = run(add_span, Task(source, (edit,), HELPERS))
    assert rb'@traced("a\"b\\c\n", capture={"\xdcn\xef": "\xe9"})' in change.data


def test_what_cannot_be_done_is_a_problem() -> None:
    edits = (on("missing"), on("f", ordinal=1), on("f", form="block"))
    source = Source("shop/orders.py", "shop.orders", False, b"def f(): pass\n", "utf-8", "")
    change = run(add_span, Task(source, edits, HELPERS))
    assert change.data == source.data
    assert [problem.message.partition(": ")[2] for problem in change.problems] == [
        "it has no room for a block between `def` and body",
        "it is not in the file",
        "it is not in the file",
    ]


IMPORT = "from shop._tracing import traced\n"
REMOVED = [
    (
        "import os; from shop._tracing import traced\n@traced\ndef f(): 0\n",
        "import os\ndef f(): 0\n",
    ),
    (
        "from shop._tracing import (\n    a,\n    traced,\n)\n",
        "from shop._tracing import (\n    a,\n)\n",
    ),
    ("from shop._tracing import traced, traced as t\n@t\ndef f(): 0\n", "def f(): 0\n"),
    (f"# c\n{IMPORT}".strip(), "# c\n"),
    (f"{IMPORT}@traced\n@a\ndef f(): '''\n@traced\n'''\n", "@a\ndef f(): '''\n@traced\n'''\n"),
]
KEPT = [
    "'''@traced\n@traced'''\nfrom . import _tracing\n",
    f"{IMPORT}__all__ = ['traced']\n",
    f"try:\n    {IMPORT}except E: pass\n@traced\ndef f(): 0\n",
    f"def g():\n    {IMPORT}    @traced\n    def f(): 0\n",
]


@pytest.mark.parametrize(("before", "after"), [*REMOVED, *zip(KEPT, KEPT, strict=True)])
def test_removed_whatever_became_of_it(before: str, after: str) -> None:
    assert carry_out(remove_span, before).data.decode() == after
