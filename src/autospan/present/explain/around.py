"""Around a function: the entry points above it, its callers and callees, the I/O below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.paths import trace_paths
from autospan.present._page import Span, counted, heading, indent, rows, text
from autospan.present.explain.subject import Subject
from autospan.routes import Route, Routes

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Edge, Effect, Entry

_ENTRIES = 5
_NEIGHBOURS = 12


def reached_from(subject: Subject) -> Iterator[RenderableType]:
    """The entry points that lead here; from the nearest, every call on the way."""
    survey = subject.analysis.survey
    routes = Routes.of(subject.analysis.graph).up(subject.number)
    found = [(len(routes[e.function]), e) for e in survey.entries if e.function in routes]
    if not found:
        yield heading("REACHED FROM", "no entry point that is known")
        return
    found.sort(key=lambda pair: (pair[0], pair[1]))
    yield heading("REACHED FROM", counted(len(found), "entry point"))
    nearest = found[0][1]
    yield _entry(nearest)
    yield from _route(routes[nearest.function], subject, indentation=6)
    for distance, entry in found[1:_ENTRIES]:
        yield _entry(entry, f"{counted(distance, 'call')} above")
    if len(found) > _ENTRIES:
        yield indent(text((f"… and {len(found) - _ENTRIES} more", "dim")), 2)


def _entry(entry: Entry, distance: str = "") -> RenderableType:
    opener = {"auto": f"root span by {entry.package}", "manual": "root span by hand"}
    unseen = "nobody opens its root span" if entry.begins else "in the trace of what sends it"
    root = opener.get(entry.root_span or "", unseen)
    told = "; ".join(each for each in (str(entry.place), root, distance) if each)
    return indent(text((entry.kind, "cyan"), f" {entry.name}", (f"  {told}", "dim")), 2)


def _route(route: Route, subject: Subject, indentation: int) -> Iterator[RenderableType]:
    """The calls of a path, each with the line it stands in."""
    for edge in route:
        at = f"  {subject.file(edge.caller)}:{edge.line}"
        loop = " in a loop" if edge.loop else ""
        yield indent(
            text(subject.name(edge.caller), (at, "dim"), " calls", (loop, "yellow")), indentation
        )
    if route:
        yield indent(text((subject.name(route[-1].callee), "bold")), indentation)


# --- neighbours


def calls(subject: Subject) -> Iterator[RenderableType]:
    """Who calls it, and whom of the project it calls; a call the more certain, the plainer."""
    edges = subject.analysis.graph.edges
    above = [edge for edge in edges if edge.callee == subject.number]
    below = [edge for edge in edges if edge.caller == subject.number]
    yield from _neighbours("CALLED BY", above, subject, up=True)
    yield from _neighbours("CALLS", below, subject, up=False)


def _neighbours(
    title: str, edges: list[Edge], subject: Subject, *, up: bool
) -> Iterator[RenderableType]:
    others: dict[int, list[Edge]] = {}
    for edge in sorted(edges, key=lambda edge: (edge.line, edge.caller, edge.callee)):
        others.setdefault(edge.caller if up else edge.callee, []).append(edge)
    if not others:
        what = "nobody in this project" if up else "nothing of this project"
        yield heading(title, what)
        return
    yield heading(title, counted(len(others), "function"))
    listed = list(others.items())[:_NEIGHBOURS]
    yield rows([_neighbour(number, found, subject, up=up) for number, found in listed])
    if len(others) > _NEIGHBOURS:
        yield indent(text((f"… and {len(others) - _NEIGHBOURS} more", "dim")), 2)


def _neighbour(number: int, edges: list[Edge], subject: Subject, *, up: bool) -> list[Span]:
    lines = ", ".join(str(line) for line in sorted({edge.line for edge in edges}))
    ranks = ("exact", "inferred", "guessed")
    confidence = min((edge.confidence for edge in edges), key=ranks.index)
    loop = " in a loop" if any(edge.loop for edge in edges) else ""
    sure = "" if confidence == "exact" else confidence
    place = f"{subject.file(edges[0].caller)}:{lines}" if up else f"line {lines}"
    return [subject.name(number), (place + loop, "dim"), (sure, "yellow")]


# --- effects


def effects(subject: Subject) -> Iterator[RenderableType]:
    """Its own I/O, and the strongest that it reaches, with the calls that lead there."""
    analysis = subject.analysis
    own = [effect for effect in analysis.survey.effects if effect.function == subject.number]
    reach = trace_paths(analysis.graph, analysis.survey).reach.get(subject.number)
    yield heading("I/O", counted(len(own), "call") + " of its own" if own else "none of its own")
    if own:
        yield rows([_effect(effect) for effect in own[:_NEIGHBOURS]])
    if reach is None or reach.effect.function == subject.number:
        return
    route = Routes.of(analysis.graph).down(subject.number, reach.effect.function)
    yield indent(text((f"strongest below it, {counted(len(route or ()), 'call')} down:", "dim")), 2)
    yield from _route(route or (), subject, indentation=6)
    yield indent(rows([_effect(reach.effect)], indentation=0), 8)


def _effect(effect: Effect) -> list[Span]:
    kind = effect.kind if effect.system in ("", effect.kind) else f"{effect.kind}, {effect.system}"
    notes = [f"weight {effect.weight:.2f}"]
    notes += ["in a loop"] if effect.loop else []
    notes += ["by the method's name only"] if effect.weak else []
    notes += ["has a span for free"] if effect.package else []
    called = effect.call.removeprefix("?").removeprefix("builtins.")
    return [called, (f"[{kind}]", "cyan"), (f"{effect.place}; {', '.join(notes)}", "dim")]
