"""`rank`: the signals one by one, what lowers a score, and that the reasons add up to it."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from autospan import signals
from autospan.catalog import packs
from autospan.knowledge import load
from autospan.link import link
from autospan.model import (
    Candidate,
    Decoration,
    Edge,
    Effect,
    Entry,
    Function,
    Graph,
    Parameter,
    Place,
    Shape,
    Site,
    Source,
    Survey,
    Traced,
    Tree,
)
from autospan.paths import trace_paths
from autospan.rank import rank
from autospan.read import read
from autospan.recognize import recognize
from autospan.signals import SIGNALS

BODY = Shape(statements=3, calls=3, lines=5)


def graph(*names: str, edges: str = "", sites: tuple[Site, ...] = (), **changes: object) -> Graph:
    """Functions 0, 1, … of a module `m`, and edges like `0>1 1>2*` (`*`: in a loop, `?`: guessed,
    `@`: in a context of its own)."""
    functions = tuple(
        Function(f"m:{name}", "sync", Place("m.py", 10 * number), 10 * number, 10 * number + 5)
        ._replace(shape=BODY)
        for number, name in enumerate(names, 1)
    )  # fmt: skip
    functions = tuple(each._replace(**changes.get(each.short, {})) for each in functions)
    return Graph(functions, (), tuple(edge(each) for each in edges.split()), sites, ())


def edge(text: str) -> Edge:
    caller, _, callee = text.rstrip("*?").partition(">")
    confidence = "guessed" if text.endswith("?") else "exact"
    (caller, inside), (callee, into) = (
        (part.partition("@")[0], int(part.partition("@")[2] or 0)) for part in (caller, callee)
    )
    return Edge(int(caller), int(callee), 1, confidence, int(text.endswith("*")), (inside, into))


def effect(function: int, call: str = "db.run", **more: object) -> Effect:
    return Effect(function, "db", "db", call, Place("m.py", function), **more)


def entry(function: int, name: str = "GET /", kind: str = "http", **more: object) -> Entry:
    return Entry(function, kind, name, Place("m.py", function), "seen", **more)


def survey(*found: Effect | Entry) -> Survey:
    entries = tuple(sorted(each for each in found if isinstance(each, Entry)))
    return Survey(entries, tuple(each for each in found if isinstance(each, Effect)))


def reasons(candidates: tuple[Candidate, ...], function: int) -> dict[str, tuple[float, str]]:
    (found,) = (each for each in candidates if each.function == function)
    return {each.signal: (each.weight, each.words) for each in found.reasons}


def shares(graph: Graph, survey: Survey = survey(), function: int = 0) -> dict[str, float]:  # noqa: B008
    return {name: share for name, (share, _) in reasons(rank(graph, survey), function).items()}


def words(graph: Graph, survey: Survey, signal: str, function: int = 0) -> str:
    return reasons(rank(graph, survey), function)[signal][1]


def score(graph: Graph, survey: Survey = survey(), function: int = 0) -> float:  # noqa: B008
    return next(each.score for each in rank(graph, survey) if each.function == function)


WEIGHTS = {each.name: each.weight for each in SIGNALS}


def test_weights_add_up_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert list(WEIGHTS.values()) == sorted(WEIGHTS.values(), reverse=True)


# --- signals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ((effect(0),), ()),
        ((effect(0, loop=1),), (effect(0),)),
        ((effect(0),), (effect(0, weight=0.5),)),
        ((effect(0),), (effect(0, package="otel-db"),)),
        ((effect(0), effect(0, "db.other")), (effect(0), effect(0))),
    ],
    ids=["any", "loop", "remote", "not free", "several"],
)
def test_own_effects(more: tuple[Effect, ...], less: tuple[Effect, ...]) -> None:
    one, other = (shares(graph("f"), survey(*each)).get("io", 0) for each in (more, less))
    assert other < one <= WEIGHTS["io"]


def test_own_effects_in_words() -> None:
    found = survey(
        effect(0, "?conn.run", weak=True, weight=0.5),
        effect(0, "builtins.open", loop=2),
    )
    said = words(graph("f"), found, "io")
    assert said == "does I/O itself: open [db] in a loop, conn.run [db] (by its name)"


def test_effects_fade_with_every_call() -> None:
    chain = graph("a", "b", "c", "d", edges="0>1 1>2 2>3")
    found = survey(effect(3))
    told = [shares(chain, found, each).get("io-reach", 0) for each in range(4)]
    assert told == pytest.approx([WEIGHTS["io-reach"] * 0.8**n for n in (3, 2, 1)] + [0], abs=1e-4)
    said = words(chain, found, "io-reach")
    assert said == "reaches db I/O (db.run) 3 calls down, through m.b"


def test_guessed_edges_and_weak_effects_count_less() -> None:
    assert "io-reach" not in shares(graph("a", "b", edges="0>1?"), survey(effect(1)))
    sure, weak = (
        shares(graph("a", "b", edges="0>1"), survey(effect(1, weak=each)))["io-reach"]
        for each in (False, True)
    )
    assert weak == pytest.approx(sure / 2, abs=1e-4)


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ("0>1", None),
        ("0>1 0>2", "puts 2 I/O steps together"),
        ("0>1*", "repeats an I/O step in a loop (N+1)"),
        ("0>1* 0>2", "puts 2 I/O steps together, 1 of them in a loop (N+1)"),
        ("0>1 0>3", None),  # d does no I/O
        ("0>1 0>0*", None),
    ],
)
def test_steps(edges: str, said: str | None) -> None:
    found = survey(effect(1), effect(2))
    told = reasons(rank(graph("a", "b", "c", "d", edges=edges), found), 0)
    assert told.get("io-steps", (0, None))[1] == said


def test_entry_points_lead_here() -> None:
    chain = graph("a", "b", "c", "lonely", edges="0>2 1>2")
    found = survey(entry(0, "GET /a"), entry(1, "GET /b"))
    told = [shares(chain, found, each).get("entry-reach", 0) for each in range(4)]
    assert told[2] > told[0] == told[1] > told[3] == 0
    said = words(chain, found, "entry-reach", 2)
    assert said == "on the way of 2 entry points: http GET /a, http GET /b"


def test_entry_points_are_counted_past_those_that_are_named() -> None:
    names = [f"e{number}" for number in range(40)]
    many = graph(*names, "f", edges=" ".join(f"{number}>40" for number in range(40)))
    found = survey(*(entry(number, f"GET /{number:02}") for number in range(40)))
    assert words(many, found, "entry-reach", 40).startswith("on the way of 40 entry points: http")
    assert shares(many, found, 40)["entry-reach"] == WEIGHTS["entry-reach"]


def test_fan_out() -> None:
    def fan(count: int) -> float:
        names = [f"f{number}" for number in range(count + 1)]
        edges = " ".join(f"0>{number}" for number in range(1, count + 1))
        return shares(graph(*names, edges=edges)).get("fan-out", 0)

    assert fan(0) == 0 < fan(1) < fan(5) < fan(11) < fan(20) == fan(40) == WEIGHTS["fan-out"]
    twice = graph("a", "b", "c", edges="0>1 0>1* 0>2 0>0")
    assert words(twice, survey(), "fan-out") == "puts 2 functions of the project to work"


@pytest.mark.parametrize(
    "changes",
    [{"trivial": "a stub"}, {"name": "m:A.__len__"}, {"decorators": ("property",)}],
    ids=str,
)
def test_what_does_no_work_does_not_count(changes: dict[str, object]) -> None:
    assert "fan-out" not in shares(graph("a", "b", edges="0>1", b=changes))
    assert "fan-out" not in shares(graph("a", "b", edges="0>1?"))


def test_what_is_nested_calls_for_the_function_around_it() -> None:
    inner = graph("a", "b", "c", edges="1>2", b={"outer": 0})
    assert words(inner, survey(), "fan-out") == "puts a function of the project to work"
    assert words(inner, survey(effect(1)), "io").startswith("does I/O itself")


def test_what_defines_entry_points_runs_once() -> None:
    made = graph("make_app", "view", view={"outer": 0})
    found = reasons(rank(made, survey(entry(1))), 0)
    share, said = found["factory"]
    assert share < 0 and said == "runs once, to define an entry point"
    assert "factory" not in reasons(rank(made, survey()), 0)


@pytest.mark.parametrize("by", [((1,), "m.other"), ((), "m.retry")], ids=["handed", "made"])
def test_decorators_run_at_import(by: tuple[tuple[int, ...], str]) -> None:
    handed, name = by
    plain = graph("pay", "retry")
    found = replace(plain, decorations=(Decoration(0, -1, 1, name, False, (), handed),))
    assert reasons(rank(found, survey()), 1)["factory"][1].startswith("a decorator: runs at import")
    assert "factory" not in reasons(rank(found, survey()), 0)
    assert "factory" not in reasons(rank(plain, survey()), 1)


def test_calls_into_other_files() -> None:
    far = {"place": Place("far.py", 1)}
    assert (
        words(graph("a", "b", edges="0>1", b=far), survey(), "files") == "calls into another file"
    )
    assert "files" not in shares(graph("a", "b", edges="0>1"))


def test_io_flows_up() -> None:
    fan = graph("a", "b", "c", "d", edges="0>1 0>2 3>1")
    found = survey(effect(1), effect(2))
    told = [shares(fan, found, each)["flow"] for each in range(4)]
    assert told[0] == told[1] > told[3] > 0
    assert "flow" not in shares(fan, survey(), 0)


def test_size() -> None:
    def size(lines: int, **shape: int) -> float:
        changes = {"end_line": 9 + lines, "shape": Shape(statements=lines, **shape)}
        return shares(graph("f", f=changes)).get("size", 0)

    found = [size(count) for count in (1, 4, 10, 40, 150, 400)]
    assert found == sorted(found) and found[0] == 0 < found[1] < found[3] < found[4] == found[5]
    big = graph("f", f={"shape": Shape(9, branches=2, loops=3), "end_line": 18})
    assert words(big, survey(), "size") == "non-trivial: 9 lines, 2 branches, 3 loops"


def test_layer_and_action() -> None:
    def told(name: str, owner: int | None = None) -> set[str]:
        named = shares(graph("f", f={"name": name, "owner": owner}))
        return {"layer", "action"} & set(named)

    assert told("shop.x:OrderService.total", 0) == {"layer"}
    assert told("shop.service:total") == set()  # the module's name is not the class's
    assert told("shop.x:Service.total") == set()  # a function in a function: no class owns it
    assert told("shop.x:_process_all") == {"action"}
    assert told("shop.x:processed") == set()


@pytest.mark.parametrize(
    ("edges", "below"),
    [
        ("0>1 1>2 1>3", [3, 2, 0, 0]),
        ("0>1 0>2 1>3 2>3", [3, 0, 0, 0]),  # two ways to the last: only where they part is needed
        ("0>1 1>2 2>1 3>2", [0, 0, 0, 0]),  # who starts elsewhere gets there too
        ("0>1 0>2? 2>3", [1, 0, 1, 0]),  # guessed calls do not count
    ],
)
def test_the_only_way_to_others(edges: str, below: list[int]) -> None:
    found = graph("a", "b", "c", "d", edges=edges)
    told = [reasons(rank(found, survey()), each).get("dominance", (0, ""))[1] for each in range(4)]
    said = {0: "", 1: "the only way to a function"}
    assert told == [said.get(count, f"the only way to {count} functions") for count in below]


def test_entry_points_are_ways_of_their_own() -> None:
    chain = graph("a", "b", "c", edges="0>1 1>2")
    assert "dominance" in shares(chain, survey(), 0)
    assert "dominance" not in shares(chain, survey(entry(1), entry(2)), 0)


def test_what_no_callee_shows() -> None:
    fan = graph("a", "b", "c", "d", edges="0>1 0>2 3>1")
    told = reasons(rank(fan, survey(effect(1), effect(2))), 0)
    assert told["novelty"][1].endswith("no callee's span would show more than 50% of it")
    found = survey(effect(1), effect(2))
    assert "novelty" not in shares(fan, found, 3)  # all of its I/O is that of the one it calls
    assert words(fan, found, "novelty", 1) == "its I/O is its own: no callee's span shows it"


def test_what_is_called_in_loops_and_what_calls_itself() -> None:
    found = graph("a", "b", "c", "d", edges="0>1* 0>2* 3>2 3>3")
    assert reasons(rank(found, survey()), 1)["hot"][0] < reasons(rank(found, survey()), 2)["hot"][0]
    assert "hot" not in reasons(rank(found, survey(effect(1))), 1)
    assert "recursive" in reasons(rank(found, survey()), 3)
    assert "recursive" not in reasons(rank(graph("a", edges="0>0?"), survey()), 0)


def test_parameters() -> None:
    def told(count: int) -> float:
        own = tuple(Parameter(f"p{number}", "standard") for number in range(count))
        own = (Parameter("self", "standard"), *own)
        return shares(graph("f", f={"parameters": own})).get("parameters", 0)

    assert told(0) == 0 < told(1) < told(4) < told(10) == told(12) == WEIGHTS["parameters"]


def test_entry_points_that_nobody_spans() -> None:
    for root, counts in ((None, True), ("auto", False), ("manual", False)):
        found = shares(graph("f"), survey(entry(0, root_span=root)))
        assert ("entry" in found) is counts


@pytest.mark.parametrize("kind", ["event", "http_hook"])
def test_signals_are_handled_in_the_trace_of_whoever_sends(kind: str) -> None:
    assert "entry" not in shares(graph("f"), survey(entry(0, kind=kind)))


def test_typed_and_decorated() -> None:
    def told(**changes: object) -> dict[str, float]:
        return shares(graph("f", f=changes))

    half = (Parameter("self", "standard"), Parameter("a", "standard", "int"))
    half += (Parameter("b", "standard"),)
    assert told(parameters=half)["typed"] == pytest.approx(WEIGHTS["typed"] / 2, abs=1e-4)
    assert "typed" not in told(parameters=half[2:])
    assert "decorated" in told(decorators=("retry(3)",))
    assert "decorated" not in told(decorators=("staticmethod", "abc.abstractmethod"))


def test_large_classes_and_files() -> None:
    methods = {f"f{number}": {"owner": 0} for number in range(6)}
    large = graph(*methods, **methods)
    assert words(large, survey(), "door") == "a public method of a class that has 6"
    assert "door" not in shares(graph("f", f={"owner": 0}))
    private = graph(*methods, **{**methods, "f0": {"owner": 0, "name": "m:A._f0"}})
    assert "door" not in shares(private)
    assert words(large, survey(), "file-size") == "functions of this file have 6 lines as a rule"


def test_care() -> None:
    def care(logs: int = 0, handlers: int = 0, docstring: bool = False) -> float:
        sites = tuple(Site(0, line, "?logger.info") for line in range(logs))
        changes = {"shape": BODY._replace(handlers=handlers), "docstring": docstring}
        return shares(graph("f", sites=sites, f=changes)).get("care", 0)

    assert care() == 0 < care(docstring=True) < care(logs=1) < care(logs=2)
    assert care(logs=2, handlers=1, docstring=True) == WEIGHTS["care"]
    assert care(logs=9) == care(logs=2)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("?logger.info", True),
        ("?log.info", True),
        ("logging.info", True),
        ("logging.Logger.info", True),
        ("?self.logger.error", True),
        ("catalog.find", False),
        ("?dialog.open", False),
        ("math.log", False),
    ],
)
def test_what_counts_as_a_log(name: str, counts: bool) -> None:
    found = reasons(rank(graph("f", sites=(Site(0, 1, name),)), survey()), 0)
    assert ("care" in found) == counts


# --- discounts ----------------------------------------------------------------------------------

DISCOUNTS = {
    "trivial": {"trivial": "only `pass`"},
    "special": {"name": "m:A.__str__"},
    "constructor": {"name": "m:A.__init__"},
    "property": {"decorators": ("functools.cached_property",)},
    "endless": {"endless": True},
    "nested": {"outer": 1},
    "class-method": {"decorators": ("classmethod",)},
    "context-manager": {"decorators": ("contextlib.asynccontextmanager",)},
    "conversion": {"name": "m:to_json"},
}


@pytest.mark.parametrize("name", DISCOUNTS)
def test_discounts(name: str) -> None:
    plain, changed = (
        rank(graph("f", "g", edges="0>1", f=each), survey(effect(0)))
        for each in ({}, DISCOUNTS[name])
    )
    assert name not in reasons(plain, 0)
    share, said = reasons(changed, 0)[name]
    assert share < 0 and said


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": "m:A.__call__"}, "special"),
        ({"endless": True, "kind": "generator"}, "endless"),
        ({"endless": True, "kind": "async generator"}, "endless"),
        ({"decorators": ("propertyless",)}, "property"),
    ],
)
def test_no_discount(changes: dict[str, object], name: str) -> None:
    assert name not in reasons(rank(graph("f", f=changes), survey(effect(0))), 0)


def test_what_serves_goes_on_and_what_it_calls_before_runs_once() -> None:
    names = ("main", "options", "serve", "view", "load", "loop", "job", "batch", "step")
    edges = "0>1 0>2 1>4 3>4 5>6* 7>8"
    found = Survey(
        tuple(sorted((entry(0, kind="cli"), entry(3), entry(7, kind="cli")))),
        standing=((2, "the program"), (5, "")),
    )
    candidates = rank(graph(*names, edges=edges, loop={"standing": "flag"}), found)
    by_name = {name: reasons(candidates, number) for number, name in enumerate(names)}
    assert {name for name, each in by_name.items() if "endless" in each} == {
        "main",
        "serve",
        "loop",
    }
    assert {name for name, each in by_name.items() if "start-up" in each} == {"options"}


@pytest.mark.parametrize(
    ("edges", "once"),
    [("0>1", True), ("0>1 3>1", False), ("0>1 3>1?", False), ("0>1 1>1", True), ("1>2 2>1", False)],
)
def test_what_only_modules_call_runs_at_import(edges: str, once: bool) -> None:
    called = graph("m", "f", "g", "h", edges=edges, m={"kind": "module"})
    assert ("start-up" in shares(called, survey(), 1)) == once


def test_what_is_called_before_an_endless_loop_runs_once() -> None:
    called = graph("main", "prepare", "work", edges="0>1 0>2*", main={"endless": True})
    candidates = rank(called, survey(entry(0, kind="main")))
    assert "start-up" in reasons(candidates, 1)
    assert "start-up" not in reasons(candidates, 2)


def test_what_may_serve_is_a_program_like_others() -> None:
    main = {"choices": ((1, 1, 0),)}
    found = Survey((entry(0, kind="cli"),), standing=((1, "the program"),))
    candidates = rank(graph("main", "serve", "batch", edges="0>1 0>2", main=main), found)
    assert "endless" in reasons(candidates, 1)
    assert not {"endless", "start-up"} & (reasons(candidates, 0).keys() | reasons(candidates, 2))


@pytest.mark.parametrize(
    ("entries", "edges"),
    [
        ((entry(3, kind="cli"),), "3>0@1 0@1>1 4>0@2 0@2>2"),  # a decorator's wrapper
        ((entry(2),), "2>1 3>1"),  # a request does not serve
    ],
)
def test_only_programs_serve(entries: tuple[Entry, ...], edges: str) -> None:
    called = graph("wrapper", "serve", "work", "main", "anybody", edges=edges)
    candidates = rank(called, Survey(entries, standing=((1, "the program"),)))
    serving = {n for n in range(5) if "endless" in reasons(candidates, n)}
    assert serving == {1, 3}


def test_entry_points_that_are_free() -> None:
    found = survey(effect(0), entry(0, root_span="auto", package="otel-flask"))
    share, said = reasons(rank(graph("f"), found), 0)["free"]
    assert share < 0 and said.startswith("otel-flask opens this entry point's span for free")
    for root in (None, "manual"):
        assert "free" not in shares(graph("f"), survey(effect(0), entry(0, root_span=root)))


def test_plumbing_is_called_by_many_and_calls_few() -> None:
    callers = " ".join(f"{number}>0" for number in range(1, 6))
    names = ["f", *"abcde", "x", "y", "z", "w"]
    assert "plumbing" in shares(graph(*names, edges=callers), survey(effect(0)))
    assert "plumbing" not in shares(graph(*names, edges=callers[:-4]), survey(effect(0)))
    busy = graph(*names, edges=f"{callers} 0>6 0>7 0>8 0>9")
    assert "plumbing" not in shares(busy, survey(effect(0)))
    long = graph(*names, edges=callers, f={"shape": Shape(21, calls=3)})
    assert "plumbing" not in shares(long, survey(effect(0)))


@pytest.mark.parametrize(
    ("sites", "edges", "found", "computes"),
    [
        ("json.dumps ?names.append ?text.split", "0>1", (), True),
        ("", "0>1 1>0", (), True),
        ("", "0>1", (effect(1),), False),
        ("", "0>1?", (effect(1),), False),
        ("tornado.escape.json_decode", "0>1", (), False),
        ("?cursor.commit", "0>1", (), False),
    ],
)
def test_what_only_computes(
    sites: str, edges: str, found: tuple[Effect, ...], computes: bool
) -> None:
    called = tuple(Site(1, 1, name) for name in sites.split())
    share = shares(graph("f", "g", edges=edges, sites=called), survey(*found)).get("no-io", 0)
    assert (share < 0) == computes


def test_who_asks_a_person_waits_for_them() -> None:
    asked = graph("a", "b", "c", edges="0>1 1>2", sites=(Site(2, 1, "getpass.getpass"),))
    discounted = [n for n in range(3) if "interactive" in shares(asked, survey(effect(2)), n)]
    assert discounted == [1, 2]


def test_what_awaits_does_not_only_compute() -> None:
    pair = graph("a", "b", edges="0>1", b={"shape": BODY._replace(awaits=2)})
    assert words(pair, survey(), "awaits", 1) == "awaits 2 times"
    assert "no-io" not in shares(pair)


def test_bodies_without_statements_are_trivial() -> None:
    assert "trivial" in shares(graph("f", f={"shape": Shape()}), survey(effect(0)))


def test_classes_of_properties_hold_data() -> None:
    changes = {"owner": 0, "decorators": ("property",)}
    record = graph("f", "g", f={"owner": 0}, g=changes)
    assert words(record, survey(), "record") == "50% of its class are properties: it holds data"


# --- learning -----------------------------------------------------------------------------------


def team(*traced: int, size: int = 40) -> list[float]:
    """Scores of functions in two files of `size` each, some of the first being traced."""
    names = [f"f{number}" for number in range(2 * size)]
    places = {
        name: {"place": Place("ab"[number >= size] + ".py", number + 1), "end_line": number + 6}
        for number, name in enumerate(names)
    }
    found = tuple(Traced(each, "by hand", Place("a.py", each + 1)) for each in traced)
    ranked = rank(graph(*names, **places), Survey(traced=found))
    return [each.score for each in sorted(ranked)]


def test_what_is_like_what_the_team_traces_rises() -> None:
    before, after = team(), team(*range(10))
    assert len(set(before)) == 1
    assert after[20] > before[20] > after[60]
    assert after == team(*range(10))


def test_few_spans_move_nothing_some_move_little() -> None:
    before, four, five, twenty = team(), team(*range(4)), team(*range(5)), team(*range(20))
    assert four == before
    risen = five[30] - before[30]
    assert 0 < risen < 0.7 * (twenty[30] - before[30])
    assert before[60] - five[60] < 0.3 * before[60]


def test_a_traced_function_does_not_vouch_for_itself() -> None:
    after = team(*range(5))
    assert after[0] < after[20]


def test_learning_says_why_and_can_be_left() -> None:
    found = Survey(traced=tuple(Traced(each, "by hand", Place("m.py", 1)) for each in range(5)))
    some = graph(*"abcdefgh")
    share, said = reasons(rank(some, found), 6)["team"]
    assert share > 0 and said == "this team traces 5 of 7 other functions of its file"
    assert rank(some, found, learning=False) == rank(some, Survey())


def test_nothing_is_learned_from_what_autospan_wrote() -> None:
    found = tuple(Traced(each, "autospan", Place("m.py", 1)) for each in range(5))
    some = graph(*"abcdefgh")
    assert rank(some, Survey(traced=found)) == rank(some, Survey())


# --- paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edges", ["0>0", "0>1 1>0", "0>1 1>2 2>0", "0>1 1>2 2>1", "0>1 1>0 1>2 2>1 2>2 0>2"]
)
def test_recursion_ends(edges: str) -> None:
    looped = graph("a", "b", "c", edges=edges)
    paths = trace_paths(looped, survey(effect(2), entry(0)))
    for candidate in rank(looped, survey(effect(2), entry(0))):
        assert 0 <= candidate.score <= 1
    if "2" in edges:
        assert paths.reach[0].effect == effect(2)
        assert paths.entry_count == {0: 1, 1: 1, 2: 1}


def test_everyone_in_a_circle_reaches_what_one_of_them_does() -> None:
    size = 9
    for does in range(size):
        circle = " ".join(f"{number}>{(number + 1) % size}" for number in range(size))
        paths = trace_paths(graph(*"abcdefghi", edges=circle), survey(effect(does)))
        assert sorted(paths.reach) == list(range(size)), does


def test_a_long_chain_does_not_recurse() -> None:
    size = 3000
    chain = " ".join(f"{number}>{number + 1}" for number in range(size - 1))
    long = graph(*(f"f{number}" for number in range(size)), edges=chain)
    paths = trace_paths(long, survey(effect(size - 1), entry(0)))
    assert paths.reach[0].depth == size - 1
    assert paths.entry_count[size - 1] == 1


DECORATED = """
    import flask, requests
    app = flask.Flask("x")

    def traced(function):
        def wrapper(*args):
            return function(*args)
        return wrapper

    @traced
    def charge(): return requests.post("http://bank")

    @traced
    def render(): return str(1)

    @app.route("/buy")
    def buy(): return charge()

    @app.route("/show")
    def show(): return render()
    """


def analyzed(text: str) -> tuple[Graph, Survey]:
    source = Source("m.py", "m", False, textwrap.dedent(text).encode(), "utf-8", "")
    knowledge = load(packs())
    linked = link([read(source)], knowledge)
    return linked, recognize(linked, knowledge, Tree("/", (source,)))


def test_contexts_of_a_decorator_are_not_mixed() -> None:
    """A wrapper is on everybody's way; what lies behind it, on that of its own callers."""
    linked, found = analyzed(DECORATED)
    names = {each.short: number for number, each in enumerate(linked.functions)}
    paths = trace_paths(linked, found)
    on_the_way = {
        name: {found.entries[each].function for each in paths.entries.get(number, ())}
        for name, number in names.items()
    }
    buy, show = names["buy"], names["show"]
    assert (on_the_way["charge"], on_the_way["render"]) == ({buy}, {show})
    assert on_the_way["wrapper"] == {buy, show}
    assert paths.reach[buy].effect.call == "requests.post"
    assert show not in paths.reach


