"""EFFORT: where a trace breaks, and what a person has to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import bullet, counted, heading, indent, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Effort

_PLACES = 6


def effort(view: View) -> Iterator[RenderableType]:
    """The places where tracing takes more than a decorator, grouped by what is the matter."""
    found = view.analysis.survey.effort
    if not found:
        return
    groups: dict[tuple[str, str, str], list[Effort]] = {}
    for each in found:
        groups.setdefault((each.what, each.why, each.fix), []).append(each)
    yield heading(
        "EFFORT", f"{counted(len(found), 'place')} where tracing takes more than a decorator"
    )
    for (what, why, fix), places in groups.items():
        yield indent(text((what, "bold"), (f"  {counted(len(places), 'place')}", "dim")), 2)
        yield bullet(("why", "dim"), text(why), 5, indentation=4)
        yield bullet(("fix", "dim"), text((fix, "green")), 5, indentation=4)
        yield from _places(places, view)


def _places(places: list[Effort], view: View) -> Iterator[RenderableType]:
    shown = places if view.verbose else places[:_PLACES]
    for each in shown:
        function = view.function(each.function)
        where = function.module if function.kind == "module" else function.qualified
        yield bullet(("at", "dim"), text(str(each.place), (f"  {where}", "dim")), 5, indentation=4)
    if len(places) > len(shown):
        more = f"… and {len(places) - len(shown)} more: --verbose"
        yield indent(text((more, "dim")), 8)
