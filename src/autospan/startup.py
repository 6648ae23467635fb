"""What runs once, before the work begins: at import, and until a server serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from autospan.model import Edge, Graph, Survey

_PROGRAMS = frozenset(("cli", "main"))


class Startup(NamedTuple):
    """The functions (indices) that go on until the program is stopped, as they call what serves,
    and those that only these and module bodies call: they run once."""

    serving: frozenset[int]
    once: frozenset[int]


def find_startup(graph: Graph, survey: Survey) -> Startup:
    """What runs once is what nothing else may lead to, not even by a guess: no entry point besides,
    and no function of which no caller is known, for anybody may call that, at any time."""
    edges = [edge for edge in graph.edges if edge.confidence != "guessed"]
    waits = {function for function, life in survey.standing if life == "the program"}
    serving = _closed(
        waits,
        (edge for edge in edges if _always(graph, edge) and not _is_module(graph, edge.caller)),
        lambda edge: (edge.callee, edge.caller),
    )
    again = _starts(graph, survey, edges, serving)
    again |= {edge.callee for edge in edges if edge.caller in serving and _repeats(graph, edge)}
    repeated = _closed(
        again - serving,
        (edge for edge in graph.edges if edge.caller not in serving),
        lambda edge: (edge.caller, edge.callee),
    )
    modules = {edge.caller for edge in edges if _is_module(graph, edge.caller)}
    reached = _closed(modules | serving, edges, lambda edge: (edge.caller, edge.callee))
    return Startup(frozenset(serving), frozenset(reached - repeated - serving))


def _starts(graph: Graph, survey: Survey, edges: Iterable[Edge], serving: set[int]) -> set[int]:
    """Where anything may begin that can begin twice."""
    called = {edge.callee for edge in edges}
    entered = {entry.function for entry in survey.entries}
    imported = {
        number
        for number, each in enumerate(graph.functions)
        if each.kind == "module" and number not in entered
    }
    found = set(range(len(graph.functions))) - called - imported
    guards = _guarded(graph, edges)
    return (found | entered | guards) - serving


def _guarded(graph: Graph, edges: Iterable[Edge]) -> set[int]:
    """What `if __name__ == "__main__"` calls: a program, whose module may be imported."""
    places = {file: (first, last) for file, first, last in graph.guards}
    found: set[int] = set()
    for edge in edges:
        if _is_module(graph, edge.caller):
            first, last = places.get(graph.functions[edge.caller].place.file, (0, -1))
            if first <= edge.line <= last:
                found.add(edge.callee)
    return found


def _repeats(graph: Graph, edge: Edge) -> bool:
    """Whether a call may stand in the loop of what goes on until it is told to stop."""
    return bool(edge.loop or graph.functions[edge.caller].standing)


def _is_module(graph: Graph, number: int) -> bool:
    return graph.functions[number].kind == "module"


def _always(graph: Graph, edge: Edge) -> bool:
    """Whether the caller makes the call whenever it runs."""
    choices = graph.functions[edge.caller].choices
    return not any(first <= edge.line <= last for first, last, _ in choices)


def _closed(
    starts: Iterable[int], edges: Iterable[Edge], ends: Callable[[Edge], tuple[int, int]]
) -> set[int]:
    """All that one comes to from `starts`, over edges in the direction that `ends` gives."""
    following: dict[int, list[int]] = {}
    for source, target in map(ends, edges):
        following.setdefault(source, []).append(target)
    found, pending = set(starts), list(starts)
    while pending:
        new = [each for each in following.get(pending.pop(), ()) if each not in found]
        found.update(new)
        pending += new
    return found
