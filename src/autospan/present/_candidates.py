"""What the ranking says of planned edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from autospan.present._page import join, text

if TYPE_CHECKING:
    from autospan.model import Candidate, Edit
    from autospan.pipeline import Analysis

_TELLING = 0.03


class Candidates:
    """The candidates of an analysis, by the edits that are planned for them."""

    def __init__(self, analysis: Analysis) -> None:
        functions = analysis.graph.functions
        self._known = {}
        for candidate in analysis.candidates:
            function = functions[candidate.function]
            self._known[function.name, function.place.file, function.place.line] = candidate

    def of(self, edit: Edit) -> Candidate:
        """The candidate that an edit gives a span."""
        return self._known[edit.function, edit.path, edit.line]


def reasons(candidate: Candidate) -> Text:
    """Why, and what counts against it."""
    against = [each for each in candidate.reasons if each.weight <= -_TELLING]
    spans = [each.words for each in candidate.telling]
    return join([*spans, *(f"but {each.words}" for each in against)], " · ")


def attributes(edit: Edit) -> Text:
    """What becomes an attribute of the span, and what is withheld; no text, if there is none."""
    taken = ", ".join(each.key for each in edit.captures if each.captured)
    kept = ", ".join(each.parameter for each in edit.captures if each.why.startswith("withheld"))
    parts = [text("captures ", (taken, "green"))] if taken else []
    parts += [text("withholds ", (kept, "yellow"))] if kept else []
    return join(parts, " · ")
