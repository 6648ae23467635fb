"""ENTRY POINTS: what starts the program, and who opens the root span there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import Span, heading, indent, rows, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Entry

_LISTED = 10


def entries(view: View) -> Iterator[RenderableType]:
    """How many entry points of each kind there are, and those without a root span."""
    found = view.analysis.survey.entries
    if not found:
        words = "none recognized: frameworks that no pack knows, or a library"
        yield heading("ENTRY POINTS", words)
        return
    yield heading("ENTRY POINTS", "who opens the root span of a trace that starts there")
    yield rows(_table(found), right=(1, 2, 3))
    nobody = [each for each in found if each.root_span is None]
    listed = found if view.verbose else nobody[:_LISTED]
    if not listed:
        return
    title = "All of them:" if view.verbose else "Nobody opens one for:"
    yield text("\n", (f"  {title}", "dim"))
    yield rows([_entry(each, view) for each in listed], whole=(0, 3))
    if not view.verbose and len(nobody) > len(listed):
        more = f"… and {len(nobody) - len(listed)} more: --verbose"
        yield indent(text((more, "dim")), 2)


def _table(found: tuple[Entry, ...]) -> list[list[Span]]:
    heads: list[Span] = [("kind", "dim"), ("auto", "dim"), ("by hand", "dim"), ("nobody", "dim")]
    table = [heads]
    for kind in dict.fromkeys(each.kind for each in found):
        spans = Counter(each.root_span for each in found if each.kind == kind)
        none = spans[None]
        table.append(
            [
                (kind, "cyan"),
                _number(spans["auto"]),
                _number(spans["manual"]),
                (str(none), "yellow") if none else ("·", "dim"),
            ]
        )
    return table


def _number(count: int) -> Span:
    return (str(count), "") if count else ("·", "dim")


def _entry(entry: Entry, view: View) -> list[Span]:
    function = view.function(entry.function)
    inner = "" if function.kind == "module" else function.name.partition(":")[2]
    line: list[Span] = [(entry.kind, "cyan"), entry.name, inner, (str(entry.place), "dim")]
    if view.verbose:
        line.append((entry.root_span or "nobody", "" if entry.root_span else "yellow"))
    return line
