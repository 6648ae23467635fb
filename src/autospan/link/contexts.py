"""One level of context where it pays: what makes closures, and small higher-order functions."""

from __future__ import annotations

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
        self._groups: dict[int, list[int] | None] = {}

    def _context(self, function: int, shift: int, call: int) -> int:
        """The shift to enter a function with: a copy of its own for each call site, where the
        function makes closures and is small; else the one it has."""
        group = self.program.nested.get(function) or self._higher_order(function)
        if group is None or self.shifts[shift].first <= self.shifts[shift].last:
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

    def _higher_order(self, function: int) -> list[int] | None:
        """The function alone, if it is small and gives back or calls one of its parameters."""
        if function not in self._groups:
            signature = self.program.signatures[function]
            own = set(signature.parameters)
            first = self.program.call_base[self.program.file_of[function]]
            found = signature.last - signature.first < _LARGEST_IDENTITY and any(
                (step[0] == "copy" and step[2] in own and step[1] == signature.result)
                or (step[0] == "call" and self.program.calls[first + step[1]].function in own)
                for step in self.program.steps[function]
            )
            self._groups[function] = [function] if found else None
        return self._groups[function]

    def forget_bodies(self) -> None:
        """Give up the steps of all functions that are never copied: they are loaded."""
        copied = {each for group in self.program.nested.values() for each in group}
        for function in range(len(self.program.functions)):
            if function not in copied and not self._higher_order(function):
                self.program.steps[function] = ()

    def load_body(self, function: int, shift: int) -> None:
        """Load the steps of a function for one way of mapping its slots to nodes."""
        raise NotImplementedError
