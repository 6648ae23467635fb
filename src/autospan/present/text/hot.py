"""HOT: spans that cost more than they tell, as recordings of the running program show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import counted, heading, indent, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType


def hot(view: View) -> Iterator[RenderableType]:
    """The functions with a span that are called often and are over at once, and what to delete."""
    if not view.analysis.observed:
        return
    places = {each.function: each.place for each in view.analysis.survey.traced}
    tiny = [each for each in view.analysis.observed if each.tiny and each.function in places]
    words = f"{counted(len(view.analysis.observed), 'function')} seen while the program ran"
    yield heading("HOT", f"{words}; {counted(len(tiny), 'span')} to take out")
    reasons = {
        each.function: reason.words
        for each in view.analysis.candidates
        for reason in each.reasons
        if reason.signal == "evidence"
    }
    for each in tiny:
        name = view.function(each.function).qualified
        yield indent(text((name, "yellow"), (f"  {reasons.get(each.function, '')}", "dim")), 2)
        yield indent(text(("delete the span at ", "dim"), str(places[each.function])), 4)
