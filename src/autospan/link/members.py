"""Reactions to values whose attributes are read or set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import LIMIT, Watcher
from autospan.link.program import Program
from autospan.link.state import State

SAME_START: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "title": str.title,
}
"""Methods of strings that are followed through: a known name stays known."""

_STRING_METHODS = frozenset(dir(str))


class Members(State):
    """Finds what an attribute may be: on modules, classes, instances, `super()` and externals."""

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

    def module_member(self, module: str, name: str, target: int) -> None:
        """Let a module's attribute flow into a node."""
        raise NotImplementedError

    # --- attributes

    def attribute(self, watcher: Watcher, value: int) -> None:
        """`target = value.name`."""
        item = self.values.items[value]
        kind = item[0]
        if kind == v.EXTERNAL:
            if watcher.name in self._stored:
                self.flow.copy(self.field(value, watcher.name), watcher.target)
            name = self.externals.member(str(item[1]), watcher.name)
            if name is not None:
                of_this = (v.EXTERNAL_METHOD, name, value) if v.single(item) else (v.EXTERNAL, name)
                self.flow.add(watcher.target, self.values.of(*of_this))
        elif kind == v.MODULE:
            self.module_member(str(item[1]), watcher.name, watcher.target)
        elif kind == v.INSTANCE and watcher.name == "__class__":
            self.flow.add(watcher.target, self.values.of(v.CLASS, item[1]))
        elif kind in (v.INSTANCE, v.CLASS, v.SUPER):
            if self.postponed is not None:
                self.postponed.append((watcher, value))
                return
            self.flow.copy(self.bound(value, watcher.name), watcher.target)
            if watcher.name in self._accessors:
                self._note_reader(watcher, (value, watcher.name))
        elif kind == v.BOX:
            self.flow.add(watcher.target, self.values.of(v.BOX_METHOD, item[1], watcher.name))
        elif kind in (v.EXTERNAL_METHOD, v.DECORATED):
            dotted = self.externals.member(str(item[1]), watcher.name)
            if dotted is not None:
                found = self.values.of(v.EXTERNAL_METHOD, dotted, item[2])
                self.flow.add(watcher.target, found)
        elif kind == v.PROPERTY and watcher.name in ("getter", "setter", "deleter"):
            self.flow.add(watcher.target, self.values.of(v.ACCESSOR, value, watcher.name))
        elif kind == v.PROPERTY:
            self.flow.add(watcher.target, value)
        elif kind == v.CONSTANT:
            self._constant_member(watcher, value, str(item[1]))
        elif kind in (v.FUNCTION, v.BOUND, v.PARTIAL) and watcher.name in self._stored:
            self.flow.copy(self.field(value, watcher.name), watcher.target)
        elif kind == v.PROXY:
            self.through(watcher, value)

    def _constant_member(self, watcher: Watcher, value: int, text: str) -> None:
        """A method of a string; what it gives is followed where it starts as the string does."""
        if watcher.name in SAME_START:
            self.flow.add(watcher.target, value)
        elif watcher.name in _STRING_METHODS and not text.startswith("#"):
            self.flow.add(
                watcher.target, self.values.of(v.EXTERNAL, f"builtins.str.{watcher.name}")
            )

    def _note_reader(self, watcher: Watcher, key: tuple[int, str]) -> None:
        """Remember who reads an attribute that may be a property, for the edges to its getter."""
        self._readers.setdefault(key, []).append((watcher.function, watcher.line))
        for getter in self._getters.get(key, ()):
            self.edge(watcher.function, getter, watcher.line)

    def attributes_from(self, watcher: Watcher, value: int) -> None:
        """`getattr(value, "name" + …)`: every attribute whose name starts so, if they are few."""
        item = self.values.items[value]
        if item[0] == v.MODULE:
            names = self.module_names(str(item[1]))
        elif item[0] in (v.INSTANCE, v.CLASS):
            order = self.classes.order(int(item[1]))
            names = {
                name
                for each in order
                if isinstance(each, int)
                for name in self.classes.bodies[each]
            }
        else:
            return
        matching = sorted(name for name in names if name.startswith(watcher.name))
        for name in matching if len(matching) <= LIMIT else ():
            self.attribute(watcher._replace(name=name), value)

    def module(self, name: str) -> int:
        """The value of a module by its dotted name."""
        raise NotImplementedError

    def modules_from(self, prefix: str) -> list[str]:
        """The modules of the program whose dotted names are the prefix and one more part."""
        raise NotImplementedError

    def set_module_member(self, module: str, name: str, source: int) -> None:
        """Let a node flow into a module-level name."""
        raise NotImplementedError

    def module_names(self, module: str) -> set[str]:
        """The names that a module binds."""
        raise NotImplementedError

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
        return node

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
            self.flow.copy(found[1], node)
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
