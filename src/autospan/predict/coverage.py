"""How much of what entry points do is under spans."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from autospan.model import Coverage, Survey
from autospan.predict.calls import Calls


def coverage(
    calls: Calls, survey: Survey, packages: Collection[str], carriers: Collection[int]
) -> Coverage:
    """How much is traced if these functions carry spans.

    An I/O call is covered where every way from an entry point to it crosses a span, the root's or
    its own function's included.
    """
    given = [entry.root_span == "auto" and entry.package in packages for entry in survey.entries]
    starts = [*zip(calls.starts, survey.entries, given, strict=True)]
    every = reached(calls, calls.starts, ())
    bare = reached(calls, calls.starts, carriers)
    dark = reached(calls, (start for start, _, free in starts if not free), carriers)
    places = {(each.function, each.place, each.call) for each in survey.effects}
    there = [function for function, _, _ in places if function in every]
    return Coverage(
        entries=sum(entry.begins for entry in survey.entries),
        rooted=sum(free or entry.function in carriers for _, entry, free in starts if entry.begins),
        effects=len(there),
        covered=sum(function not in dark for function in there),
        named=sum(function not in bare for function in there),
        under=frozenset(there) - bare,
    )


def reached(calls: Calls, starts: Iterable[int], stops: Collection[int]) -> set[int]:
    """The functions that are reached without crossing a function that is among `stops`."""
    seen: set[int] = set()
    pending = list(starts)
    while pending:
        node = pending.pop()
        if node not in seen and calls.functions[node] not in stops:
            seen.add(node)
            pending += calls.callees(node)
    return {calls.functions[node] for node in seen}
