"""What a page is about."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from autospan.model import Edit, Function, Outlook, Patch, Plan, Problem, Skip
    from autospan.pipeline import Analysis

Address = tuple[str, str, int]
_BEST = 30
"""Functions that diffs are shown of, planned or not: to make them costs more than all the rest of
the page."""


class View(NamedTuple):
    """An analysis, the plan that `apply` would write (`chosen`) and the one for every function that
    is offered a span (`whole`), the patches whose diffs are shown; what traces look like as the
    code is (`today`), with the free packages (`free`) and with the plan as well (`planned`); the
    path as the user wrote it, and the options that repeat the selection."""

    analysis: Analysis
    chosen: Plan
    whole: Plan
    patches: tuple[Patch, ...]
    today: Outlook
    free: Outlook
    planned: Outlook
    path: str
    options: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def function(self, number: int) -> Function:
        """The function with this index."""
        return self.analysis.graph.functions[number]

    def name(self, number: int) -> str:
        """The dotted name of a function, of a module for its body."""
        function = self.function(number)
        return function.module if function.kind == "module" else function.qualified

    def command(self, *words: str) -> str:
        """A command line for this project: `autospan apply src --top 15`."""
        path = [] if self.path == "." else [self.path]
        name, *options = words
        return shlex.join(["autospan", *shlex.split(name), *path, *options])


def address(each: Edit | Skip) -> Address:
    """Where in the tree an edit or a skip is: file, name and ordinal."""
    return each.path, each.function, each.ordinal


def shown(whole: Plan, chosen: Plan) -> Plan:
    """The part of the plan for every function that diffs are shown of: what is chosen, and the best
    of the others; without the helper files, which are not part of any function's diff."""
    known = {address(each) for each in chosen.edits}
    best = (each for each in whole.edits[:_BEST] if address(each) not in known)
    return replace(whole, edits=(*chosen.edits, *best), skips=(), helpers=())
