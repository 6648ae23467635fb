"""What runs when a class is created: metaclasses, `__init_subclass__`, `__set_name__`."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.program import Program
from autospan.link.recent import Recent


class Creation(Recent):
    """Knows which function's body creates which class (`created_by`), and what that calls."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self.created_by: dict[int, int] = {}

    def watch_metaclasses(self) -> None:
        """Note the classes of classes, as `metaclass=` names them."""
        for number, described in enumerate(self.program.classes):
            where = self.shifts[self.program.file_of_class[number]]
            for key, slot in described.keywords:
                if key == "metaclass":
                    watcher = Watcher(self._metaclass, other=number)
                    self.flow.watch(self.node(where, slot), watcher)

    def _metaclass(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.CLASS:
            self.classes.metaclasses.setdefault(watcher.other, int(item[1]))

    def create_classes(self) -> None:
        """Let every class statement call what it calls; the bases are settled."""
        for number, function in sorted(self.created_by.items()):
            created = self.values.of(v.CLASS, number)
            watcher = Watcher(self._created, 0, "", function, self._line(number), created)
            if self.classes.metaclasses:
                self._call_metaclass(number, watcher)
            if "__init_subclass__" in self.special:
                inherited = self.classes.find(number, "__init_subclass__", number)
                if inherited is not None:
                    self.flow.watch(inherited[1], watcher)
            if "__set_name__" in self.special:
                self._name_descriptors(number, watcher)
            if self.classes.enumerated(number):
                self._initialise_members(number, watcher)

    def _line(self, number: int) -> int:
        return self.program.classes[number].place.line

    def _created(self, watcher: Watcher, method: int) -> None:
        """A method is called with the class (or instance) `other` as its receiver."""
        item = self.values.items[method]
        if item[0] in (v.CLASSMETHOD, v.STATIC):
            method = int(item[1])
        if self.values.items[method][0] == v.FUNCTION:
            bound = self.values.of(v.BOUND, method, watcher.other)
            self.enter_function(watcher.function, watcher.line, bound, 0)

    def _call_metaclass(self, number: int, watcher: Watcher) -> None:
        metaclass = self.classes.metaclass(number)
        if metaclass is None:
            return
        receivers = {
            "__prepare__": self.values.of(v.CLASS, metaclass),
            "__new__": self.values.of(v.CLASS, metaclass),
            "__init__": watcher.other,
        }
        for name, receiver in receivers.items():
            found = self.classes.find(metaclass, name)
            if found is not None:
                self.flow.watch(found[1], watcher._replace(other=receiver))

    def _name_descriptors(self, number: int, watcher: Watcher) -> None:
        where = self.shifts[self.program.file_of_class[number]]
        for name, slot in self.program.classes[number].body:
            at, line = watcher.function, watcher.line
            naming = Watcher(self._name_descriptor, 0, name, at, line, watcher.other)
            self.flow.watch(self.node(where, slot), naming)

    def _name_descriptor(self, watcher: Watcher, value: int) -> None:
        if self.values.items[value][0] == v.INSTANCE:
            owner, name = self.flow.node(), self.flow.node()
            self.flow.add(owner, watcher.other)
            self.flow.add(name, self.values.of(v.CONSTANT, watcher.name))
            self.run_special(watcher, value, "__set_name__", (owner, name))

    def _initialise_members(self, number: int, watcher: Watcher) -> None:
        """The members of an enumeration are made with what the class body assigns to them."""
        found = self.classes.find(number, "__init__")
        if found is None:
            return
        instance = self.values.of(v.INSTANCE, number)
        self.flow.watch(found[1], watcher._replace(other=instance))
        where = self.shifts[self.program.file_of_class[number]]
        body = self.classes.bodies[number]
        given = [self.node(where, body[name]) for name in sorted(self.classes.enumerated(number))]
        for method in self.flow.values(found[1]):
            item = self.values.items[method]
            for node in given if item[0] == v.FUNCTION else ():
                self._pass(int(item[1]), int(item[2]), instance, [("*", node)])
