"""One level of context where it pays: what makes closures, and small higher-order functions."""

from __future__ import annotations

from collections.abc import Sequence

from autospan.link.contents import Contents
from autospan.link.externals import Externals
from autospan.link.program import Program
from autospan.link.state import Shift

_COPIES_OF_ONE = 200
_LARGEST_COPIED = 500
_LARGEST_IDENTITY = 40


class Contexts(Contents):
    """Copies such functions for each call site: their slots get nodes of their own."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._copies: dict[int, dict[int, int]] = {}
        self._groups: dict[int, Sequence[int]] = {}

    def _context(self, function: int, shift: int, call: int) -> int:
        """The shift to enter a function with: a copy of its own for each call site, where the
        function makes closures and is small; else the one it has."""
        group = self._groups.get(function)
        if group is None:
            group = self.group(function)
        if not group or self.shifts[shift].first <= self.shifts[shift].last:
            return shift
        copies = self._copies.setdefault(function, {})
        if call in copies:
            return copies[call]
        signature = self.program.signatures[function]
        size = signature.last - signature.first + 1
        if size > _LARGEST_COPIED or len(copies) >= _COPIES_OF_ONE or not signature.parameters:
            return shift
        first = self.flow.reserve(size)
        base = self.shifts[shift].base
        self.shifts.append(Shift(signature.first, signature.last, first - signature.first, base))
        copies[call] = len(self.shifts) - 1
        for each in group:
            self.load_body(each, copies[call])
        return copies[call]

    def uses(self) -> dict[int, list[int]]:
        """The shifts of the copies of each function that was copied, alone or in one around it."""
        return {
            each: list(copies.values())
            for function, copies in self._copies.items()
            for each in self.program.nested.get(function, [function])
        }

    def group(self, function: int) -> Sequence[int]:
        """The functions that are copied together: one and all that are nested in it, or the
        function alone if it is of higher order; nothing where there is no need."""
        group = self._groups.get(function)
        if group is None:
            alone = (function,) if self._higher_order(function) else ()
            group = self._groups[function] = self.program.nested.get(function, alone)
        return group

    def _higher_order(self, function: int) -> bool:
        """Whether a function is small and gives back or calls one of its parameters."""
        signature = self.program.signatures[function]
        if signature.last - signature.first >= _LARGEST_IDENTITY or not signature.parameters:
            return False
        own, calls = signature.parameters, self.program.calls
        first = self.program.call_base[self.program.file_of[function]]
        for step in self.program.steps[function]:
            if step[0] == "copy":
                if step[2] in own and step[1] == signature.result:
                    return True
            elif step[0] == "call" and calls[first + step[1]].function in own:
                return True
        return False

    def forget_bodies(self) -> None:
        """Give up the steps of all functions that are never copied: they are loaded."""
        copied = {each for group in self.program.nested.values() for each in group}
        for function in range(len(self.program.functions)):
            if function not in copied and not self.group(function):
                self.program.steps[function] = ()

    def load_body(self, function: int, shift: int) -> None:
        """Load the steps of a function for one way of mapping its slots to nodes."""
        raise NotImplementedError
