"""Abstract values as the graph tells them: constants, functions, classes, external names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from autospan.link import values as v
from autospan.link.flow import Held
from autospan.link.solve import Solver
from autospan.model import STARTS, Argument, Value

_MOST_VALUES = 24
_MOST_ITEMS = 1_000
_MOST_WRAPPERS = 8
_DEEPEST = 3
T = TypeVar("T")


class Translation:
    """Knows where the functions and classes of a solver stand in the graph: by (path, line)."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.program = solver.program
        functions, classes = self.program.functions, self.program.classes
        self._function_order = sorted(
            range(len(functions)), key=lambda n: (functions[n].place, functions[n].name)
        )
        self._class_order = sorted(range(len(classes)), key=lambda n: classes[n].place)
        self.function_at = {old: new for new, old in enumerate(self._function_order)}
        self.class_at = {old: new for new, old in enumerate(self._class_order)}
        self._translated: dict[tuple[int, int], Value | None] = {}
        self._same: dict[Value, Value] = {}
        self._told: list[dict[Held, tuple[Value, ...]]] = [{} for _ in range(_DEEPEST + 1)]
        self._arguments: dict[tuple[int | str, Held], Argument] = {}

    def arguments(self, number: int, shift: int = -1) -> tuple[Argument, ...]:
        """What a call site passes, as far as it is known (in one copy of its function)."""
        if not self.program.calls[number].arguments:
            return ()
        known, all_held, found = self._arguments, self.solver.flow.held, []
        shift = self.program.file_of_call[number] if shift < 0 else shift
        for key, node in self.solver.passed(number, shift):
            held = all_held[node]
            if held is not None:
                one = known.get((key, held))
                if one is None:
                    one = known[key, held] = Argument(key, self.values(node))
                if one.values:
                    found.append(one)
        return tuple(found)

    def values(self, node: int, depth: int = _DEEPEST) -> tuple[Value, ...]:
        """The values that a node holds, each once; containers down to a depth."""
        held = self.solver.flow.held[node]
        if held is None:
            return ()
        known = self._told[depth].get(held)
        if known is None:
            values = [self.value(number, depth) for number in self.solver.flow.values(node)]
            known = self._told[depth][held] = _each(values)
        return known

    def value(self, number: int, depth: int = _DEEPEST) -> Value | None:
        """One abstract value; None where there is nothing to tell. Equal ones are one object."""
        key = number, depth
        if key not in self._translated:
            self._translated[key] = None  # what contains itself has nothing to tell twice
            found = self._translate(self.solver.values.items[number], depth)
            self._translated[key] = found and self._same.setdefault(found, found)
        return self._translated[key]

    def _translate(self, item: v.Item, depth: int) -> Value | None:
        kind = item[0]
        if kind == v.CONSTANT:
            return Value("constant", _shown(str(item[1])))
        if kind == v.BOX:
            return self._collection(int(item[1]), depth)
        several: list[int] = []
        if kind in (v.FUNCTION, v.GENERATOR, v.COROUTINE):
            item, several = self._wrapped(item)
            kind = item[0]
        if kind in (v.FUNCTION, v.GENERATOR, v.COROUTINE):
            items = tuple(one for each in several if (one := self.value(each, 0)))
            name = self.program.functions[int(item[1])].qualified
            return Value("function", name, self.function_at[int(item[1])], items)
        if kind in (v.BOUND, v.STATIC, v.CLASSMETHOD, v.PROPERTY):
            return self.value(int(item[1]), depth)
        if kind in (v.CLASS, v.INSTANCE):
            described = self.program.classes[int(item[1])]
            text = described.name.replace(":", ".")
            target = self.class_at[int(item[1])]
            return Value("class" if kind == v.CLASS else "instance", text, target)
        if kind in (v.EXTERNAL, v.EXTERNAL_METHOD, v.MODULE):
            return Value("external", str(item[1]))
        return None

    def _wrapped(self, item: v.Item) -> tuple[v.Item, list[int]]:
        """The function or class that a decorator's wrapper stands for: what the function around it,
        which returns it, was given in the copy made for this use. Of several, the wrapper and
        what they are."""
        items = self.solver.values.items
        for _ in range(_MOST_WRAPPERS):
            number, shift = int(item[1]), int(item[2])
            where = self.solver.shifts[shift]
            outer = self.program.functions[number].outer
            if outer is None:
                break
            around = self.program.function_base[self.program.file_of[number]] + outer
            given = self.solver.parameters(around, shift)[self._receivers(around) :][:1]
            held = [each for node in given for each in self.solver.flow.values(node)]
            wrapped = [each for each in held if items[each][0] in (v.FUNCTION, v.CLASS)]
            if not wrapped or not self._returned(around, shift, number):
                break
            if len(wrapped) > 1:
                return item, wrapped
            if where.first > where.last:
                break
            item = items[wrapped[0]]
            if item[0] == v.CLASS:
                break
        return item, []

    def _returned(self, function: int, shift: int, inner: int) -> bool:
        """Whether a function returns the one in it."""
        result = self.solver.node(
            self.solver.shifts[shift], self.program.signatures[function].result
        )
        held = (self.solver.values.items[each] for each in self.solver.flow.values(result))
        return any(each[:2] == (v.FUNCTION, inner) for each in held)

    def _receivers(self, function: int) -> int:
        """How many parameters come before what is passed: 1 of methods."""
        described = self.program.functions[function]
        first = described.parameters[0].name if described.parameters else ""
        return int(described.owner is not None and first in ("self", "cls"))

    def _collection(self, box: int, depth: int) -> Value | None:
        """A container: what may be in it, and its constants joined by commas.

        Containers hold each other in many ways: told to the end, they would be told without end.
        """
        if not depth:
            return None
        held = self.solver.boxes.nodes(box)[:_MOST_ITEMS]
        told = _each(self.values(node, depth - 1) for _, node in held)
        items = _each(each for values in told for each in values)
        constants = [each.text for each in items if each.kind == "constant"]
        text = ",".join(constants[:_MOST_VALUES])
        keys = tuple(key for key, _ in held if key and not key.startswith("#"))
        return Value("collection", text, -1, items, keys)


def _each(objects: Iterable[T | None]) -> tuple[T, ...]:
    """The objects, each once. They are told apart by identity: to compare what contains hundreds
    of values that contain others is most of the work otherwise."""
    return tuple({id(each): each for each in objects if each is not None}.values())


def _shown(text: str) -> str:
    """A constant as it was written: `#7` is 7, a known beginning ends in an ellipsis."""
    return text.removeprefix("#").replace(STARTS, "…")