def test_order_flow_comes_first() -> None:
    linked, found = analyzed(
        """
        import requests, flask
        app = flask.Flask("x")

        class OrderService:
            def place(self, cart):
                '''Place an order.'''
                total = 0
                for line in cart:
                    total += self.price(line)
                try:
                    self.charge(total)
                except ValueError:
                    return None
                return total

            def price(self, line):
                answer = requests.get("http://prices", params=line)
                return answer.json()["price"]

            def charge(self, total):
                return requests.post("http://bank", json=total)

            def __repr__(self):
                return "x" + str(self)

        @app.route("/orders")
        def orders():
            return OrderService().place(load())

        def load(): return [1]

        def unused(a):
            b = a + 1
            return b
        """
    )
    ranked = [linked.functions[each.function].short for each in rank(linked, found)]
    assert ranked[0] == "place"
    assert set(ranked[:4]) == {"place", "price", "charge", "orders"}
    assert "<module>" not in ranked


# --- as a whole ---------------------------------------------------------------------------------


def check(candidates: tuple[Candidate, ...], count: int) -> None:
    """What holds of any ranking."""
    assert [each.rank for each in candidates] == list(range(1, len(candidates) + 1))
    assert len({each.function for each in candidates}) == len(candidates) <= count
    scores = [each.score for each in candidates]
    assert scores == sorted(scores, reverse=True)
    for each in candidates:
        assert 0 <= each.score <= 1
        assert each.score == pytest.approx(sum(reason.weight for reason in each.reasons), abs=1e-4)
        assert all(reason.words for reason in each.reasons)
        weights = [abs(reason.weight) for reason in each.reasons]
        assert weights == sorted(weights, reverse=True)
        signals = [reason.signal for reason in each.reasons]
        assert len(signals) == len(set(signals))


