"""The part of a call graph around some functions: what they call, and what calls them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from autospan.model import Confidence, Edge, Graph, Site

Direction = Literal["callees", "callers", "both"]
LEVELS: tuple[Confidence, ...] = ("exact", "inferred", "guessed")


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of a graph: functions (sorted indices), edges and sites between and from them.

    `starts` are the functions that were asked for, () where the part is the whole graph.
    """

    graph: Graph
    functions: tuple[int, ...]
    edges: tuple[Edge, ...]
    sites: tuple[Site, ...]
    starts: tuple[int, ...] = ()


def whole(graph: Graph, least: Confidence = "guessed") -> Part:
    """All of a graph, the edges and sites that are known worse than `least` left out."""
    levels = LEVELS[: LEVELS.index(least) + 1]
    return Part(
        graph,
        tuple(range(len(graph.functions))),
        tuple(edge for edge in graph.edges if edge.confidence in levels),
        tuple(site for site in graph.sites if site.confidence in levels),
    )


def around(part: Part, starts: Collection[int], depth: int, direction: Direction) -> Part:
    """The calls at most `depth` steps away from some functions."""
    edges: set[Edge] = set()
    functions, outermost = set(starts), set(starts)
    if direction != "callers":
        below = _reach(part.edges, starts, depth, edges, down=True)
        outermost = {each for each, steps in below.items() if steps >= depth}
        functions |= set(below)
        inside = set(below) - outermost
    else:
        inside = set()
    if direction != "callees":
        functions |= set(_reach(part.edges, starts, depth, edges, down=False))
    return Part(
        part.graph,
        tuple(sorted(functions)),
        tuple(sorted(edges)),
        tuple(site for site in part.sites if site.caller in inside),
        tuple(sorted(starts)),
    )


def _reach(
    edges: Sequence[Edge], starts: Iterable[int], depth: int, passed: set[Edge], down: bool
) -> dict[int, int]:
    """Per function how many steps away it is, breadth first; the edges on the way are `passed`."""
    onward: dict[int, list[Edge]] = {}
    for edge in edges:
        onward.setdefault(edge.caller if down else edge.callee, []).append(edge)
    found = dict.fromkeys(starts, 0)
    front = list(found)
    for steps in range(1, depth + 1):
        crossed = [edge for each in front for edge in onward.get(each, ())]
        passed.update(crossed)
        ends = (edge.callee if down else edge.caller for edge in crossed)
        front = list(dict.fromkeys(each for each in ends if each not in found))
        found.update(dict.fromkeys(front, steps))
    return found
