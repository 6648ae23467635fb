"""ENTRY POINTS: what starts the program, and who opens the root span there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import Span, bullet, heading, indent, rows, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Entry

_LISTED = 10


def entries(view: View, width: int) -> Iterator[RenderableType]:
    """How many entry points of each kind there are, and those without a root span."""
    found = view.analysis.survey.entries
    if not found:
        words = "none recognized: frameworks that no pack knows, or a library"
        yield heading("ENTRY POINTS", words)
        return
    yield heading("ENTRY POINTS", "who opens the root span of a trace that starts there")
    table = _table(found)
    yield rows(table, right=range(1, len(table[0])))
    nobody = [each for each in found if each.dark]
    listed = found if view.verbose else nobody[:_LISTED]
    if not listed:
        return
    title = "All of them:" if view.verbose else "Nobody opens one for:"
    yield text("\n", (f"  {title}", "dim"))
    yield from _listed([_entry(each, view) for each in listed], width)
    if not view.verbose and len(nobody) > len(listed):
        more = f"… and {len(nobody) - len(listed)} more: --verbose"
        yield indent(text((more, "dim")), 2)


def _listed(lines: list[list[str]], width: int) -> Iterator[RenderableType]:
    """In columns where they fit; else what starts it first, and the rest wrapped beside it."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if sum(widths) + 2 * len(widths) <= width:
        styled = [_styled(line) for line in lines]
        yield rows(styled)
        return
    for kind, name, *rest in lines:
        told = text(name, *((f"  {each}", "dim") for each in rest if each))
        yield bullet((kind, "cyan"), told, widths[0] + 3)


def _styled(line: list[str]) -> list[Span]:
    kind, name, *rest = line
    return [(kind, "cyan"), name, *((each, "dim") for each in rest)]


def _table(found: tuple[Entry, ...]) -> list[list[Span]]:
    """Kinds by who opens the root span; the last column only where something is counted in it."""
    heads = ("kind", "auto", "by hand", "nobody", "in another trace")
    table: list[list[Span]] = [[(each, "dim") for each in heads]]
    for kind in dict.fromkeys(each.kind for each in found):
        spans = Counter(_opener(each) for each in found if each.kind == kind)
        counts = [_number(spans[opener]) for opener in heads[1:]]
        none = spans["nobody"]
        counts[2] = (str(none), "yellow") if none else counts[2]
        table.append([(kind, "cyan"), *counts])
    if all(each.begins for each in found):
        return [line[:-1] for line in table]
    return table


def _opener(entry: Entry) -> str:
    """Who opens the root span above an entry point; those that no trace begins at have none."""
    opener = {"auto": "auto", "manual": "by hand"}
    return opener.get(entry.root_span or "", "nobody" if entry.begins else "in another trace")


def _number(count: int) -> Span:
    return (str(count), "") if count else ("·", "dim")


def _entry(entry: Entry, view: View) -> list[str]:
    """Kind, name, function in its module, place, and with --verbose who opens the root span."""
    function = view.function(entry.function)
    inner = "" if function.kind == "module" else function.name.partition(":")[2]
    shown = "" if inner == entry.name else inner
    opener = [_opener(entry)] if view.verbose else []
    return [entry.kind, entry.name, shown, str(entry.place), *opener]
