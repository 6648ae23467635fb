"""`choose_forms`: where a wrapper would be seen the block, where that does not fit nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from autospan import pipeline
from autospan.config import Config
from autospan.model import Plan, Selection
from autospan.rewrite import rewrite, unwrite

HEAD = """
import functools, inspect, sys, traceback, warnings
CODES = set()
def internal(f):
    CODES.add(f.__code__)
    return f
def plain(f):
    CODES.add(f.__name__)
    return f
def wrapping(f):
    @functools.wraps(f)
    def wrapper(order_id):
        return f(order_id) + 1
    return wrapper
"""

CASES = {
    "def f():\n    return sys._getframe(1).f_code": "block",
    "def f():\n    'Docs.'\n    return sys._getframe(1).f_code": None,
    "def f(): return sys._getframe(1).f_code": None,
    "def f():\n\treturn sys._getframe(1).f_code": None,
    "def f():\n return sys._getframe(1).f_code": None,
    "def f(\n    a=(1,\n2)\n):  # why\n\n  # so\n  return sys._getframe(1).f_code": "block",
    "def f():\n    yield sys._getframe(1).f_code": None,
    "async def f():\n    return inspect.stack()[1].frame.f_code": "block",
    "def f():\n    return g()\ndef g():\n    return inspect.stack()[2]": "block",
    "def f():\n    return g()\ndef g():\n    s = traceback.extract_stack()\n    s[-3]": "block",
    "def f():\n    return g()\ndef g():\n    return traceback.extract_stack()[-2]": "decorator",
    "def f():\n    warnings.warn('x', stacklevel=2)": "block",
    "def f():\n    warnings.warn('x', UserWarning, 2)": "block",
    "def f():\n    warnings.warn('x')": "decorator",
    "def f(level=1):\n    return sys._getframe(level + 1)\ndef g():\n    return f(2)": "block",
    "def g(up=2, sys=sys):\n    return sys._getframe(up)\ndef h():\n    return g(3)\n"
    "def f():\n    a = 1\n    return h()": "block",
    "def g():\n    return sys._getframe(1)\ndef f():\n    a = 1\n    return g()": "decorator",
    "def g(n):\n    n += 1\n    warnings.warn('x', stacklevel=n)\n"
    "def f():\n    a = 1\n    g(a)": "block",
    "def f(log):\n    'Docs.'\n    log.disable(len('a'))\ndef g(log, n):\n"
    "    log.info('x', stacklevel=n)": "decorator",
    "def f(log, n):\n    'Docs.'\n    print(len('('))\n    log.info(\n    'a', stacklevel=n)": None,
    "def f(error, tb):\n    error.x = 1\n    raise error.with_traceback(tb)": "block",
    "@internal\ndef f(a):\n    return a + 1": "block",
    "@internal\ndef f(a):\n    'Docs.'\n    return a + 1": None,
    "def off(a=1):\n    return a + 1\ndef g():\n    return off.__defaults__": "block",
    "def off(a=1):\n    return a + 1\ndef g(off):\n    return off.__code__": "decorator",
    "class A:\n    def f(self):\n        'Docs.'\n        return 1\n    def g(self, f=1):\n"
    "        return self.f.__code__.co_filename": None,
    "@plain\ndef f(a):\n    return a + 1": "decorator",
    "def f(a):\n    return a and 1 + f(a - 1)": "block",
    "def f(a):\n    return a and g(a - 1)\ndef g(a):\n    return 1 + f(a)": "block",
    "def f(a):\n    'Docs.'\n    return a and 1 + f(a - 1)": "decorator",
    "@wrapping\ndef f(a):\n    return a and 1 + f(a - 1)": "block",
    "@wrapping\ndef f(a):\n    return g(a)\n@wrapping\ndef g(a):\n    return a + 1": "decorator",
    "def f(count):\n    return count and 1 + f(count - 1)": "block",
    "def f(a):\n    for each in a: yield from f(each)": "decorator",
    "def f(a):\n    return a + len(str(a))": "decorator",
    "def o():\n    def f(a):\n        return a + 1\n    return f": "block",
    "def o():\n    def f(a): return a + 1\n    return f": "decorator",
    "class A:\n    def f(a):\n        return a + 1": "decorator",
}


def planned(text: str, tmp_path: Path) -> tuple[pipeline.Analysis, Plan]:
    (tmp_path / "shop.py").write_text(text)
    config = Config(helper="_tracing")
    analysis = pipeline.analyze(tmp_path, config)
    return analysis, pipeline.make_plan(analysis, config, Selection())


@pytest.mark.parametrize("text", CASES)
def test_the_form_of_f(text: str, tmp_path: Path) -> None:
    analysis, plan = planned(f"{HEAD}{text}\n", tmp_path)
    forms = [each.form for each in plan.edits if each.function.endswith("f")]
    skips = [each.code for each in plan.skips if each.function.endswith("f")]
    assert (forms, skips) == (([CASES[text]], []) if CASES[text] else ([], ["frames"]))
    sources = {each.path: each for each in analysis.tree.sources}
    patches, problems = rewrite(plan, sources)
    assert not problems
    after = {each.path: each.after or b"" for each in patches}
    assert (b"with traced(block=" in after["shop.py"]) == ("block" in {e.form for e in plan.edits})


def test_a_block_captures(tmp_path: Path) -> None:
    text = "import sys\ndef f(count):\n    return sys._getframe(count)\n"
    analysis, plan = planned(text, tmp_path)
    patches, _ = rewrite(plan, {each.path: each for each in analysis.tree.sources})
    after = {each.path: each.after or b"" for each in patches}["shop.py"]
    assert b'\n with traced(block="shop.f", capture={"count": count}):\n    return' in after


ONE = """
import sys
def f(a):
    return a.b
