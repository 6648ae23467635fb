"""What the rules look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from autospan.model import Finding, Function, Graph, Place, Survey

Refusal = Callable[[int, Function], tuple[str, str] | None]
"""For a function (index): code and words of why it can carry no span, None where it can; comments
that ignore it are not among these."""


@dataclass(frozen=True)
class Checked:
    """A program as the rules see it; `secrets` are the names that the project withholds itself,
    `known_inside` functions (indices) that run under a span, whether the graph shows it or not."""

    graph: Graph
    survey: Survey
    refuse: Refusal
    secrets: tuple[str, ...] = ()
    known_inside: frozenset[int] = frozenset()

    @cached_property
    def inside(self) -> frozenset[int]:
        """The functions (indices) that run under a span: those that have one, and all that they
        lead to by calls that are certain or inferred."""
        callees: dict[int, list[int]] = {}
        for edge in self.graph.edges:
            if edge.confidence != "guessed":
                callees.setdefault(edge.caller, []).append(edge.callee)
        inside = {entry.function for entry in self.survey.entries if entry.root_span is not None}
        inside.update(self.known_inside)
        inside.update(each.function for each in self.survey.traced)
        pending = list(inside)
        while pending:
            new = [each for each in callees.get(pending.pop(), ()) if each not in inside]
            inside.update(new)
            pending.extend(new)
        return frozenset(inside)

    def finding(
        self, rule: str, function: int, line: int, words: str, fix: str, subject: str = ""
    ) -> Finding:
        """A finding in a function (index), at a line of its file."""
        found = self.graph.functions[function]
        return Finding(Place(found.place.file, line), rule, found.name, words, fix, subject)