NAMES = ["m:f", "m:g", "m:A.run", "m:A.__init__", "m:A.__str__", "shop.orders:Service.x"]
NAMES += ["m:<lambda1>"]
KINDS = ["sync", "async", "generator", "async generator", "module"]
T = TypeVar("T")


def any_program(seed: int) -> tuple[Graph, Survey]:
    """Any graph, and any survey of it. (Drawn by Hypothesis, each takes fifty times as long.)"""
    draw = random.Random(seed)
    functions = tuple(any_function(draw, line) for line in range(1, draw.randint(2, 10)))

    def number() -> int:
        return draw.randrange(len(functions))

    def small() -> int:
        return draw.choice([0, draw.randint(1, 30)])

    def place() -> Place:
        return Place("m.py", small())

    def several(most: int, make: Callable[[], T]) -> tuple[T, ...]:
        return tuple(make() for _ in range(draw.randint(0, most)))

    def an_edge() -> Edge:
        sure = draw.choice(["exact", "inferred", "guessed"])
        contexts = (draw.randint(0, 2), draw.randint(0, 2))
        return Edge(number(), number(), small(), sure, draw.randint(0, 2), contexts)

    def an_effect() -> Effect:
        call, remote = draw.choice(["a.b", "?c.d"]), draw.choice([0.0, draw.random(), 1.0])
        more = (draw.random() < 0.5, small(), draw.choice(["", "otel"]))
        return Effect(number(), "db", "x", call, place(), remote, *more)

    def an_entry() -> Entry:
        root = draw.choice([None, "auto", "manual"])
        return Entry(number(), "http", draw.choice("xy"), place(), "seen", root)

    sites = several(4, lambda: Site(number(), small(), draw.choice(["?log.info", "a.b"])))
    graph = Graph(functions, (), tuple(sorted(several(20, an_edge))), sites, ())
    return graph, Survey(several(5, an_entry), several(5, an_effect))


