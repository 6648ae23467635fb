"""What a report is about."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from autospan.model import Function, Outlook, Plan, Problem
    from autospan.pipeline import Analysis


class View(NamedTuple):
    """An analysis, the plan for the functions that `options` choose, what traces will look like
    with it, the path as the user wrote it, the seconds it took, and how much to show."""

    analysis: Analysis
    plan: Plan
    outlook: Outlook
    path: str
    options: tuple[str, ...] = ()
    seconds: float = 0.0
    verbose: bool = False
    quiet: bool = False
    problems: tuple[Problem, ...] = ()

    def function(self, number: int) -> Function:
        """The function with this index."""
        return self.analysis.graph.functions[number]

    def command(self, *words: str) -> str:
        """A command line for this project: `autospan apply src --top 15`."""
        path = [] if self.path == "." else [self.path]
        name, *options = words
        return shlex.join(["autospan", name, *path, *options])
