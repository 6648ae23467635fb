"""Where an attribute is found, and what it becomes when it is bound to its receiver."""

from __future__ import annotations

from collections.abc import Iterable

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.program import Program
from autospan.link.state import State


class Lookup(State):
    """Looks attributes up: fields of instances, class bodies in resolution order, metaclasses."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self.postponed: list[tuple[Watcher, int]] | None = []
        self._stored = program.stored_names() | externals.kept
        self._accessors = program.accessors()
        self.special = program.special_names()
        self._fields: dict[tuple[int, str], int] = {}
        self._members: dict[tuple[int, str, int], int] = {}
        self.made: dict[int, int] = {}
        self._looked_up: dict[int, list[tuple[str, int]]] = {}
        self._bound: dict[tuple[int, str], int] = {}
        self._readers: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self._getters: dict[tuple[int, str], list[int]] = {}

    def field(self, value: int, name: str) -> int:
        """The node of what is assigned to an attribute of a value."""
        node = self._fields.get((value, name))
        if node is None:
            node = self._fields[value, name] = self.flow.node()
        return node

    def fields(self) -> Iterable[tuple[int, str]]:
        """The values and the names of the attributes of theirs that are assigned to."""
        return self._fields.keys()

    def bound(self, value: int, name: str) -> int:
        """The node of an attribute as it is read through an instance, a class or `super()`."""
        node = self._bound.get((value, name))
        if node is not None:
            return node
        node = self._bound[value, name] = self.flow.node()
        item = self.values.items[value]
        receiver, after = value, -1
        if item[0] == v.SUPER:
            receiver, after = int(item[2]), int(item[1])
        number = int(self.values.items[receiver][1])
        if after >= 0 and after not in self.classes.order(number):
            metaclass = self.classes.metaclass(number)
            number = number if metaclass is None else metaclass
        if name not in self._stored:
            found = self.classes.find(number, name, after)
            method = self.made.get(found[1]) if found is not None else None
            if method is not None:
                through_instance = self.values.items[receiver][0] == v.INSTANCE
                bound = self.values.of(v.BOUND, method, receiver) if through_instance else method
                self.flow.add(node, bound)
                return node
        member = self.member(number, name, after)
        self.flow.watch(member, Watcher(self._bind, node, name, other=receiver, line=value))
        if item[0] == v.CLASS and self.classes.find(number, name) is None:
            self.flow.copy(self.bound_by_metaclass(value, name), node)
        return node

    def bound_by_metaclass(self, value: int, name: str) -> int:
        """The node of an attribute of a class that its metaclass has; 0: there is none."""
        metaclass = self.classes.metaclass(int(self.values.items[value][1]))
        if metaclass is None or self.classes.find(metaclass, name) is None:
            return 0
        node = self._bound.get((-value, name))
        if node is None:
            node = self._bound[-value, name] = self.flow.node()
            binding = Watcher(self._bind_class, node, name, other=value, line=value)
            self.flow.watch(self.member(metaclass, name), binding)
        return node

    def _bind_class(self, watcher: Watcher, value: int) -> None:
        """A metaclass's attribute becomes what reading it through its class gives."""
        item = self.values.items[value]
        if item[0] == v.FUNCTION:
            self.flow.add(watcher.target, self.values.of(v.BOUND, value, watcher.other))
        elif item[0] == v.PROPERTY:
            self._getter(watcher, int(item[1]), watcher.other)
        else:
            self._bind(watcher, value)

    def special_method(self, value: int, name: str) -> int:
        """The node of a special method that Python calls on a value; 0: its class has none."""
        kind, number = self.values.items[value][:2]
        if kind == v.CLASS:
            return self.bound_by_metaclass(value, name)
        return self.bound(value, name) if self.classes.find(int(number), name) else 0

    def member(self, number: int, name: str, after: int = -1) -> int:
        """The node of an attribute of a class and its instances, not yet bound to a receiver."""
        node = self._members.get((number, name, after))
        if node is None:
            node = self._members[number, name, after] = self.flow.node()
            self._looked_up.setdefault(number, []).append((name, after))
            self._link_member(node, number, name, after)
        return node

    def _link_member(self, node: int, number: int, name: str, after: int) -> None:
        found = self.classes.find(number, name, after)
        stored = False
        if after < 0 and name in self._stored:
            for each in self.classes.order(number):
                if isinstance(each, int):
                    key = (self.values.of(v.INSTANCE, each), name)
                    stored = stored or key in self._fields
                    self.flow.copy(self.field(*key), node)
        if found is not None:
            if name in self.classes.enumerated(found[0]):
                self.flow.add(node, self.values.of(v.INSTANCE, found[0]))
            else:
                self.flow.copy(found[1], node)
        elif not stored and name in ("value", "_value_") and self.classes.enumerated(number):
            for each in sorted(self.classes.enumerated(number)):
                member = self.classes.find(number, each)
                if member is not None:
                    self.flow.copy(member[1], node)
        elif not stored:
            klass = self.values.of(v.CLASS, number)
            for external in self.classes.external(number)[:2]:
                dotted = self.externals.member(external, name)
                if dotted is not None:
                    self.flow.add(node, self.values.of(v.EXTERNAL_METHOD, dotted, klass))

    def relink(self, number: int) -> None:
        """A class got a base late: look its attributes up again, and its subclasses'."""
        for each in sorted(self.classes.below(number)):
            for name, after in self._looked_up.get(each, ()):
                self._link_member(self._members[each, name, after], each, name, after)

    def _bind(self, watcher: Watcher, value: int) -> None:
        """A member's value becomes what reading it through the receiver gives."""
        item, receiver = self.values.items[value], watcher.other
        kind = item[0]
        through_instance = self.values.items[receiver][0] == v.INSTANCE
        if kind == v.FUNCTION and through_instance:
            self.flow.add(watcher.target, self.values.of(v.BOUND, value, receiver))
        elif kind == v.STATIC:
            self.flow.add(watcher.target, int(item[1]))
        elif kind == v.CLASSMETHOD:
            klass = self.values.of(v.CLASS, self.values.items[receiver][1])
            self.flow.add(watcher.target, self.values.of(v.BOUND, int(item[1]), klass))
        elif kind == v.PROPERTY and through_instance:
            self._getter(watcher, int(item[1]), receiver)
        elif kind == v.EXTERNAL and item[1] in self.externals.queries:
            klass = self.values.of(v.CLASS, self.values.items[receiver][1])
            self.flow.add(watcher.target, self.values.of(v.EXTERNAL_METHOD, item[1], klass))
        elif kind == v.INSTANCE and self.classes.find(int(item[1]), "__get__"):
            getter = self.member(int(item[1]), "__get__")
            for each in tuple(self.flow.values(getter)):
                self._getter(watcher, each, value)
        else:
            self.flow.add(watcher.target, value)

    def _getter(self, watcher: Watcher, getter: int, receiver: int) -> None:
        """Reading the attribute runs a property's getter (or a descriptor's `__get__`)."""
        item = self.values.items[getter]
        if item[0] != v.FUNCTION:
            return
        key = (watcher.line, watcher.name)
        self._getters.setdefault(key, []).append(int(item[1]))
        for function, line in self._readers.get(key, ()):
            self.edge(function, int(item[1]), line)
        bound = self.values.of(v.BOUND, getter, receiver)
        self.enter_function(-1, 0, bound, watcher.target)
