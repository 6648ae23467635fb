"""Reactions to values whose attributes are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import LIMIT, Watcher
from autospan.link.lookup import Lookup
from autospan.link.program import Program

SAME_START: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "title": str.title,
}
"""Methods of strings that are followed through: a known name stays known."""

_STRING_METHODS = frozenset(dir(str))


class Members(Lookup):
    """Reads attributes of modules, classes, instances, `super()` and externals."""

    def module_member(self, module: str, name: str, target: int) -> None:
        """Let a module's attribute flow into a node."""
        raise NotImplementedError

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._outer: dict[tuple[int, str], int] = {}

    # --- attributes

    def attribute(self, watcher: Watcher, value: int) -> None:
        """`target = value.name`."""
        item = self.values.items[value]
        kind = item[0]
        if kind == v.INSTANCE and watcher.name == "__class__":
            self.flow.add(watcher.target, self.values.of(v.CLASS, item[1]))
        elif kind == v.INSTANCE or kind == v.CLASS or kind == v.SUPER:
            if self.postponed is not None:
                self.postponed.append((watcher, value))
                return
            self.flow.copy(self.bound(value, watcher.name), watcher.target)
            if watcher.name in self._accessors:
                self._note_reader(watcher, (value, watcher.name))
        elif kind == v.EXTERNAL:
            if watcher.name in self._stored:
                self.flow.copy(self.field(value, watcher.name), watcher.target)
            outer = self._outer.get((value, watcher.name))
            if outer is None:
                outer = self._outer[value, watcher.name] = self._outer_member(value, watcher.name)
            if outer:
                self.flow.add(watcher.target, outer)
        elif kind == v.MODULE:
            self.module_member(str(item[1]), watcher.name, watcher.target)
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
        elif kind in (v.GENERATOR, v.COROUTINE, v.AWAITABLE):
            self.flow.add(watcher.target, self.values.of(v.METHOD, value, watcher.name))
        elif kind in (v.FUNCTION, v.BOUND, v.PARTIAL) and watcher.name in self._stored:
            self.flow.copy(self.field(value, watcher.name), watcher.target)
        elif kind == v.PROXY:
            self.through(watcher, value)

    def _outer_member(self, value: int, name: str) -> int:
        """The value of an attribute of something outside; 0: its name grows too long."""
        item = self.values.items[value]
        dotted = self.externals.member(str(item[1]), name)
        if dotted is None:
            return 0
        single = v.single(item)
        return self.values.of(
            *((v.EXTERNAL_METHOD, dotted, value) if single else (v.EXTERNAL, dotted))
        )

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
