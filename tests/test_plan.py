"""`plan`: what is selected, what is skipped and why, names of spans, and where helpers stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autospan.config import Config
from autospan.forms import choose_forms
from autospan.helper import MARK, place_helpers
from autospan.model import (
    Candidate,
    Entry,
    Facts,
    Function,
    Graph,
    Helper,
    Import,
    Parameter,
    Place,
    Plan,
    Reason,
    Selection,
    Shape,
    Source,
    Survey,
    Traced,
)
from autospan.plan import plan
from autospan.read import read
from autospan.refusals import skip_reason, unworthy

ALL = Selection(everything=True)


def source(path: str, module: str = "", data: bytes = b"") -> Source:
    name = module or path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Source(path, name, path.endswith("__init__.py"), data, "utf-8", "")


def facts_of(source: Source, *imports: Import) -> Facts:
    return Facts(source.path, source.module, source.package, imports=imports)


SHOP = (source("shop/__init__.py"), source("shop/orders.py"), source("shop/bank.py"))


def functions(*names: str, **changes: dict[str, object]) -> tuple[Function, ...]:
    """Functions `place` of `shop.orders`, or `shop.bank:Bank.charge` as given."""
    found = []
    for line, name in enumerate(names, 1):
        full = name if ":" in name else f"shop.orders:{name}"
        file = full.partition(":")[0].replace(".", "/") + ".py"
        place, end = Place(file, 10 * line), 10 * line + 5
        each = Function(full, "sync", place, place.line, end, shape=Shape(5, calls=3))
        found.append(each._replace(**changes.get(each.short, {})))
    return tuple(found)


def planned(
    *names: str,
    selection: Selection = ALL,
    survey: Survey = Survey(),  # noqa: B008
    config: Config = Config(),  # noqa: B008
    ignores: tuple[tuple[int, str], ...] = (),
    guards: tuple[tuple[str, int, int], ...] = (),
    **changes: dict[str, object],
) -> Plan:
    """The plan for functions whose scores are 0.9, 0.8, 0.7 …"""
    graph = Graph(functions(*names, **changes), (), (), (), (), guards)
    candidates = [
        Candidate(
            *(number, number + 1, round(0.9 - number / 10, 2)),
            (Reason("io", 0.5, "does I/O"),),
            shown=("io",),
        )
        for number in range(len(names))
    ]
    facts = [replace(facts_of(each), ignores=ignores) for each in SHOP]
    return plan(candidates, graph, survey, SHOP, facts, config, selection)


def edited(found: Plan) -> list[str]:
    return [each.function.partition(":")[2] for each in found.edits]


def codes(found: Plan) -> dict[str, str]:
    return {each.function.partition(":")[2]: each.code for each in found.skips}


def entry(function: int, **more: object) -> Entry:
    return Entry(function, "http", "GET /", Place("x.py", 1), "seen", **more)


# --- selection ----------------------------------------------------------------------------------

STARTS = Survey(entries=(entry(1), entry(2, root_span="auto"), entry(3, root_span="manual")))


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (ALL, "a b c d Bank.e"),
        (Selection(top=2), "a b"),
        (Selection(top=0), ""),
        (Selection(top=99), "a b d Bank.e"),  # c is free: instrumentation opens its span
        (Selection(min_score=0.7), "a b c"),
        (Selection(min_score=0.95), ""),
        (Selection(entrypoints=True), "b"),
        (Selection(functions=("a",)), "a"),
        (Selection(functions=("shop.orders.a", "e")), "a Bank.e"),
        (Selection(functions=("shop.bank:Bank.e",)), "Bank.e"),
        (Selection(functions=("orders.*",)), "a b c d"),
        (Selection(functions=("*.Bank.*",)), "Bank.e"),
        (Selection(functions=("A", "nothing", "")), ""),
        (Selection(functions=("[ab]",)), "a b"),
        (Selection(named=("shop.orders.b", "shop.nowhere")), "b"),
        (Selection(named=("b",)), ""),
        (Selection(named=()), ""),
        (Selection(top=1, functions=("*.d", "*.e")), "d"),
        (Selection(min_score=0.6, functions=("d", "e")), "d"),
    ],
    ids=str,
)
def test_selection(selection: Selection, wanted: str) -> None:
    found = planned("a", "b", "c", "d", "shop.bank:Bank.e", selection=selection, survey=STARTS)
    assert edited(found) == wanted.split()


def test_top_counts_what_can_carry_a_span() -> None:
    found = planned(
        *("a", "b", "c", "d", "e"),
        selection=Selection(top=2),
        a={"trivial": "only `pass`"},
        c={"endless": True},
    )
    assert edited(found) == ["b", "d"]
    assert codes(found) == {"a": "trivial", "c": "endless"}


def test_top_counts_what_carries_a_span_already() -> None:
    """So that a second run of the same command adds nothing."""
    traced = Survey(traced=(Traced(0, "autospan", Place("x.py", 1)),))
    found = planned("a", "b", "c", selection=Selection(top=2), survey=traced)
    assert (edited(found), codes(found)) == (["b"], {"a": "traced"})


def test_top_passes_over_what_is_free() -> None:
    found = planned("a", "b", "c", "d", selection=Selection(top=3), survey=STARTS)
    assert (edited(found), codes(found)) == (["a", "b", "d"], {"c": "free"})
    assert edited(planned("a", "b", "c", "d", survey=STARTS)) == ["a", "b", "c", "d"]


# --- skips --------------------------------------------------------------------------------------

SKIPS = {
    "lambda": {"name": "shop.orders:f.<lambda1>"},
    "typing": {"typing_only": True},
    "stub": {"decorators": ("typing.overload",)},
    "special": {"name": "shop.orders:A.__repr__"},
    "trivial": {"trivial": "only `pass`"},
    "endless": {"endless": True},
    "unsafe": {"decorators": ("asyncio.coroutine",)},
}


@pytest.mark.parametrize("code", SKIPS)
def test_skips_by_syntax(code: str) -> None:
    found = planned("f", f=SKIPS[code], selection=Selection())
    (skip,) = found.skips
    assert (skip.code, found.edits, found.helpers) == (code, (), ())
    assert skip.why and (skip.path, skip.line, skip.ordinal) == ("shop/orders.py", 10, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decorators": ("abc.abstractmethod",)}, "stub"),
        ({"decorators": ("abstractproperty()",)}, "stub"),
        ({"decorators": ("defer.inlineCallbacks",)}, "unsafe"),
        ({"name": "shop.orders:A.__getattr__"}, "special"),
        ({"name": "shop.orders:A.__init__"}, None),
        ({"name": "shop.orders:A.__call__"}, None),
        ({"name": "shop.orders:A.__enter__"}, None),
        ({"name": "shop.orders:A._private"}, None),
        ({"endless": True, "kind": "generator"}, None),
        ({"decorators": ("property",)}, None),
    ],
)
def test_more_of_syntax(changes: dict[str, object], code: str | None) -> None:
    (function,) = functions("f", f=changes)
    graph = Graph((function,), (), (), (), ())
    harm = skip_reason(graph, Survey(), (), choose_forms(graph, ()))
    refused = harm(0, function) or unworthy(function)
    assert (refused[0] if refused else None) == code


WORTHLESS = {
    "trivial": {"trivial": "returns an attribute"},
    "special": {"name": "shop.orders:A.__repr__"},
    "stub": {"decorators": ("abc.abstractmethod",)},
}


@pytest.mark.parametrize("code", WORTHLESS)
def test_what_is_not_worth_a_span_gets_one_if_asked_for(code: str) -> None:
    """`--all`, and a name without wildcards: who asks decides. Nobody else is offered one."""
    (function,) = functions("f", f=WORTHLESS[code])
    name = function.name.partition(":")[2]
    for asked in (Selection(everything=True), Selection(functions=(function.qualified,))):
        assert edited(planned("f", f=WORTHLESS[code], selection=asked)) == [name]
    for offered in (Selection(), Selection(top=5), Selection(functions=("shop.*",))):
        assert codes(planned("f", f=WORTHLESS[code], selection=offered)) == {name: code}


@pytest.mark.parametrize("code", sorted({*SKIPS} - {"special", "trivial"}))
def test_what_does_harm_or_never_runs_gets_none_even_so(code: str) -> None:
    (skip,) = planned("f", f=SKIPS[code], selection=ALL).skips
    assert skip.code == code


def test_nothing_runs_in_the_middle_of_the_collector() -> None:
    (skip,) = planned("f", f={"name": "shop.orders:A.__del__"}).skips
    assert (skip.code, "collector" in skip.why) == ("unsafe", True)


def test_skips_by_what_is_known() -> None:
    survey = Survey(
        traced=(Traced(0, "opentracing", Place("x.py", 1)),),
        forbidden=((2, "compiled by numba"), (2, "a second reason")),
    )
    found = planned("a", "b", "c", "d", survey=survey, ignores=((9, "x"), (20, "too hot")))
    assert [(each.code, each.why) for each in found.skips] == [
        ("traced", "already traced (opentracing)"),
        ("ignored", "`# autospan: ignore[too hot]` stands there"),
        ("unsafe", "compiled by numba"),
    ]
    assert edited(found) == ["d"]


def test_a_comment_is_of_one_function_only() -> None:
    """`def a(): ...  # autospan: ignore[x]`, and in the next line `def b(): ...`."""
    below = {"place": Place("shop/orders.py", 11), "first_line": 11}
    assert codes(planned("a", "b", ignores=((10, "x"),), b=below)) == {"a": "ignored"}


def test_only_what_is_selected_is_skipped() -> None:
    found = planned("a", "b", selection=Selection(functions=("b",)), a={"trivial": "a stub"})
    assert (edited(found), found.skips) == (["b"], ())


# --- edits --------------------------------------------------------------------------------------


def test_an_edit_says_all_that_rewrite_needs() -> None:
    parameters = (Parameter("self", "standard"), Parameter("order_id", "standard"))
    more = {"owner": 0, "ordinal": 2, "kind": "async generator", "parameters": parameters}
    (edit,) = planned("shop.bank:Bank.charge", charge=more).edits
    assert (edit.path, edit.function, edit.ordinal, edit.line) == (
        *("shop/bank.py", "shop.bank:Bank.charge"),
        *(2, 10),
    )
    assert (edit.kind, edit.form, edit.helper) == ("async generator", "decorator", "shop._tracing")
    assert (edit.span, edit.default_span, edit.why) == ("", "shop.bank.Bank.charge", "does I/O")
    assert [(each.parameter, each.captured) for each in edit.captures] == [
        ("self", False),
        ("order_id", True),
    ]


def test_spans_of_scripts_are_spelled_out() -> None:
    """In a file that is run as `__main__`, the module name would be that."""
    found = planned("f", "shop.bank:g", guards=(("shop/bank.py", 90, 91),))
    assert [each.span for each in found.edits] == ["", "shop.bank.g"]


def test_native_style_has_no_helper_and_no_generators() -> None:
    parameters = (Parameter("order_id", "standard"),)
    changes = {"parameters": parameters}
    found = planned("f", "g", config=Config(style="native"), f=changes, g={"kind": "generator"})
    assert (found.helpers, codes(found)) == ((), {"g": "native"})
    (edit,) = found.edits
    assert (edit.helper, [each.captured for each in edit.captures]) == ("", [False])


def test_captures_as_configured() -> None:
    parameters = (Parameter("order_id", "standard"), Parameter("loyalty_no", "standard"))

    def captured(**options: object) -> list[str]:
        found = planned("f", config=Config(**options), f={"parameters": parameters})
        return [each.key for each in found.edits[0].captures if each.captured]

    assert captured() == ["order_id", "loyalty_no"]
    assert captured(capture=False) == []
    assert captured(namespace="acme.shop") == ["acme.shop.order_id", "acme.shop.loyalty_no"]
    assert captured(secrets=("loyalty*",)) == ["order_id"]


def test_the_order_is_that_of_the_candidates() -> None:
    names = ["z", "a", "shop.bank:m"]
    assert edited(planned(*names)) == ["z", "a", "m"]


# --- helpers ------------------------------------------------------------------------------------

TREES = {
    "package": (
        ["shop/__init__.py", "shop/a.py", "shop/sub/__init__.py", "shop/sub/b.py"],
        {
            "shop/__init__.py": ("shop/_tracing.py", "shop._tracing"),
            "shop/a.py": ("shop/_tracing.py", "shop._tracing"),
            "shop/sub/__init__.py": ("shop/_tracing.py", "shop._tracing"),
            "shop/sub/b.py": ("shop/_tracing.py", "shop._tracing"),
        },
    ),
    "a folder on the way is no package": (
        ["shop/__init__.py", "shop/importers/jira/__init__.py", "shop/importers/jira/api.py"],
        {
            "shop/importers/jira/__init__.py": ("shop/_tracing.py", "shop._tracing"),
            "shop/importers/jira/api.py": ("shop/_tracing.py", "shop._tracing"),
        },
    ),
    "called from a folder within": (
        [("shop/__init__.py", "shop"), ("shop/app/__init__.py", "app"), ("shop/app/a.py", "app.a")],
        {"shop/app/a.py": ("shop/app/_tracing.py", "app._tracing")},
    ),
    "two packages": (
        ["a/__init__.py", "b/__init__.py", "b/c.py"],
        {
            "a/__init__.py": ("a/_tracing.py", "a._tracing"),
            "b/c.py": ("b/_tracing.py", "b._tracing"),
        },
    ),
    "package in src": (
        [("src/shop/__init__.py", "shop"), ("src/shop/a.py", "shop.a")],
        {"src/shop/a.py": ("src/shop/_tracing.py", "shop._tracing")},
    ),
    "scripts": (
        ["cron/nightly.py", "cron/weekly.py", "tools/fix.py"],
        {"cron/nightly.py": None, "cron/weekly.py": None, "tools/fix.py": None},
    ),
    "flat root": (["app.py", "db.py"], {"app.py": None, "db.py": None}),
    "root is a package": (
        [("__init__.py", "shop"), ("a.py", "shop.a"), ("sub/__init__.py", "shop.sub")],
        {
            "a.py": ("_tracing.py", "shop._tracing"),
            "sub/__init__.py": ("_tracing.py", "shop._tracing"),
        },
    ),
    "package below a folder that is none": (
        ["apps/shop/__init__.py", "apps/shop/a.py"],
        {"apps/shop/a.py": ("apps/shop/_tracing.py", "apps.shop._tracing")},
    ),
    "name taken": (
        [
            "shop/__init__.py",
            "shop/_tracing.py",
            "shop/a.py",
            "cron/_tracing.py",
            "cron/__main__.py",
        ],
        {
            "shop/a.py": ("shop/_tracing_spans.py", "shop._tracing_spans"),
            "cron/__main__.py": ("cron/_tracing_spans.py", "_tracing_spans"),
        },
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_helpers(name: str) -> None:
    files, wanted = TREES[name]
    sources = [source(*((each,) if isinstance(each, str) else each)) for each in files]
    found = place_helpers(sources, [facts_of(each) for each in sources], Config())
    assert {path: found[path] for path in wanted} == {
        path: each and Helper(*each) for path, each in wanted.items()
    }


PACKAGED = Helper("shop/_tracing.py", "shop._tracing")
BESIDE = Helper("cron/_tracing.py", "_tracing")
SCRIPTS = {
    "import shop\n": PACKAGED,
    "import shop.orders as o\n": PACKAGED,
    "'''Doc.'''\nimport os\nfrom shop import orders\ndef f(): pass\n": PACKAGED,
    "import os\n": None,
    "def f():\n    import shop\n": None,
    "try:\n    import shop\nexcept ImportError: pass\n": None,
    "def f(): pass\nimport shop\n": None,
    "import shopping\n": None,
    "import y\n": BESIDE,
    "from y import z\n": BESIDE,
    "if y:\n    import y\n": None,
    "import x\n": None,
    "import random\n": None,
    "def f(): pass\nif __name__ == '__main__':\n    f()\n": BESIDE,
    "#!/usr/bin/env python3\ndef f(): pass\nf()\n": BESIDE,
    "#!/usr/bin/env python3\ndef f():\n    f()\n": None,
    "def f(): pass\nf()\n": BESIDE,
    "import sys\ndef f(): pass\nsys.exit(f())\n": BESIDE,
    "from z import f\nf()\n": None,
    "#!/bin/sh\nf()\n": None,
}


@pytest.mark.parametrize("text", SCRIPTS)
def test_scripts_use_the_helper_that_they_surely_find(text: str) -> None:
    """Of a package that they import, or beside them; `random.py` hides no standard library."""
    script = source("cron/x.py", data=text.encode())
    others = [source("cron/y.py"), source("cron/random.py")]
    found = place_helpers([*SHOP, script, *others], [read(script)], Config())
    assert found["cron/x.py"] == SCRIPTS[text]


def test_what_neighbours_and_documents_name_finds_the_helper() -> None:
    user = source("cron/x.py", data=b"def f():\n    import y\n")
    sources = [user, source("cron/y.py"), source("cron/z.py"), source("cron/hook.py")]
    found = place_helpers(sources, [read(each) for each in sources], Config(), {"cron/z.py"})
    assert {path for path, helper in found.items() if helper} == {"cron/y.py", "cron/z.py"}


def test_configured_roots_are_on_the_path(tmp_path: Path) -> None:
    sources = [source("plugins/x.py", "x")]
    config = Config(folder=str(tmp_path), roots=("plugins",))
    found = place_helpers(sources, [read(each) for each in sources], config)
    assert found["plugins/x.py"] == Helper("plugins/_tracing.py", "_tracing")


def test_namespace_packages_are_imported_by_their_dotted_path() -> None:
    sources = [source("google/cloud/storage.py"), source("google/cloud/other.py")]
    user = facts_of(source("user.py"), Import(1, "google.cloud", "storage", "storage"))
    found = place_helpers(sources, [user], Config())
    assert found["google/cloud/storage.py"] == Helper(
        "google/cloud/_tracing.py", "google.cloud._tracing"
    )
    assert found["google/cloud/other.py"] is None


def test_what_is_imported_makes_a_namespace() -> None:
    (function,) = functions("apps.x:f")
    graph = Graph((function,), (), (), (), ())
    candidate = Candidate(0, 1, 0.5, ())
    user = facts_of(source("y.py"), Import(1, "apps.x", "", "apps"))
    found = plan([candidate], graph, Survey(), [source("apps/x.py")], [user], Config(), ALL)
    assert found.helpers == (Helper("apps/_tracing.py", "apps._tracing"),)
    assert found.edits[0].helper == "apps._tracing"


CONFIGURED = {
    ("shop/a.py", "shop.a"): "shop/observability/tracing.py",
    ("shop/__init__.py", "shop"): "shop/observability/tracing.py",
    ("src/shop/sub/b.py", "shop.sub.b"): "src/shop/observability/tracing.py",
    ("app.py", "app"): "shop/observability/tracing.py",
}


@pytest.mark.parametrize("file", CONFIGURED, ids=str)
def test_configured_helper(file: tuple[str, str]) -> None:
    found = place_helpers([source(*file)], (), Config(helper="shop.observability.tracing"))
    assert found[file[0]] == Helper(CONFIGURED[file], "shop.observability.tracing")


def test_shipped_helper_is_not_written() -> None:
    found = planned("f", config=Config(helper="autospan.runtime"))
    assert (found.helpers, found.edits[0].helper) == ((), "autospan.runtime")


def test_helpers_are_only_those_of_edits() -> None:
    assert planned("f", f={"endless": True}).helpers == ()
    assert planned("f", "shop.bank:g").helpers == (Helper("shop/_tracing.py", "shop._tracing"),)


def test_mark_is_what_helpers_begin_with() -> None:
    from autospan.upkeep import helper_file

    assert helper_file().startswith(MARK)
