"""What annotations and `isinstance` tell of values."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import LIMIT, Watcher
from autospan.link.items import Items
from autospan.link.program import Program

_PLAIN = {
    **dict.fromkeys(("str", "bytes", "int", "float", "complex", "bool"), v.CONSTANT),
    **dict.fromkeys(("list", "tuple", "dict", "set", "frozenset"), v.BOX),
}
_PLAIN_TYPES = {f"builtins.{name}": kind for name, kind in _PLAIN.items()}
_OBJECTS = (v.FUNCTION, v.BOUND, v.CLASS, v.INSTANCE, v.PARTIAL)


class Typed(Items):
    """Seeds what annotations promise; keeps or drops what `isinstance` says."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._tested: list[tuple[int, int]] = []

    def instance_of(self, watcher: Watcher, value: int) -> None:
        """An annotation names a class: an instance of it may arrive; of a protocol or an abstract
        class, of the classes that implement it."""
        item = self.values.items[value]
        if item[0] == v.CLASS:
            if self.postponed is not None:
                self.postponed.append((watcher, value))
                return
            for each in self.classes.implementations(int(item[1])):
                self.flow.add(watcher.target, self.values.of(v.INSTANCE, each))
        elif (item[0] == v.INSTANCE and watcher.name == "self") or item[0] == v.EXTERNAL:
            self.flow.add(watcher.target, value)
        elif item[0] == v.BOX:
            self.flow.watch_once(self.boxes.every(int(item[1])), watcher)

    def narrow(self, watcher: Watcher, value: int) -> None:
        """`target = value`, if it is an instance of the classes in the node `other` (name "not":
        if it is none)."""
        if self.postponed is not None:
            self.postponed.append((watcher, value))
            return
        wanted = self._classes_in(watcher.other)
        if self.values.items[value][0] == v.PROXY:
            self.through(watcher, value)
        elif not wanted:
            self.flow.add(watcher.target, value)
        elif watcher.name == "not":
            if not any(self._is_surely(value, each) for each in wanted):
                self.flow.add(watcher.target, value)
        else:
            for each in wanted:
                self.flow.add(watcher.target, self._narrowed(value, each))

    def note_test(self, target: int, classes: int) -> None:
        """Remember a test: where no value passes it, an instance of its class will."""
        self._tested.append((target, classes))

    def seed_tested(self) -> None:
        """Where nothing is known of what passed an `isinstance`, it is an instance all the same."""
        for target, classes in self._tested:
            if self.flow.held[target] is None:
                for each in self._classes_in(classes):
                    self.instance_of(Watcher(self.instance_of, target), each)

    def _classes_in(self, node: int) -> list[int]:
        """The classes that the second argument of `isinstance` holds."""
        found: list[int] = []
        for value in self.flow.values(node):
            item = self.values.items[value]
            if item[0] == v.BOX:
                for _, element in self.boxes.nodes(int(item[1]))[:LIMIT]:
                    found += self.flow.values(element)
            else:
                found.append(value)
        return [each for each in found if self.values.items[each][0] in (v.CLASS, v.EXTERNAL)]

    def _is_surely(self, value: int, klass: int) -> bool:
        """Whether a value is known to be an instance of a class."""
        item, wanted = self.values.items[value], self.values.items[klass]
        if wanted[0] == v.CLASS:
            return item[0] == v.INSTANCE and wanted[1] in self.classes.order(int(item[1]))
        name = str(wanted[1])
        if item[0] == v.BOX:
            kind = self.boxes.kinds[int(item[1])]
            return kind != "list" and name == f"builtins.{kind}"
        return item[0] == v.CONSTANT and name == "builtins.str"

    def _narrowed(self, value: int, klass: int) -> int:
        """The value as an instance of a class; 0: it is none."""
        item, wanted = self.values.items[value], self.values.items[klass]
        if wanted[0] == v.EXTERNAL:
            plain = _PLAIN_TYPES.get(str(wanted[1]))
            foreign = item[0] == v.INSTANCE and self.classes.external(int(item[1]))
            if plain is None or foreign:
                return value
            other = v.BOX if plain == v.CONSTANT else v.CONSTANT
            return 0 if item[0] in (*_OBJECTS, other) else value
        if item[0] != v.INSTANCE:
            return 0
        if wanted[1] in self.classes.order(int(item[1])):
            return value
        below = item[1] in self.classes.order(int(wanted[1]))
        return self.values.of(v.INSTANCE, wanted[1]) if below else 0