def any_function(draw: random.Random, line: int) -> Function:
    return Function(
        draw.choice(NAMES), draw.choice(KINDS), Place("m.py", line), line, line + 3
    )._replace(
        shape=Shape(*(draw.choice([0, draw.randint(1, 30)]) for _ in range(9))),
        trivial=draw.choice(["", "", "a stub"]),
        endless=draw.random() < 0.5,
        docstring=draw.random() < 0.5,
        outer=draw.choice([None, None, 0]),
        decorators=draw.choice([(), ("property",)]),
    )


@pytest.mark.parametrize("seed", range(100))
def test_any_program(seed: int) -> None:
    linked, found = any_program(seed)
    candidates = rank(linked, found)
    check(candidates, len(linked.functions))
    assert candidates == rank(linked, found)


@pytest.mark.parametrize("seed", range(100))
def test_order_of_what_is_known_does_not_matter(seed: int) -> None:
    linked, found = any_program(seed)
    draw = random.Random(seed)
    shuffled = replace(
        linked,
        edges=tuple(draw.sample(linked.edges, len(linked.edges))),
        sites=tuple(draw.sample(linked.sites, len(linked.sites))),
    )
    assert rank(shuffled, found) == rank(linked, found)


def test_equal_scores_are_ordered_by_place() -> None:
    same = graph(*"jihgf")
    assert [each.function for each in rank(same, survey())] == [0, 1, 2, 3, 4]


