"""Reactions to values that are read from: attributes, items, iteration, `await` and `with`."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import LIMIT, Watcher
from autospan.link.program import Program
from autospan.link.state import State


class Members(State):
    """Finds what an attribute may be: on modules, classes, instances, `super()` and externals."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self.postponed: list[tuple[Watcher, int]] | None = []
        self._stored = {
            str(step[2]) for steps in program.steps for step in steps if step[0] == "setattr"
        }
        self._fields: dict[tuple[int, str], int] = {}
        self._members: dict[tuple[int, str, int], int] = {}
        self._bound: dict[tuple[int, str], int] = {}
        self._readers: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self._getters: dict[tuple[int, str], list[int]] = {}

    def module_member(self, module: str, name: str, target: int) -> None:
        """Let a module's attribute flow into a node."""
        raise NotImplementedError

    def enter_function(
        self, caller: int, line: int, value: int, target: int, arguments: tuple[int, ...] = ()
    ) -> None:
        """Call a callable value implicitly, with the values of some nodes as arguments."""
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
                self.flow.add(watcher.target, self.values.of(v.EXTERNAL, name))
        elif kind == v.MODULE:
            self.module_member(str(item[1]), watcher.name, watcher.target)
        elif kind in (v.INSTANCE, v.CLASS, v.SUPER):
            if self.postponed is not None:
                self.postponed.append((watcher, value))
                return
            self.flow.copy(self.bound(value, watcher.name), watcher.target)
            key = (value, watcher.name)
            self._readers.setdefault(key, []).append((watcher.function, watcher.line))
            for getter in self._getters.get(key, ()):
                self.edge(watcher.function, getter, watcher.line)
        elif kind == v.BOX:
            self.flow.add(watcher.target, self.values.of(v.BOX_METHOD, item[1], watcher.name))
        elif kind in (v.EXTERNAL_METHOD, v.DECORATED):
            dotted = self.externals.member(str(item[1]), watcher.name)
            if dotted is not None:
                found = self.values.of(v.EXTERNAL_METHOD, dotted, item[2])
                self.flow.add(watcher.target, found)
        elif kind == v.PROPERTY:
            self.flow.add(watcher.target, value)
        elif kind in (v.FUNCTION, v.BOUND, v.PARTIAL) and watcher.name in self._stored:
            self.flow.copy(self.field(value, watcher.name), watcher.target)

    def attributes_from(self, watcher: Watcher, value: int) -> None:
        """`getattr(value, "name" + …)`: every attribute whose name starts so, if they are few."""
        item = self.values.items[value]
        if item[0] == v.MODULE:
            names = self.module_names(str(item[1]))
        elif item[0] in (v.INSTANCE, v.CLASS):
            order = self.classes.order(int(item[1]))
            names = {
                name for each in order if isinstance(each, int) for name in self.classes.bodies[each]
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

    def set_attribute(self, watcher: Watcher, value: int) -> None:
        """`value.name = target`."""
        item = self.values.items[value]
        if item[0] in (v.INSTANCE, v.CLASS):
            number = self.values.of(v.INSTANCE, item[1])
            self.flow.copy(watcher.target, self.field(number, watcher.name))
        elif item[0] in (v.FUNCTION, v.BOUND, v.PARTIAL, v.EXTERNAL):
            self.flow.copy(watcher.target, self.field(value, watcher.name))
        elif item[0] == v.MODULE:
            self.set_module_member(str(item[1]), watcher.name, watcher.target)

    def field(self, value: int, name: str) -> int:
        """The node of what is assigned to an attribute of a value."""
        node = self._fields.get((value, name))
        if node is None:
            node = self._fields[value, name] = self.flow.node()
        return node

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
        member = self.member(number, name, after)
        self.flow.watch(member, Watcher(self._bind, node, name, other=receiver, line=value))
        return node

    def member(self, number: int, name: str, after: int = -1) -> int:
        """The node of an attribute of a class and its instances, not yet bound to a receiver."""
        node = self._members.get((number, name, after))
        if node is None:
            node = self._members[number, name, after] = self.flow.node()
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
        for (each, name, after), node in tuple(self._members.items()):
            if each == number or number in self.classes.order(each):
                self._link_member(node, each, name, after)

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

    # --- items, iteration, await, with

    def item(self, watcher: Watcher, value: int) -> None:
        """`target = value[name]` (name "": the key is not a constant but in the node `other`)."""
        item = self.values.items[value]
        if item[0] == v.BOX:
            box = int(item[1])
            if watcher.name or not watcher.other:
                self.flow.copy(self.boxes.read(box, watcher.name), watcher.target)
            else:
                self.flow.watch(watcher.other, watcher._replace(react=self._item_by, line=box))
                if not any(True for _ in self.flow.values(watcher.other)):
                    self.flow.copy(self.boxes.read(box, ""), watcher.target)
        elif item[0] == v.INSTANCE:
            self.implicit(watcher, value, "__getitem__", (watcher.other,))
        elif item[0] == v.CLASS:
            self.flow.add(watcher.target, value)

    def _item_by(self, watcher: Watcher, key: int) -> None:
        item = self.values.items[key]
        name = str(item[1]) if item[0] == v.CONSTANT else ""
        self.flow.copy(self.boxes.read(watcher.line, name), watcher.target)

    def slice(self, watcher: Watcher, value: int) -> None:
        """`target = value[other:]`."""
        item = self.values.items[value]
        if item[0] == v.BOX:
            value = self.values.of(v.BOX, self.boxes.rest(int(item[1]), watcher.other))
        self.flow.add(watcher.target, value)

    def raise_(self, watcher: Watcher, value: int) -> None:
        """`raise value`: a class is instantiated."""
        if self.values.items[value][0] == v.CLASS:
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            else:
                self.enter_function(watcher.function, watcher.line, value, 0)

    def set_item(self, watcher: Watcher, value: int) -> None:
        """`value[name] = target`."""
        item = self.values.items[value]
        if item[0] == v.BOX:
            self.flow.copy(watcher.target, self.boxes.element(int(item[1]), watcher.name))
        elif item[0] == v.INSTANCE:
            found = self._method(value, "__setitem__")
            self.flow.watch(
                found, Watcher(self._run, 0, "", watcher.function, watcher.line, watcher.target)
            )

    def iterate(self, watcher: Watcher, value: int) -> None:
        """`for target in value`."""
        item = self.values.items[value]
        if item[0] == v.BOX:
            if self.boxes.kinds[int(item[1])] != "dict":
                self.flow.copy(self.boxes.every(int(item[1])), watcher.target)
        elif item[0] == v.GENERATOR:
            function, shift = int(item[1]), int(item[2])
            yielded = self.program.signatures[function].yielded
            self.flow.copy(self.node(self.shifts[shift], yielded), watcher.target)
        elif item[0] == v.INSTANCE and self.postponed is None:
            if self.classes.find(int(item[1]), "__next__"):
                self.implicit(watcher, value, "__next__")
            if self.classes.find(int(item[1]), "__iter__"):
                inner = self.flow.node()
                self.implicit(watcher._replace(target=inner), value, "__iter__")
                self.flow.watch(inner, watcher._replace(react=self._next))
        elif item[0] == v.INSTANCE and self.postponed is not None:
            self.postponed.append((watcher, value))

    def _next(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.INSTANCE:
            self.implicit(watcher, value, "__next__")
        else:
            self.iterate(watcher, value)

    def await_(self, watcher: Watcher, value: int) -> None:
        """`target = await value` (or `yield from value`)."""
        item = self.values.items[value]
        if item[0] in (v.COROUTINE, v.GENERATOR):
            function, shift = int(item[1]), int(item[2])
            result = self.program.signatures[function].result
            self.flow.copy(self.node(self.shifts[shift], result), watcher.target)
        elif item[0] == v.AWAITABLE:
            self.flow.copy(int(item[1]), watcher.target)
        elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD):
            self.flow.add(watcher.target, value)
        elif item[0] == v.INSTANCE:
            self.implicit(watcher, value, "__await__")

    def enter(self, watcher: Watcher, value: int) -> None:
        """`with value as target`; the name is that of the entering method."""
        item = self.values.items[value]
        if item[0] == v.GENERATOR:
            self.iterate(watcher, value)
        elif item[0] == v.INSTANCE:
            self.implicit(watcher, value, watcher.name)
            leaving = "__aexit__" if watcher.name == "__aenter__" else "__exit__"
            self.implicit(watcher._replace(target=0), value, leaving)
        elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD):
            self.flow.add(watcher.target, value)

    def operator(self, watcher: Watcher, value: int) -> None:
        """`target = value + other`; the name is the operator's method."""
        if self.values.items[value][0] == v.INSTANCE:
            self.implicit(watcher, value, watcher.name, (watcher.other,))

    def instance_of(self, watcher: Watcher, value: int) -> None:
        """An annotation names a class: an instance of it may arrive."""
        item = self.values.items[value]
        if item[0] == v.CLASS:
            self.flow.add(watcher.target, self.values.of(v.INSTANCE, item[1]))
        elif item[0] == v.EXTERNAL:
            self.flow.add(watcher.target, value)
        elif item[0] == v.BOX:
            self.flow.watch(self.boxes.every(int(item[1])), watcher)

    def implicit(
        self, watcher: Watcher, value: int, name: str, arguments: tuple[int, ...] = ()
    ) -> None:
        """A special method runs: an edge, and its result flows to the watcher's target."""
        if self.postponed is not None:
            again = Watcher(self._implicit_later, *watcher[1:])
            self.postponed.append((again._replace(name=name), value))
            return
        if not self.classes.find(int(self.values.items[value][1]), name):
            return
        found = self._method(value, name)
        argument = arguments[0] if arguments else 0
        self.flow.watch(
            found,
            Watcher(self._run, watcher.target, name, watcher.function, watcher.line, argument),
        )

    def _implicit_later(self, watcher: Watcher, value: int) -> None:
        self.implicit(watcher, value, watcher.name, (watcher.other,) if watcher.other else ())

    def _method(self, value: int, name: str) -> int:
        return self.bound(value, name)

    def _run(self, watcher: Watcher, value: int) -> None:
        arguments = (watcher.other,) if watcher.other else ()
        self.enter_function(watcher.function, watcher.line, value, watcher.target, arguments)
