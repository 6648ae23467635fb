"""What the program reads from a value of which nothing is known: it has to have all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autospan.link import values as v
from autospan.link.flow import Watcher
from autospan.link.solve import Solver

Attribute = tuple[int, str]
"""A node and the name of an attribute that is read from it."""


class Receivers:
    """Knows the attributes that are read from the receiver of a call: in the function around, or,
    of `self.x`, in the class around."""

    def __init__(self, solver: Solver) -> None:
        self._solver, self._program = solver, solver.program
        self._functions: dict[int, tuple[dict[int, Attribute], dict[int, set[str]]]] = {}
        self._read: Callable[[Watcher, int], None] = solver.attribute
        self._attributes: dict[int, dict[str, set[str]]] = {}
        self._names: dict[int, set[str]] = {}
        self._assigned: dict[int, set[str]] = {}
        for value, name in solver.fields():
            self._assigned.setdefault(value, set()).add(name)
        self._methods: dict[int, list[int]] = {}
        for number, function in enumerate(self._program.functions):
            if function.owner is not None:
                klass = self._program.class_base[self._program.file_of[number]] + function.owner
                self._methods.setdefault(klass, []).append(number)

    def fitting(self, number: int, methods: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
        """Those of (class, method) whose class has most of what else is read from the receiver of
        a call site, and at least half. `self.x.m()` in a method `m` passes a call on: `m` of the
        class itself is not meant, unless that is a tree of its kind."""
        if not methods:
            return methods
        call = self._program.calls[number]
        file = self._program.file_of_call[number]
        function = self._program.function_base[file] + call.owner
        read, names_of = self._read_in(function)
        receiver, method = read.get(self._node(function, call.function), (0, ""))
        owner = self._program.functions[function].owner
        source, name = read.get(receiver, (0, ""))
        names = names_of.get(receiver, set())
        if name and owner is not None and source == self._self(function):
            klass = self._program.class_base[file] + owner
            names = self._read_from(klass).get(name, names)
            kin = self._solver.classes.below(klass) | set(self._solver.classes.order(klass))
            if not any(each in kin for each, other in methods if other != function):
                methods = [each for each in methods if each[1] != function]
        names = names - {method}
        if not names:
            return methods
        shares = [sum(self._has(klass, each) for each in names) for klass, _ in methods]
        best = max([*shares, (len(names) - 1) / 2])
        return [each for each, share in zip(methods, shares, strict=True) if share == best]

    def _read_in(self, function: int) -> tuple[dict[int, Attribute], dict[int, set[str]]]:
        """Per node of a function that holds an attribute: the node it is read from, and its name;
        per node: the names of the attributes that are read from it."""
        known = self._functions.get(function)
        if known is None:
            known = self._functions[function] = ({}, {})
            signature = self._program.signatures[function]
            first = self._node(function, signature.first)
            for node in range(first, first + signature.last - signature.first + 1):
                watchers = self._solver.flow.watchers[node]
                if type(watchers) is Watcher:
                    self._note(node, watchers, known)
                elif type(watchers) is list:
                    for each in watchers:
                        self._note(node, each, known)
        return known

    def _note(
        self,
        node: int,
        watcher: Watcher,
        known: tuple[dict[int, Attribute], dict[int, set[str]]],
    ) -> None:
        if watcher.react == self._read:
            known[0][watcher.target] = (node, watcher.name)
            known[1].setdefault(node, set()).add(watcher.name)

    def _node(self, function: int, slot: int) -> int:
        return self._program.node_base[self._program.file_of[function]] + slot

    def _self(self, function: int) -> int:
        parameters = self._program.signatures[function].parameters
        return self._node(function, parameters[0]) if parameters else 0

    def _read_from(self, klass: int) -> dict[str, set[str]]:
        """Per attribute of `self`: what is read from it in the methods of a class."""
        known = self._attributes.get(klass)
        if known is None:
            known = self._attributes[klass] = {}
            for function in self._methods.get(klass, ()):
                (read, names_of), own = self._read_in(function), self._self(function)
                for source, names in names_of.items():
                    holder, attribute = read.get(source, (0, ""))
                    if holder == own:
                        known.setdefault(attribute, set()).update(names)
        return known

    def _has(self, klass: int, name: str) -> bool:
        """Whether instances of a class have an attribute, or may have it from a subclass or from
        outside the program."""
        known = self._names.get(klass)
        if known is None:
            known = self._names[klass] = self._names_of(klass)
        return name in known or "__getattr__" in known

    def _names_of(self, klass: int) -> set[str]:
        """All attributes of a class and its subclasses; `__getattr__` stands for any."""
        classes = self._solver.classes
        kin = classes.below(klass)
        found = {"__getattr__"} if any(map(classes.external, kin)) else set[str]()
        for each in {each for below in kin for each in classes.order(below)}:
            if isinstance(each, int):
                found.update(classes.bodies[each], self._program.classes[each].fields)
                found |= self._assigned.get(self._solver.values.of(v.INSTANCE, each), set())
        return found
