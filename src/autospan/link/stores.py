"""Reactions to values whose attributes are set or deleted."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.flow import Watcher
from autospan.link.members import Members

_OF_DESCRIPTORS = {"setter": "__set__", "deleter": "__delete__"}
_PLACES = {"getter": 1, "setter": 2, "deleter": 3}


class Stores(Members):
    """Stores into attributes: fields of instances, setters, descriptors, `__setattr__`."""

    def set_attribute(self, watcher: Watcher, value: int) -> None:
        """`value.name = target`."""
        item = self.values.items[value]
        if item[0] in (v.INSTANCE, v.CLASS):
            number = self.values.of(v.INSTANCE, item[1])
            if watcher.target:
                self.flow.copy(watcher.target, self.field(number, watcher.name))
            if item[0] == v.INSTANCE:
                self._run_setters(watcher, value)
        elif item[0] in (v.FUNCTION, v.BOUND, v.PARTIAL, v.EXTERNAL):
            if item[0] == v.FUNCTION:
                self.marked.setdefault(watcher.name, set()).add(value)
            self.flow.copy(watcher.target, self.field(value, watcher.name))
            if item[0] == v.EXTERNAL:
                name = self.externals.name(f"{item[1]}.{watcher.name}") + "="
                if self.externals.enters(name):
                    self.stores[watcher.function, watcher.line, name] = watcher.target
        elif item[0] == v.MODULE:
            self.set_module_member(str(item[1]), watcher.name, watcher.target)
        elif item[0] == v.PROXY:
            self.through(watcher, value)

    def delete_attribute(self, watcher: Watcher, value: int) -> None:
        """`del value.name`."""
        if self.values.items[value][0] != v.INSTANCE:
            return
        if self.postponed is not None:
            self.postponed.append((watcher, value))
        else:
            self._run_accessors(watcher, value, "deleter", "__delattr__")

    def is_watched(self, name: str) -> bool:
        """Whether storing to an attribute of that name may run code."""
        return name in self._accessors or "__setattr__" in self.special

    def _run_setters(self, watcher: Watcher, value: int) -> None:
        if not self.is_watched(watcher.name):
            return
        if self.postponed is not None:
            self.postponed.append((watcher._replace(react=self._run_setters), value))
        else:
            self._run_accessors(watcher, value, "setter", "__setattr__")

    def _run_accessors(self, watcher: Watcher, value: int, accessor: str, special: str) -> None:
        """The property or descriptor of that name runs, and the class's own special method."""
        own = special in self.special
        number = int(self.values.items[value][1])
        if own:
            self.run_special(watcher, value, special, (0, watcher.target))
        found = self.classes.find(number, watcher.name)
        if found is not None:
            through = watcher._replace(react=self._run_accessor, name=accessor, other=value)
            self.flow.watch(found[1], through)

    def _run_accessor(self, watcher: Watcher, member: int) -> None:
        """A class's attribute is stored to through the instance `other`."""
        item = self.values.items[member]
        if item[0] == v.PROPERTY:
            accessor = int(item[_PLACES[watcher.name]])
            if accessor:
                bound = self.values.of(v.BOUND, accessor, watcher.other)
                arguments = (watcher.target,) if watcher.target else ()
                self.enter_function(watcher.function, watcher.line, bound, 0, arguments)
        elif item[0] == v.INSTANCE:
            holder = self.flow.node()
            self.flow.add(holder, watcher.other)
            name = _OF_DESCRIPTORS[watcher.name]
            self.run_special(watcher, member, name, (holder, watcher.target))

    def run_special(
        self, watcher: Watcher, value: int, name: str, arguments: tuple[int, ...]
    ) -> None:
        """Call a special method of an instance, where its class has it, with several arguments."""
        if not self.classes.find(int(self.values.items[value][1]), name):
            return

        def react(inner: Watcher, method: int) -> None:
            self.enter_function(inner.function, inner.line, method, 0, arguments)

        reacting = Watcher(react, 0, name, watcher.function, watcher.line)
        self.flow.watch(self.bound(value, name), reacting)

    def refine(self, watcher: Watcher, function: int) -> None:
        """The property `other` with a function as its getter, setter or deleter (the name)."""
        if self.values.items[function][0] in (v.FUNCTION, v.BOUND):
            parts = list(self.values.items[watcher.other])
            parts[_PLACES[watcher.name]] = function
            self.flow.add(watcher.target, self.values.of(*parts))
