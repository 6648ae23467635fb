"""Which functions get a span: within a budget, nothing twice, or the fewest that cover all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from textwrap import dedent

import pytest

from autospan.config import Config
from autospan.model import (
    Candidate,
    Edge,
    Effect,
    Entry,
    Function,
    Graph,
    Place,
    Reason,
    Selection,
    Shape,
    Survey,
    Traced,
)
from autospan.predict.budget import Budget
from autospan.predict.cover import cover
from autospan.quiet import find_quiet
from autospan.selection import selected

FLASK = "opentelemetry-instrumentation-flask"


def graph(
    count: int, calls: dict[int, list[int]], loops: tuple[tuple[int, int], ...] = ()
) -> Graph:
    """Functions f0, f1 … of ten statements, and who calls whom, each call in a line of its own."""
    functions = tuple(
        Function(
            f"m:f{number}", "sync", Place("m.py", 100 * number), 1, 2, shape=Shape(statements=10)
        )
        for number in range(count)
    )
    edges = [
        Edge(caller, callee, 100 * caller + at, "exact", int((caller, callee) in loops))
        for caller, callees in calls.items()
        for at, callee in enumerate(callees)
    ]
    return Graph(functions, (), tuple(edges), (), ())


def survey(*starts: int, effects: tuple[int, ...] = (), traced: tuple[int, ...] = ()) -> Survey:
    """Entry points with a span for free, functions that do I/O, functions with a span."""
    return Survey(
        tuple(
            Entry(each, "http", f"GET /{each}", Place("m.py", each), "", "auto", FLASK)
            for each in starts
        ),
        tuple(Effect(each, "http", "", "requests.get", Place("m.py", each)) for each in effects),
        tuple(Traced(each, "opentelemetry", Place("m.py", each)) for each in traced),
    )


def chosen(
    program: Graph, seen: Survey, *, budget: int = 10, **selection: object
) -> dict[str, str]:
    """Per function that was asked for, in the order of their numbers, why it gets no span."""
    ranked = [
        Candidate(number, number + 1, 0.9 - number / 100, ())
        for number in range(len(program.functions))
    ]
    config = replace(Config(), budget=budget)
    asked = Selection(**selection)
    verdicts = selected(ranked, program, seen, lambda *_: None, config, asked)
    return {f"f{each.function}": verdict[0] if verdict else "" for each, verdict in verdicts}


def test_a_span_too_many_is_left_out_and_the_next_one_taken() -> None:
    program = graph(6, {0: [1, 2, 3], 4: [5]})
    found = chosen(program, survey(0, 4), budget=2, top=4)
    assert found == {"f0": "free", "f1": "", "f2": "", "f3": "budget", "f4": "free", "f5": ""}
    assert "budget" not in chosen(program, survey(0, 4), budget=0, top=6).values()


def test_the_reason_names_the_entry_point_and_the_number() -> None:
    budget = Budget(graph(3, {0: [1, 2]}, loops=((0, 2),)), survey(0), 3)
    assert budget.exceeded(1) == ""
    assert budget.exceeded(2) == "http GET /0 would open 4 internal spans; the budget is 3"
    assert budget.spanned == {1}


def test_loops_count_as_three_rounds_and_multiply() -> None:
    program = graph(4, {0: [1], 1: [2], 2: [3]}, loops=((0, 1), (1, 2)))
    assert chosen(program, survey(0), budget=21, top=9)["f3"] == ""
    assert chosen(program, survey(0), budget=20, top=9)["f3"] == "budget"


def test_spans_that_are_there_count_and_take_places() -> None:
    program = graph(4, {0: [1, 2, 3]})
    seen = survey(0, traced=(1,))
    assert chosen(program, seen, budget=2, top=9)["f3"] == "budget"


def test_all_and_globs_know_no_budget() -> None:
    program = graph(6, {0: [1, 2, 3, 4, 5]})
    assert set(chosen(program, survey(0), budget=1, everything=True).values()) == {""}
    assert chosen(program, survey(0), budget=1, functions=("f2", "f3")) == {"f2": "", "f3": ""}


def thin(program: Graph, *numbers: int) -> Graph:
    functions = list(program.functions)
    for number in numbers:
        functions[number] = functions[number]._replace(shape=Shape(statements=1))
    return replace(program, functions=tuple(functions))


def test_what_a_package_spans_is_not_spanned_again() -> None:
    program = thin(graph(3, {0: [1, 2]}), 1)
    seen = survey(0, effects=(1, 2))
    spanned = replace(seen, effects=tuple(each._replace(package="p") for each in seen.effects))
    assert chosen(program, seen, top=9)["f1"] == ""
    assert chosen(program, spanned, top=9) == {"f0": "free", "f1": "free", "f2": ""}


def test_thin_wrappers_give_way_to_callers_and_callees() -> None:
    program = thin(graph(4, {0: [1], 1: [2], 2: [3]}), 2)
    assert chosen(program, survey(0), top=9) == {"f0": "free", "f1": "", "f2": "thin", "f3": ""}
    alone = thin(graph(3, {0: [1], 1: [2]}), 1)
    assert chosen(alone, survey(0), top=9)["f1"] == ""
    assert chosen(alone, survey(0, traced=(2,)), top=9)["f1"] == "thin"


# --- coverage


def ways(calls: dict[int, list[int]], at: int, targets: set[int]) -> Iterator[set[int]]:
    """The ways from a function to I/O, as sets of functions (the programs have no cycles)."""
    if at in targets:
        yield {at}
    for callee in calls.get(at, []):
        for way in ways(calls, callee, targets):
            yield {at, *way}


@pytest.mark.parametrize("seed", range(40))
def test_coverage_is_complete_and_the_cheapest(seed: int) -> None:
    """Against all subsets of the functions of a small random program."""
    chance = random.Random(seed)
    calls = {
        caller: sorted(chance.sample(range(caller + 1, 9), chance.randint(0, min(3, 8 - caller))))
        for caller in range(8)
    }
    starts = (0, 1)
    targets = {number for number in range(3, 9) if chance.random() < 0.5}
    costs = {number: chance.randint(5, 10) / 10 for number in range(2, 9) if chance.random() < 0.8}
    found = cover(graph(9, calls), survey(*starts, effects=tuple(targets)), costs)
    every = [way for start in starts for way in ways(calls, start, targets)]
    coverable = [way for way in every if way & costs.keys()]
    bare = {way_end for way in every if not way & costs.keys() for way_end in way & targets}
    needed = [way for way in coverable if max(way) not in bare]
    called = {callee: sum(callee in each for each in calls.values()) for callee in range(9)}

    def price(choice: set[int]) -> float:
        return round(sum(costs[each] * max(called[each], 1) for each in choice), 6)

    def covers(choice: set[int]) -> bool:
        return all(way & choice for way in needed)

    reached = set().union(*every) if every else set()
    assert found <= costs.keys()
    assert covers(found)
    subsets = (
        {*choice}
        for size in range(len(found) + 1)
        for choice in combinations(sorted(costs.keys() & reached), size)
    )
    assert price(found) <= min(price(each) for each in subsets if covers(each))


def test_coverage_takes_no_plumbing() -> None:
    """`execute`, which twelve functions call, is part of the I/O."""
    calls = {0: list(range(1, 13)), **{number: [13] for number in range(1, 13)}}
    program, seen = graph(14, calls), survey(0, effects=(13,))
    assert chosen(program, seen, coverage=True) == {f"f{each}": "" for each in range(1, 13)}


def test_what_is_traced_covers_what_it_stands_on() -> None:
    program = graph(4, {0: [1, 2], 1: [3], 2: [3]})
    assert len(chosen(program, survey(0, effects=(3,)), coverage=True)) in (1, 2)
    assert chosen(program, survey(0, effects=(3,), traced=(3,)), coverage=True) == {}


def test_apply_coverage_covers_the_legacy_application() -> None:
    from autospan import pipeline

    legacy = Path(__file__).parent.parent / "fixtures" / "legacy"
    analysis = pipeline.analyze(legacy, Config())
    plan = pipeline.make_plan(analysis, Config(), Selection(coverage=True))
    outlook = pipeline.make_outlook(analysis, plan)
    assert outlook.after.named >= 0.7 * outlook.after.effects > outlook.before.named == 0
    assert not any(each.noisy for each in outlook.traces)
    assert len(plan.edits) < 0.15 * len(analysis.candidates)


SHOP = """
    import flask, requests

    app = flask.Flask(__name__)

    @app.get("/")
    def index():
        for each in range(3):
            load(each)
        return charge(1)

    def load(number):
        fetch(number)
        return number

    def fetch(number):
        found = requests.get(f"https://a.example/{number}")
        return found.json()

    def charge(amount):
        paid = requests.post("https://b.example", json=amount)
        return paid.json()
    """


def test_suggest_coverage_tells_in_every_format(tmp_path: Path) -> None:
    import json
    import re

    from test_cli import run

    (tmp_path / "shop.py").write_text(dedent(SHOP))
    told = run(tmp_path, "suggest", "--coverage").stdout
    assert "the fewest that cover the I/O: 2 of 4 functions" in told
    assert re.search(r"I/O calls under a function's span +0 +→ +2 +of 2", told)
    assert "autospan apply --coverage" in told
    report = json.loads(run(tmp_path, "suggest", "--coverage", "-f", "json").stdout)
    taken = {each["qualname"] for each in report["functions"] if each["selected"]}
    coverage = report["summary"]["coverage"]
    assert (coverage["before"]["named"], coverage["after"]["named"]) == (0, 2)
    page = run(tmp_path, "suggest", "--coverage", "-f", "html").stdout
    assert "autospan diff --coverage" in page
    applied = run(tmp_path, "diff", "--coverage").stdout
    assert {f"shop.{each}" for each in re.findall(r"^ def (\w+)", applied, re.MULTILINE)} == taken
    words = run(tmp_path, "suggest", "--coverage", "--top", "3", code=2).stderr
    assert "--coverage takes as many as it needs: leave --top out" in words


WAITS = Reason("io", 0.1, "does I/O itself", (), 1.0)
RUNS_ONCE = Reason("start-up", -0.1, "runs once", (), 1.0)
COMPUTES = Reason("no-io", -0.1, "only computes", (), 1.0)
STARTS = Reason("entry", 0.1, "starts here", (), 1.0)
HABIT = Reason("team", 0.1, "this team traces 9 of 10 others like it", (), 1.0)


@pytest.mark.parametrize(
    ("reasons", "lines", "why"),
    [
        ((WAITS,), 5, ""),
        ((), 5, "waits for nothing that is known: its caller's span says as much"),
        ((), 40, ""),
        ((COMPUTES,), 90, "only computes"),
        ((STARTS, COMPUTES), 5, ""),
        ((WAITS, RUNS_ONCE), 90, "runs once"),
        ((HABIT, RUNS_ONCE), 5, ""),
        ((COMPUTES, Reason("evidence", 0.2, "takes 40% of the recorded time")), 5, ""),
        ((COMPUTES, Reason("evidence", 0.01, "called 9 times")), 5, "only computes"),
        ((HABIT._replace(weight=-0.1),), 5, "waits for nothing that is known"),
    ],
)
def test_what_a_span_would_tell_nothing_of(
    reasons: tuple[Reason, ...], lines: int, why: str
) -> None:
    program = graph(4, {})
    functions = (program.functions[0]._replace(end_line=lines - 1), *program.functions[1:])
    ranked = [
        Candidate(0, 1, 0.9, reasons),
        *(Candidate(number, number + 1, 0.5, (WAITS,)) for number in (1, 2, 3)),
    ]
    found = quiet(ranked, functions, 0)
    assert found.startswith(why) and bool(found) == bool(why)


def test_where_no_io_is_known_nothing_is_quiet() -> None:
    ranked = [Candidate(number, number + 1, 0.5, ()) for number in range(9)]
    assert quiet(ranked, graph(9, {}).functions, 0) == ""
    ranked[8] = ranked[8]._replace(reasons=(WAITS,))
    assert quiet(ranked, graph(9, {}).functions, 0) == ""
    ranked[7] = ranked[7]._replace(reasons=(WAITS,))
    assert quiet(ranked, graph(9, {}).functions, 0) != ""


def quiet(ranked: list[Candidate], functions: tuple[Function, ...], number: int) -> str:
    """Why the candidate of this number is not offered, "" if it is."""
    verdict = find_quiet(ranked, functions)(ranked[number])
    return verdict[1] if verdict else ""


@pytest.mark.parametrize("limit, told", [(1, [0, 1, 2]), (0, [0, 1, 2, 3])])
def test_what_comes_far_behind_is_no_substitute(limit: int, told: list[int]) -> None:
    program, scores = graph(4, {0: [1, 2]}), (0.6, 0.5, 0.4, 0.29)
    ranked = [Candidate(each, each + 1, score, ()) for each, score in enumerate(scores)]
    config = replace(Config(), budget=limit)
    found = selected(ranked, program, survey(0), lambda *_: None, config, Selection(top=3))
    assert [each.function for each, _ in found] == told
