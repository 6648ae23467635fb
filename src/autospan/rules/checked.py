"""What the rules look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autospan.model import Finding, Function, Graph, Place, Survey

Refusal = Callable[[int, Function], tuple[str, str] | None]
"""For a function (index): code and words of why it can carry no span, None where it can; comments
that ignore it are not among these."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A program as the rules see it; `secrets` are the names that the project withholds itself."""

    graph: Graph
    survey: Survey
    refuse: Refusal
    secrets: tuple[str, ...] = ()

    def finding(
        self, rule: str, function: int, line: int, words: str, fix: str, subject: str = ""
    ) -> Finding:
        """A finding in a function (index), at a line of its file."""
        found = self.graph.functions[function]
        return Finding(Place(found.place.file, line), rule, found.name, words, fix, subject)
