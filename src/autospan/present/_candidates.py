"""What the ranking says of planned edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.model import Candidate, Edit
    from autospan.pipeline import Analysis


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
