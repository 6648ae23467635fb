"""What the parts of the solver share: the program, the flow of values, what was found so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from autospan.link import values as v
from autospan.link.boxes import Boxes
from autospan.link.classes import Classes
from autospan.link.externals import Externals
from autospan.link.flow import Flow, Watcher
from autospan.link.program import Program


class Shift(NamedTuple):
    """How slots become nodes: those in first..last by `moved`, all others by `base`."""

    first: int
    last: int
    moved: int
    base: int


class State:
    """The solver's state; `edges` maps (caller, callee, line, their contexts) to the call (-1:
    implicit), `sites` each call to the dotted names outside the program that it may reach and the
    value they were found through, `iterated` what is looped over from there (function, line, name),
    `stores` what is stored in attributes there that take functions: (function, line, name) to node.
    A context (0: none) tells apart the copies of a function."""

    def __init__(self, program: Program, externals: Externals) -> None:
        self.program = program
        self.externals = externals
        self.flow = Flow(program.nodes)
        self.values = v.Values()
        self.classes = Classes(program)
        self.boxes = Boxes(self.flow)
        self.shifts = [Shift(1, 0, 0, base) for base in program.node_base]
        self._copies_from = len(self.shifts)
        self.edges: dict[tuple[int, int, int, int, int], int] = {}
        self.sites: defaultdict[int, dict[str, int]] = defaultdict(dict)
        self.stores: dict[tuple[int, int, str], int] = {}
        self.iterated: set[tuple[int, int, str]] = set()
        self.fan_out: defaultdict[int, set[int]] = defaultdict(set)
        self.marked: dict[str, set[int]] = {}

    def node(self, where: Shift, slot: int) -> int:
        """The node of a slot; 0 for the slot of nothing."""
        if not slot:
            return 0
        first, last, moved, base = where
        return slot + (moved if first <= slot <= last else base)

    def nodes(self, where: Shift, slots: Iterable[int]) -> list[int]:
        """The nodes of several slots."""
        first, last, moved, base = where
        return [slot and slot + (moved if first <= slot <= last else base) for slot in slots]

    def external(self, target: int, name: str) -> None:
        """Let something outside the program flow into a node."""
        self.flow.add(target, self.values.of(v.EXTERNAL, self.externals.name(name)))

    def edge(
        self, caller: int, callee: int, line: int, call: int = -1, inside: int = 0, into: int = 0
    ) -> None:
        """Note that one function (seen through the shift `inside`) calls another (`into`)."""
        first = self._copies_from
        inside, into = inside if inside >= first else 0, into if into >= first else 0
        self.edges.setdefault((caller, callee, line, inside, into), call)
        if call >= 0:
            self.fan_out[call].add(callee)

    def passed(self, call: int, shift: int) -> list[tuple[int | str, int]]:
        """What a call site passes, seen through a shift: (position or keyword, node)."""
        first, last, moved, base = self.shifts[shift]
        return [
            (key, slot and slot + (moved if first <= slot <= last else base))
            for key, slot in self.program.calls[call].arguments
        ]

    def parameters(self, function: int, shift: int) -> list[int]:
        """The nodes of a function's parameters."""
        return self.nodes(self.shifts[shift], self.program.signatures[function].parameters)

    # --- what is known further on

    def implicit(
        self, watcher: Watcher, value: int, name: str, arguments: tuple[int, ...] = ()
    ) -> None:
        """A special method of a value runs, if its class has it."""
        raise NotImplementedError

    def through(self, watcher: Watcher, value: int) -> None:
        """Something is done with a stand-in: it is done with what that stands for."""
        raise NotImplementedError

    def called_outside(self, at: Watcher, receiver: int, name: str, argument: int = 0) -> None:
        """A method that a class of the program inherits from outside is called implicitly."""
        raise NotImplementedError

    def enter_function(
        self, caller: int, line: int, value: int, target: int, arguments: tuple[int, ...] = ()
    ) -> None:
        """Call a callable value implicitly, with the values of some nodes as arguments."""
        raise NotImplementedError
