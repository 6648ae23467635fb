"""Shortest call paths in a graph: from the entry points to a function, and from it to another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from autospan.model import Edge, Graph

_Node = tuple[int, int]
"""A function in a context (0: none), so that a wrapper leads only to the function it wraps."""

Route = tuple[Edge, ...]
"""The calls of a path, in order; () where start and end are the same function."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The edges of a graph by caller and by callee, those that are only guessed left out."""

    calls: dict[_Node, list[Edge]]
    called: dict[_Node, list[Edge]]

    @classmethod
    def of(cls, graph: Graph) -> Routes:
        """Index a graph's edges."""
        calls: dict[_Node, list[Edge]] = {}
        called: dict[_Node, list[Edge]] = {}
        for edge in graph.edges:
            if edge.confidence != "guessed":
                calls.setdefault((edge.caller, edge.contexts[0]), []).append(edge)
                called.setdefault((edge.callee, edge.contexts[1]), []).append(edge)
        return cls(calls, called)

    def down(self, start: int, wanted: int) -> Route | None:
        """The shortest path of calls from a function down to another; None if there is none."""
        found = _search(_nodes(self.calls, start), self.calls, _callee)
        ends = [(len(path), path) for node, path in found.items() if node[0] == wanted]
        return min(ends)[1] if ends else None

    def up(self, end: int) -> dict[int, Route]:
        """For each function from which `end` is reached, the shortest path down to `end`."""
        found = _search(_nodes(self.called, end), self.called, _caller)
        best: dict[int, Route] = {}
        for (function, _), path in found.items():
            route = tuple(reversed(path))
            if function not in best or len(route) < len(best[function]):
                best[function] = route
        return best


def _nodes(index: dict[_Node, list[Edge]], function: int) -> Iterable[_Node]:
    """A function in all the contexts that the index knows it in."""
    return [(function, 0), *sorted(node for node in index if node[0] == function and node[1])]


def _callee(edge: Edge) -> _Node:
    return edge.callee, edge.contexts[1]


def _caller(edge: Edge) -> _Node:
    return edge.caller, edge.contexts[0]


def _search(
    starts: Iterable[_Node], index: dict[_Node, list[Edge]], beyond: Callable[[Edge], _Node]
) -> dict[_Node, Route]:
    """Breadth first: every node that can be reached, with the edges on the way."""
    came: dict[_Node, tuple[_Node, Edge] | None] = dict.fromkeys(starts)
    queue = deque(came)
    while queue:
        node = queue.popleft()
        for edge in index.get(node, ()):
            following = beyond(edge)
            if following not in came:
                came[following] = (node, edge)
                queue.append(following)
    return {node: _path(node, came) for node in came}


def _path(node: _Node, came: dict[_Node, tuple[_Node, Edge] | None]) -> Route:
    path: list[Edge] = []
    while (step := came[node]) is not None:
        node, edge = step
        path.append(edge)
    return tuple(reversed(path))
