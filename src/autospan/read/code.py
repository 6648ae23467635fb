"""What is collected for one function while it is lowered: its steps, its slots, its size."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

from autospan.model import Shape, Step
from autospan.read.history import NOTHING, History

__all__ = ["NOTHING", "Code", "History", "Slots"]


@dataclass(slots=True)
class Slots:
    """Hands out the slot numbers of one file, from 1."""

    last: int = NOTHING

    def new(self) -> int:
        """A fresh slot."""
        self.last += 1
        return self.last


@dataclass(slots=True)
class Code:
    """What is collected for one function while its body is lowered.

    The caches make one load of what is loaded again and again: globals, constants and attributes
    with the same past are flow-insensitive, so that a second load in a function tells nothing new.
    `inline` are the expressions that not every run evaluates whole: `a and b()`, `b() if a else c`.
    """

    function: int
    first_slot: int
    steps: list[Step] = field(default_factory=list)
    parameters: list[int] = field(default_factory=list)
    result: int = NOTHING
    yielded: int = NOTHING
    loop: int = 0
    has_yield: bool = False
    statements: int = 0
    branches: int = 0
    loops: int = 0
    calls: int = 0
    awaits: int = 0
    handlers: int = 0
    raises: int = 0
    withs: int = 0
    endless: bool = False
    standing: Literal["", "open", "flag"] = ""
    swallows: int = 0
    lambdas: int = 0
    inline: list[tuple[int, int, int]] = field(default_factory=list)
    history: History = field(default_factory=History)
    loaded_attributes: dict[Step, int] = field(default_factory=dict)
    loaded_globals: dict[str, int] = field(default_factory=dict)
    loaded_constants: dict[str, int] = field(default_factory=dict)

    def optional(self, node: ast.expr, calls: int) -> None:
        """Note an expression of which not all is evaluated, if it had so many calls before that."""
        if self.calls > calls:
            self.inline.append((node.lineno, node.end_lineno or node.lineno, 0))

    def shape(self, lines: int) -> Shape:
        """The size of what was lowered, in `lines` lines."""
        return Shape(
            self.statements,
            self.branches,
            self.loops,
            self.calls,
            self.awaits,
            self.handlers,
            self.raises,
            self.withs,
            lines,
        )