def test_nothing_to_rank() -> None:
    assert rank(Graph((), (), (), (), ()), Survey()) == ()


# --- what is told -------------------------------------------------------------------------------


def test_a_score_is_the_sum_of_values_times_weights() -> None:
    program = graph("a", "b", "m", edges="0>1*", b={"decorators": ("classmethod", "retry")})
    found = rank(program, survey(entry(0, root_span="auto"), effect(1)))
    weights = {each.name: each.weight for each in (*SIGNALS, *signals.DISCOUNTS)}
    for candidate in found:
        by_signal = {each.signal: each for each in candidate.reasons}
        left = total = 0.0
        for signal in weights:
            if reason := by_signal.get(signal):
                if reason.weight > 0:
                    assert reason.weight == pytest.approx(reason.value * weights[signal], abs=5e-5)
                else:
                    taken = reason.value * weights[signal] * left
                    assert reason.weight == pytest.approx(-taken, abs=5e-5)
                left += reason.weight
        total = sum(each.weight for each in candidate.reasons)
        assert candidate.score == pytest.approx(left, abs=5e-5) == pytest.approx(total, abs=5e-5)


def test_what_sets_a_function_apart_is_told() -> None:
    names = ("send", *(f"f{number}" for number in range(9)))
    found = rank(graph(*names, edges=" ".join(f"0>{n}" for n in range(1, 4))), survey())
    told = {each.function: [reason.signal for reason in each.telling] for each in found}
    assert told[0][0] == "fan-out"
    assert "action" not in told[0]  # a name is told where there is nothing better
