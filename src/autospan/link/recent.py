"""Attributes read soon after they were stored: what a constructor, or a method called since, surely
stored there is what is read, and nothing that other objects of the class hold."""

from __future__ import annotations

from typing import NamedTuple

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.names import Names
from autospan.link.program import Program
from autospan.link.state import Shift
from autospan.model import Call, Step

_MOST_CALLEES = 40
_UNKNOWN = -1
_MAKING = frozenset((v.CLASS,))
_PLAIN = frozenset((v.FUNCTION, v.BOUND, v.CLASS))


class _Reading(NamedTuple):
    """An attribute that is read: `receiver` and `value` as slots, `value` 0 where the call `born`
    made the object, the `calls` since then."""

    watcher: Watcher
    shift: int
    receiver: int
    value: int
    born: int
    calls: tuple[int, ...]
    methods: tuple[int, ...]


class Recent(Names):
    """Decides, once call edges are known, whether an attribute is what was stored last."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._storing = program.surely_stored()
        self._bound_once = program.bound_once()
        self._readings: list[_Reading] | None = []
        self._callees: dict[int, set[int]] = {}
        self._called_at: dict[tuple[int, int], set[int]] = {}

    def _load_recent(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, receiver, name, line, value, born, calls, methods = step
        watcher = Watcher(self.attribute, self.node(where, target), name, function, line)
        known = name in self._storing and name not in self._accessors
        if not known or self._readings is None:
            self.flow.watch(self.node(where, receiver), watcher)
            return
        first = self.program.call_base[self.program.file_of[function]]
        made = first + born if born >= 0 else -1
        since, own = _shifted(calls, first), _shifted(methods, first)
        reading = _Reading(watcher, shift, receiver, value, made, since, own)
        self._readings.append(reading)

    def settle(self) -> None:
        """Let what is read recently flow: what was stored last where that is sure and known, else
        all that the attribute may hold."""
        readings, self._readings = self._readings or [], None
        for caller, callee, line, *_ in self.edges if readings else ():
            self._callees.setdefault(caller, set()).add(callee)
            self._called_at.setdefault((caller, line), set()).add(callee)
        for each in readings:
            where = self.shifts[each.shift]
            stored = self._last(each, where)
            if stored > 0 and self.flow.held[stored] is not None:
                self.flow.copy(stored, each.watcher.target)
            else:
                self.flow.watch(self.node(where, each.receiver), each.watcher)
        self._callees.clear()
        self._called_at.clear()
        self.flow.run()

    def _last(self, reading: _Reading, where: Shift) -> int:
        """The node of what was stored last; `_UNKNOWN` where that is not sure."""
        for number in reversed(reading.calls):
            call = number if number >= 0 else ~number
            stored = self._stored_by(call, reading, where)
            if stored:
                return stored if number >= 0 else _UNKNOWN
        if reading.value:
            return self.node(where, reading.value)
        if reading.born < 0:
            return _UNKNOWN
        return self._stored_by(reading.born, reading, where) or _UNKNOWN

    def _stored_by(self, number: int, reading: _Reading, where: Shift) -> int:
        """The node of what a call surely stores in the attribute; 0: it stores nothing there."""
        callees, storing = self.fan_out.get(number, set()), self._storing[reading.watcher.name]
        call = self.program.calls[number]
        beside = self._called_at.get((reading.watcher.function, call.line), set()) - callees
        if self._reach(beside, storing) or "builtins.setattr" in self.sites.get(number, ()):
            return _UNKNOWN
        direct = callees & storing.keys()
        if not direct:
            return _UNKNOWN if self._reach(callees, storing) else 0
        if len(callees) > 1:
            return _UNKNOWN
        (function,) = direct
        inner = self._callees.get(function, set())
        if not storing[function] or self._reach(inner, storing):
            return _UNKNOWN
        return self._passed(number, function, storing[function], reading, where)

    def _reach(self, functions: set[int], storing: dict[int, Step]) -> bool:
        """Whether functions, or what they call, may store the attribute; many of them: perhaps."""
        seen, pending = set(functions), list(functions)
        while pending:
            each = pending.pop()
            if each in storing or len(seen) > _MOST_CALLEES:
                return True
            new = self._callees.get(each, set()) - seen
            seen |= new
            pending += new
        return False

    def _passed(
        self, number: int, function: int, step: Step, reading: _Reading, where: Shift
    ) -> int:
        """What a function stores in an attribute, if it is that of the object read from."""
        call, described = self.program.calls[number], self.program.functions[function]
        called = self.flow.values(self.node(where, call.function))
        kinds = {self.values.items[each][0] for each in called}
        itself = number == reading.born or number in reading.methods
        if (
            len(kinds) != 1
            or not kinds <= (_MAKING if number == reading.born else _PLAIN)
            or described.kind != "sync"
            or "classmethod" in described.decorators
            or any(key in ("*", "**") for key, _ in call.arguments)
        ):
            return _UNKNOWN
        owner = reading.receiver if itself else 0
        given = self._given(call, function, owner, plain=kinds == {v.FUNCTION})
        file = self.program.file_of[function]
        _, receiver, _, value, *_ = step
        if kinds == _MAKING and given.get(receiver) == 0:
            return 0
        held = given.get(receiver)
        if held is None and file == self.program.file_of[reading.watcher.function]:
            held = self._bound_once.get((file, receiver))
        if held != reading.receiver or not value:
            return _UNKNOWN
        if value in given:
            return self.node(where, given[value])
        return _UNKNOWN if self.group(function) else self.node(self.shifts[file], value)

    def _given(self, call: Call, function: int, receiver: int, *, plain: bool) -> dict[int, int]:
        """The slots that a call passes, by the slots of the parameters; methods get a receiver,
        `plain` functions do not."""
        slots = self.program.signatures[function].parameters
        declared = self.program.functions[function].parameters
        positional = [
            slot
            for slot, each in zip(slots, declared, strict=True)
            if each.kind in ("positional", "standard")
        ]
        names = {each.name: slot for slot, each in zip(slots, declared, strict=True)}
        found = {names[key]: slot for key, slot in call.arguments if key in names}
        passed = [slot for key, slot in call.arguments if isinstance(key, int)]
        found.update(zip(positional, passed if plain else [receiver, *passed], strict=False))
        return found


def _shifted(calls: tuple[int, ...], first: int) -> tuple[int, ...]:
    """Calls of a file as calls of the program; `~call` stays what it is."""
    return tuple(first + each if each >= 0 else each - first for each in calls)
