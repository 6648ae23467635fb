"""`untraced`: the entry points that nobody opens a root span for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autospan.model import Entry, Function, Graph, Place, Survey

CODE = "AS001"
"""The code of the only finding so far: an untraced entry point."""


class Finding(NamedTuple):
    """An untraced entry point: where its `def` stands, the function (dotted), and what starts it
    (`http POST /orders`), several joined by commas."""

    place: Place
    function: str
    starts: str
    code: str = CODE


def untraced(
    graph: Graph, survey: Survey, refuse: Callable[[int, Function], tuple[str, str] | None]
) -> tuple[Finding, ...]:
    """One finding a function, sorted by place.

    A function that can carry no span (`refuse` says why) is left out: nobody could repair it.
    """
    starts: dict[int, list[Entry]] = {}
    for entry in survey.entries:
        starts.setdefault(entry.function, []).append(entry)
    found = [
        _finding(graph.functions[number], entries)
        for number, entries in starts.items()
        if all(entry.root_span is None for entry in entries)
        and graph.functions[number].kind != "module"
        and refuse(number, graph.functions[number]) is None
    ]
    return tuple(sorted(found))


def _finding(function: Function, entries: list[Entry]) -> Finding:
    starts = dict.fromkeys(f"{entry.kind} {entry.name}" for entry in entries)
    return Finding(function.place, function.qualified, ", ".join(starts))