async def h(a):
    a += 1
    return a
def g(a):
    a += 1
    return a
"""


def test_everything_is_put_where_it_is_not_seen(tmp_path: Path) -> None:
    """`--all`: one statement takes a block, and no public name is added to a module; whoever
    chooses functions gets decorators."""
    (tmp_path / "shop.py").write_text(ONE)
    analysis = pipeline.analyze(tmp_path, Config(helper="_tracing"))
    for selection, forms, name in (
        (
            Selection(everything=True),
            {"f": "block", "g": "decorator", "h": "block"},
            b"traced as __traced__\n",
        ),
        (Selection(functions=("shop.?", "shop.f")), dict.fromkeys("fgh", "decorator"), b"traced\n"),
    ):
        plan = pipeline.make_plan(analysis, Config(helper="_tracing"), selection)
        assert {each.function[-1]: each.form for each in plan.edits} == forms
        patches, problems = pipeline.make_patches(analysis, plan)
        after = {each.path: each.after or b"" for each in patches}["shop.py"]
        assert (problems, b"import " + name in after) == ((), True)


WALKERS = """
import sys
def _site():
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame
def define(name):
    'Docs.'
    return (name, _site())
def group(names):
    found = []
    return found + [define(name) for name in names]
"""


def test_who_leads_to_a_walk_up_the_frames_gets_no_wrapper(tmp_path: Path) -> None:
    (tmp_path / "far.py").write_text(
        "from shop import group, _site\ndef f(a):\n    a()\n    return group(a)\n"
        "def g(a):\n    a()\n    return _site()\n"
    )
    _, plan = planned(WALKERS, tmp_path)
    forms = {each.function.partition(":")[2]: each.form for each in plan.edits}
    assert forms == {"_site": "block", "group": "block", "f": "decorator", "g": "block"}
    assert [(each.function, each.code) for each in plan.skips] == [("shop:define", "frames")]


def test_a_second_run_finds_the_blocks(tmp_path: Path) -> None:
    analysis, plan = planned("import sys\ndef f():\n    return sys._getframe(1)\n", tmp_path)
    patches, _ = rewrite(plan, {each.path: each for each in analysis.tree.sources})
    for patch in patches:
        (tmp_path / patch.path).write_bytes(patch.after or b"")
    again, plan = planned((tmp_path / "shop.py").read_text(), tmp_path)
    assert (plan.edits, [each.code for each in plan.skips]) == ((), ["traced"])
    undone, problems = unwrite({each.path: each for each in again.tree.sources}, ("_tracing",))
    assert not problems
    assert {each.path: each.after for each in undone}["shop.py"] == patches[1].before


def test_native_style_there_and_back(tmp_path: Path) -> None:
    text = (
        "import sys\n\n\ndef f():\n    return sys._getframe(1)\n\n\ndef g(a):\n    return f() + a\n"
    )
    (tmp_path / "shop.py").write_text(text)
    config = Config(style="native")
    analysis = pipeline.analyze(tmp_path, config)
    plan = pipeline.make_plan(analysis, config, Selection(everything=True))
    (patch,), problems = pipeline.make_patches(analysis, plan)
    assert (problems, plan.helpers) == ((), ())
    assert b'\n with __tracer__.start_as_current_span("shop.f"):\n    return' in (
        patch.after or b""
    )
    (tmp_path / "shop.py").write_bytes(patch.after or b"")
    again = pipeline.analyze(tmp_path, config)
    plan = pipeline.make_plan(again, config, Selection(everything=True))
    assert (plan.edits, {each.code for each in plan.skips}) == ((), {"traced"})
    _, (patch,), problems = pipeline.make_removal(tmp_path, config)
    assert (problems, patch.after) == ((), text.encode())


SCALARS = """import asyncio
import sys


def pay(order_id: int, status: "str" = "new", limit=-10, page: int = None, item_id: 'U' = 0, no=()):
    'Pay.'
    return order_id


async def ship(order_id: int):
    '''Ship.'''
    await asyncio.sleep(0)
    return order_id


def level(depth: int):
    return sys._getframe(1), depth


def one(order_id: int): return [order_id][0]


RESULTS = pay(1), asyncio.run(ship(2)), level(3)[1], one(4)
"""


def test_native_style_captures_scalars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.py").write_text(SCALARS)
    config = Config(style="native")
    analysis = pipeline.analyze(tmp_path, config)
    plan = pipeline.make_plan(analysis, config, Selection(everything=True))
    captured = {
        edit.function: [each.parameter for each in edit.captures if each.captured]
        for edit in plan.edits
    }
    assert captured == {
        "shop:pay": ["order_id", "status", "limit"],
        "shop:ship": ["order_id"],
        "shop:level": ["depth"],
        "shop:one": [],
    }
    (patch,), problems = pipeline.make_patches(analysis, plan)
    assert problems == ()
    after = patch.after or b""
    assert len(after.splitlines()) == len(SCALARS.splitlines()) + 3 + 2 + 2 + 1 + 1

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    names: dict[str, object] = {"__name__": "shop"}
    exec(compile(after, "shop.py", "exec"), names)
    assert names["RESULTS"] == (1, 2, 3, 4)
    assert [(each.name, dict(each.attributes or {})) for each in exporter.get_finished_spans()] == [
        ("shop.pay", {"order_id": 1, "status": "new", "limit": -10}),
        ("shop.ship", {"order_id": 2}),
        ("shop.level", {"depth": 3}),
        ("shop.one", {}),
    ]
    (tmp_path / "shop.py").write_bytes(after)
    _, (patch,), problems = pipeline.make_removal(tmp_path, config)
    assert (problems, patch.after) == ((), SCALARS.encode())
