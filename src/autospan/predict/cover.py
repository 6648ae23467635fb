"""The fewest spans with one on every way from an entry point to an I/O call."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autospan.model import ROUNDS, Graph, Survey
from autospan.predict.calls import THREADS, Calls, calls_of
from autospan.predict.flow import Network

_SCALE = 1000
_PLUMBING = 10
_MOST = 1_000_000


def cover(graph: Graph, survey: Survey, costs: Mapping[int, float]) -> set[int]:
    """The functions, of those that `costs` names, whose spans together cost least and stand on all
    ways from entry points to I/O that can be covered at all; near the entry points, where several
    choices cost the same. What is traced already covers what it stands on. `costs` are those of a
    span that is opened once: every place that calls the function opens one, a loop three. What more
    than ten call is plumbing, part of the I/O itself, and so are wrappers that decorators make.

    Choosing them is to cut a graph in two at its nodes for the least cost, for which the largest
    flow gives the proof (Ford and Fulkerson 1956; Menger 1927).
    """
    calls = calls_of(graph, survey, {THREADS})
    traced = {each.function for each in survey.traced}
    callees: dict[int, set[int]] = {}
    for component in calls.order:
        for node in component:
            below = {calls.functions[each] for each in calls.callees(node)} - traced
            callees.setdefault(calls.functions[node], set()).update(below)
    opened = _opened(calls)
    costs = {
        function: cost * opened.get(function, 1)
        for function, cost in costs.items()
        if opened.get(function, 1) <= _PLUMBING and graph.functions[function].outer is None
    }
    starts = {calls.functions[each] for each in calls.starts} - traced
    doers = {each.function for each in survey.effects if not each.weak} & callees.keys()
    bare = _reached(starts - costs.keys(), callees, costs.keys())
    targets = doers - bare - traced
    useful = _reached(targets, _reversed(callees), ())
    network = Network()
    for function in sorted(useful):
        cost = round(costs[function] * _SCALE) if function in costs else None
        network.join(("in", function), ("out", function), cost)
        for callee in sorted(callees.get(function, set()) & useful):
            network.join(("out", function), ("in", callee), None)
    for function in sorted(starts & useful):
        network.join("source", ("in", function), None)
    for function in sorted(targets):
        network.join(("out", function), "sink", None)
    near = network.source_side("source", "sink")
    return {
        function
        for function in useful & costs.keys()
        if ("in", function) in near and ("out", function) not in near
    }


def _opened(calls: Calls) -> dict[int, int]:
    """How many spans each function would open if all places that call it did so once, loops three
    times; a place in plumbing counts as often as that is called itself."""
    found: dict[int, int] = {}
    seen: set[tuple[int, int, int]] = set()
    for component in reversed(calls.order):
        for node in component:
            caller = calls.functions[node]
            often = found.get(caller, 1)
            for step in calls.steps.get(node, ()):
                callee = calls.functions[step.target] if step.target >= 0 else caller
                if callee != caller and (site := (caller, step.line, callee)) not in seen:
                    seen.add(site)
                    times = (often if often > _PLUMBING else 1) * (ROUNDS if step.loop else 1)
                    found[callee] = min(found.get(callee, 0) + times, _MOST)
    return found


def _reached(
    starts: Collection[int], callees: Mapping[int, set[int]], stops: Collection[int]
) -> set[int]:
    found: set[int] = set()
    pending = list(starts)
    while pending:
        function = pending.pop()
        if function not in found and function not in stops:
            found.add(function)
            pending += callees.get(function, ())
    return found


def _reversed(edges: Mapping[int, set[int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, others in edges.items():
        for other in others:
            found.setdefault(other, set()).add(one)
    return found
