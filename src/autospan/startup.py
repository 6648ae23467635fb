"""What runs once, before the work begins: at import, and until a server serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from autospan.model import Edge, Function, Graph, Survey

_PROGRAMS = frozenset(("cli", "main"))

Node = tuple[int, int]
"""A function (index) in a context of its decorator (0: none)."""

Call = tuple[Node, Node, Edge]
"""An edge with its caller and its callee."""


class Startup(NamedTuple):
    """The functions (indices) that go on until the program is stopped, as they call what serves,
    and those that only these and module bodies call: they run once."""

    serving: frozenset[int]
    once: frozenset[int]


def find_startup(graph: Graph, survey: Survey) -> Startup:
    """What runs once is what nothing else may lead to, not even by a guess: no entry point besides,
    and no function of which no caller is known, for anybody may call that, at any time."""
    calls = [
        ((edge.caller, edge.contexts[0]), (edge.callee, edge.contexts[1]), edge)
        for edge in graph.edges
    ]
    known = [each for each in calls if each[2].confidence != "guessed"]
    serving = _serving(graph, survey, known)
    again = _starts(graph, survey, known) | {
        callee for caller, callee, edge in known if caller in serving and _repeats(graph, edge)
    }
    others = (each for each in calls if each[0] not in serving) if serving else calls
    repeated = _closed(again - serving, _following(others)) | serving
    following = _following(known)
    modules = {caller for caller in following if _is_module(graph, caller[0])}
    reached = _closed(modules | serving, following)
    once = {number for number, _ in reached} - {number for number, _ in repeated}
    return Startup(frozenset(number for number, _ in serving), frozenset(once))


def _serving(graph: Graph, survey: Survey, calls: Sequence[Call]) -> set[Node]:
    """What serves, programs that loop for ever, and what always calls these, up to the program: a
    request or a task serves nobody, nor does a decorator's wrapper around other functions too."""
    programs = {each.function for each in survey.entries if each.kind in _PROGRAMS}
    bound = {each.function for each in survey.entries if each.kind not in _PROGRAMS}
    starts = {
        *((function, 0) for function, life in survey.standing if life == "the program"),
        *((each, 0) for each in programs if _endless(graph.functions[each])),
    }
    if not starts:
        return set()
    callers: dict[Node, list[tuple[Node, Edge]]] = {}
    for caller, callee, edge in calls:
        callers.setdefault(callee, []).append((caller, edge))
    found, pending = set(starts), list(starts)
    while pending:
        for caller, edge in callers.get(pending.pop(), ()):
            bounded = caller in found or edge.caller in bound or _is_module(graph, edge.caller)
            if not bounded and _always(graph, edge):
                found.add(caller)
                pending.append(caller)
    others = {caller[0] for caller, _, _ in calls if caller not in found}
    return {node for node in found if node[0] not in others or not node[1]}


def _endless(function: Function) -> bool:
    return function.endless and "generator" not in function.kind


def _starts(graph: Graph, survey: Survey, calls: Iterable[Call]) -> set[Node]:
    """Where anything may begin that can begin twice."""
    called = {callee for _, (callee, _), _ in calls}
    entered = {(entry.function, 0) for entry in survey.entries}
    uncalled = {
        (number, 0)
        for number, each in enumerate(graph.functions)
        if number not in called and each.kind != "module"
    }
    return entered | uncalled | _guarded(graph, calls)


def _guarded(graph: Graph, calls: Iterable[Call]) -> set[Node]:
    """What `if __name__ == "__main__"` calls: a program, whose module may be imported."""
    places = {file: (first, last) for file, first, last in graph.guards}
    found: set[Node] = set()
    for _, callee, edge in calls if places else ():
        if _is_module(graph, edge.caller):
            first, last = places.get(graph.functions[edge.caller].place.file, (0, -1))
            if first <= edge.line <= last:
                found.add(callee)
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


def _following(calls: Iterable[Call]) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = {}
    for caller, callee, _ in calls:
        found.setdefault(caller, []).append(callee)
    return found


def _closed(starts: Iterable[Node], following: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """All that one comes to from `starts`."""
    found, pending = set(starts), list(starts)
    while pending:
        for each in following.get(pending.pop(), ()):
            if each not in found:
                found.add(each)
                pending.append(each)
    return found
