"""The call graph for people: its size, or the calls around some functions as trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autospan.model import Edge
from autospan.neighbourhood import LEVELS
from autospan.present._page import Span, counted, heading, indent, join, render, rows, text
from autospan.present.graph import name_of, outside

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Entry
    from autospan.neighbourhood import Part

_MOST = 10
_OUTSIDE = 8


def present(part: Part, entries: tuple[Entry, ...], width: int, colors: bool = False) -> str:
    """The trees of calls from and to the functions that were asked for; else the graph's size."""
    shown = _around(part, entries) if part.starts else _size(part)
    return render(shown, width, colors)


# --- the whole


def _size(part: Part) -> Iterator[RenderableType]:
    functions = part.graph.functions
    modules = len({functions[each].module for each in part.functions})
    yield text(f"{counted(len(functions), 'function')} in {counted(modules, 'module')}")
    known = Counter(edge.confidence for edge in part.edges)
    levels = ", ".join(f"{known[level]:,} {level}" for level in LEVELS)
    yield text(f"{counted(len(part.edges), 'call')} between them: {levels}")
    unknown = sum(site.name.startswith("?") for site in part.sites)
    leaving = counted(len(part.sites) - unknown, "call")
    yield text(f"{leaving} that leave the project; {unknown:,} on values nothing is known of")
    if part.graph.cut:
        cut = counted(part.graph.cut, "variable")
        yield text(f"{cut} may hold more values than are followed, and are cut")
    callers = Counter(callee for callee, _ in {(e.callee, e.caller) for e in part.edges})
    if callers:
        yield heading("CALLED MOST")
        yield rows(
            [
                (counted(count, "caller"), name_of(functions[number]), _place(part, number))
                for number, count in sorted(callers.items(), key=lambda each: (-each[1], each[0]))
            ][:_MOST],
            right=(0,),
        )
    yield text(("\nautospan graph --from NAME shows the calls around a function", "dim"))


def _place(part: Part, number: int) -> Span:
    return (str(part.graph.functions[number].place), "dim")


# --- around some functions


@dataclass(slots=True)
class _Tree:
    """One tree being written: the edges by the end it grows from; what is shown is not repeated."""

    part: Part
    onward: dict[int, list[Edge]]
    entries: dict[int, str]
    down: bool
    expanded: set[int] = field(default_factory=set)

    def lines(self, number: int, prefix: str = "") -> Iterator[RenderableType]:
        """The calls below (or above) a function, each only once in full."""
        self.expanded.add(number)
        edges = self.onward.get(number, [])
        for last, edge in ((edge is edges[-1], edge) for edge in edges):
            end = edge.callee if self.down else edge.caller
            again = end in self.expanded and bool(self.onward.get(end))
            yield self._line(edge, end, prefix + ("└─ " if last else "├─ "), again)
            if end not in self.expanded:
                yield from self.lines(end, prefix + ("   " if last else "│  "))

    def _line(self, edge: Edge, end: int, prefix: str, again: bool) -> RenderableType:
        file = self.part.graph.functions[edge.caller].place.file
        doubt = f"  {edge.confidence}" if edge.confidence != "exact" else ""
        return text(
            (prefix, "dim"),
            name_of(self.part.graph.functions[end]),
            (f"  {file}:{edge.line}", "dim"),
            (doubt, "yellow"),
            (self.entries.get(end, ""), "cyan"),
            ("  (see above)" if again else "", "dim"),
        )


def _around(part: Part, entries: tuple[Entry, ...]) -> Iterator[RenderableType]:
    named = {each.function: f"  {each.kind} {each.name}".rstrip() for each in entries}
    below, above = _grown(part, down=True), _grown(part, down=False)
    for number in part.starts:
        place, entry = str(part.graph.functions[number].place), named.get(number, "")
        name = name_of(part.graph.functions[number])
        yield text((name, "bold"), (f"  {place}", "dim"), (entry, "cyan"))
        for title, onward, down in (("calls", below, True), ("called by", above, False)):
            if number in onward:
                yield text((title, "bold"))
                yield from _Tree(part, onward, named, down).lines(number)
        yield from _leaving(part, number)
        yield text("")


def _grown(part: Part, down: bool) -> dict[int, list[Edge]]:
    """Per function the edges to its callees (callers), each of these once, in order of lines."""
    found: dict[int, dict[int, Edge]] = {}
    for edge in sorted(part.edges, key=lambda each: (LEVELS.index(each.confidence), each)):
        near, far = (edge.caller, edge.callee) if down else (edge.callee, edge.caller)
        found.setdefault(near, {}).setdefault(far, edge)
    return {
        near: sorted(edges.values(), key=lambda each: (each.line, each))
        if down
        else [*edges.values()]
        for near, edges in found.items()
    }


def _leaving(part: Part, number: int) -> Iterator[RenderableType]:
    """What a function calls outside the project, builtins left out."""
    names = [
        outside(site.name)
        for site in part.sites
        if site.caller == number and not site.name.startswith(("?", "builtins."))
    ]
    names = list(dict.fromkeys(names))
    if names:
        more = [f"and {len(names) - _OUTSIDE} more"] if len(names) > _OUTSIDE else []
        yield text(("leaves the project for", "bold"))
        yield indent(join([*names[:_OUTSIDE], *more], ", "), 3)
