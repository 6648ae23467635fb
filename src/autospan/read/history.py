"""What surely happened to an object before an attribute of it is read, in one function body.

A block is a list of statements (or an operand) that runs as a whole or not at all. Where an object
is made, or an attribute of it stored, in the block that reads it, what comes between are the calls
that may store the attribute anew: `link` knows whether they do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

NOTHING = 0
"""The slot of values of which nothing is known; no step ever writes it."""

_LONGEST = 6
_BODY = 1


class Past(NamedTuple):
    """The attribute's value as it was stored (0: the object was made by the call `born`), and the
    calls since then, in order, those that may not have run as `~call`; and which of them are
    methods of the object."""

    value: int
    born: int
    calls: tuple[int, ...]
    methods: tuple[int, ...]


_Start = tuple[int, int, int, int]
"""Value, call that made the object, number of events before, block."""


@dataclass(slots=True)
class History:
    """The calls and the stored attributes of one function body, in order, each with its block and
    the slot of its receiver; `objects` are the slots that hold one object each."""

    block: int = 0
    left: bool = False
    objects: dict[int, _Start] = field(default_factory=dict)
    events: list[tuple[int | str, int, int]] = field(default_factory=list)
    _blocks: int = 0
    _stored: dict[tuple[int, str], _Start] | None = None

    def enter(self) -> int:
        """Start a block; the one around it, to go back to."""
        around = self.block
        self._blocks += 1
        self.block = self._blocks
        return around

    def sure(self) -> bool:
        """Whether whoever calls the function surely runs what stands here."""
        return self.block == _BODY and not self.left

    def own(self, slot: int) -> None:
        """A slot holds one object as long as the function runs: a parameter."""
        self.objects[slot] = (NOTHING, -1, 0, -1)

    def made(self, slot: int, call: int) -> None:
        """A slot holds one object from here on, which the last call gave."""
        self.objects[slot] = (NOTHING, call, len(self.events), self.block)

    def stored(self, slot: int, name: str, value: int) -> None:
        """An attribute of what a slot holds was stored."""
        self.events.append((name, self.block, slot))
        if slot in self.objects and value != NOTHING:
            if self._stored is None:
                self._stored = {}
            self._stored[slot, name] = (value, -1, len(self.events), self.block)

    def past(self, slot: int, name: str) -> Past | None:
        """What surely happened to an attribute of one of `objects`; None: that is not known."""
        start = self.objects[slot]
        if self._stored is not None:
            stored = self._stored.get((slot, name))
            if stored is not None and stored[3] == self.block:
                start = stored
        value, born, first, around = start
        if around != self.block or len(self.events) - first > _LONGEST:
            return None
        calls: list[int] = []
        methods: list[int] = []
        for event, block, receiver in self.events[first:]:
            if event == name:
                return None
            if isinstance(event, int):
                calls.append(event if block == around else ~event)
                if receiver == slot:
                    methods.append(event)
        return Past(value, born, tuple(calls), tuple(methods))
