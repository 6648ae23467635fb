"""Reactions to values that are taken from: items, iteration, `await`, `with`, operators."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.flow import Watcher
from autospan.link.specials import Specials
from autospan.model import STARTS

_ITERATING = {"": ("__iter__", "__next__"), "async": ("__aiter__", "__anext__")}


class Items(Specials):
    """What containers, generators, coroutines and special methods give."""

    def item(self, watcher: Watcher, value: int) -> None:
        """`target = value[name]` (name "": the key is not a constant but in the node `other`)."""
        item = self.values.items[value]
        if item[0] == v.BOX:
            box = int(item[1])
            if watcher.name or not watcher.other:
                self.boxes.give(box, watcher.name, watcher.target)
            else:
                self.flow.watch(watcher.other, watcher._replace(react=self._item_by, line=box))
                if not any(True for _ in self.flow.values(watcher.other)):
                    self.boxes.give(box, "", watcher.target)
        elif item[0] == v.INSTANCE:
            self.implicit(watcher, value, "__getitem__", (watcher.other,))
        elif item[0] == v.CLASS:
            self._item_of_class(watcher, value)
        elif item[0] == v.EXTERNAL and str(item[1]).startswith("typing."):
            self.flow.copy(watcher.other, watcher.target)
        elif item[0] == v.EXTERNAL and (made := self.externals.item(str(item[1]))):
            self.external(watcher.target, made)
        elif item[0] == v.EXTERNAL_METHOD and self.externals.yields(str(item[1])):
            self.instance_given(watcher, value)
        elif item[0] == v.MODULE or item == (v.EXTERNAL, "sys.modules"):
            if watcher.name:
                self._module_item(watcher, value, watcher.name)
            else:
                by = Watcher(self._module_item_by, watcher.target, "", 0, 0, value)
                self.flow.watch(watcher.other, by)
        elif item[0] == v.PROXY:
            self.through(watcher, value)

    def _item_of_class(self, watcher: Watcher, value: int) -> None:
        """`Enumeration["NAME"]`, what a metaclass gives, else `Generic[T]`: the class."""
        if self.postponed is not None:
            self.postponed.append((watcher._replace(react=self._item_of_class), value))
            return
        number = int(self.values.items[value][1])
        if self.classes.enumerated(number):
            self.flow.add(watcher.target, self.values.of(v.INSTANCE, number))
        elif self.special_method(value, "__getitem__"):
            self.implicit(watcher, value, "__getitem__", (watcher.other,))
        else:
            self.flow.add(watcher.target, value)
            if "__class_getitem__" in self.special:
                getter = self.bound(value, "__class_getitem__")
                self.flow.watch(getter, watcher._replace(react=self._get_class_item))

    def _get_class_item(self, watcher: Watcher, method: int) -> None:
        item = self.values.items[method]
        if item[0] == v.FUNCTION:
            method = self.values.of(v.BOUND, method, method)
        self.enter_function(watcher.function, watcher.line, method, watcher.target)

    def _module_item_by(self, watcher: Watcher, key: int) -> None:
        item = self.values.items[key]
        if item[0] == v.CONSTANT:
            self._module_item(watcher, watcher.other, str(item[1]))

    def _module_item(self, watcher: Watcher, value: int, name: str) -> None:
        """`globals()["name"]`, `sys.modules["name"]`."""
        if self.values.items[value][0] == v.EXTERNAL:
            self.flow.add(watcher.target, self.module(name))
        else:
            start = name.endswith(STARTS)
            reading = watcher._replace(name=name.rstrip(STARTS))
            (self.attributes_from if start else self.attribute)(reading, value)

    def _item_by(self, watcher: Watcher, key: int) -> None:
        item = self.values.items[key]
        name = str(item[1]) if item[0] == v.CONSTANT else ""
        self.boxes.give(watcher.line, name, watcher.target)

    def slice(self, watcher: Watcher, value: int) -> None:
        """`target = value[other:]`."""
        item = self.values.items[value]
        if item[0] == v.INSTANCE:
            self.implicit(watcher._replace(other=0), value, "__getitem__")
            return
        if item[0] == v.BOX and watcher.other:
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
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            elif self.classes.find(int(item[1]), "__setitem__"):
                self.run_special(watcher, value, "__setitem__", (watcher.other, watcher.target))
            else:
                storing = watcher._replace(target=0, other=watcher.target)
                self.called_outside(storing, value, "__setitem__", watcher.target)
        elif item[0] == v.PROXY:
            self.through(watcher, value)

    def iterate(self, watcher: Watcher, value: int) -> None:
        """`for target in value` (name "async": `async for`)."""
        item = self.values.items[value]
        if item[0] == v.BOX:
            if self.boxes.kinds[int(item[1])] != "dict":
                self.boxes.give(int(item[1]), "", watcher.target)
        elif item[0] == v.GENERATOR:
            function, shift = int(item[1]), int(item[2])
            yielded = self.program.signatures[function].yielded
            self.flow.copy(self.node(self.shifts[shift], yielded), watcher.target)
        elif item[0] in (v.INSTANCE, v.CLASS):
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            else:
                self._iterate_own(watcher, value)
        elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD):
            self.iterated.add((watcher.function, watcher.line, str(item[1])))
            if item[0] == v.EXTERNAL_METHOD and self.externals.yields(str(item[1])):
                self.instance_given(watcher, value)
        elif item[0] == v.PROXY:
            self.through(watcher, value)

    def _iterate_own(self, watcher: Watcher, value: int) -> None:
        """An instance (a class: by its metaclass) is iterated over: `__iter__`, then `__next__`."""
        kind, number = self.values.items[value][:2]
        first, _ = _ITERATING[watcher.name]
        if kind == v.CLASS and self.classes.enumerated(int(number)):
            self.flow.add(watcher.target, self.values.of(v.INSTANCE, number))
        elif self.special_method(value, first):
            inner = self.flow.node()
            self.implicit(watcher._replace(target=inner), value, first)
            self.flow.watch(inner, watcher._replace(react=self.next_))
        elif kind == v.INSTANCE and self.inherits(value):
            self.called_outside(watcher, value, first)
        elif kind == v.INSTANCE:
            self.implicit(watcher, value, "__getitem__")

    def next_(self, watcher: Watcher, value: int) -> None:
        """`target = next(value)`."""
        item = self.values.items[value]
        if item[0] not in (v.INSTANCE, v.CLASS):
            self.iterate(watcher, value)
            return
        given = watcher
        if watcher.name == "async" and watcher.target:
            given = watcher._replace(target=self.flow.node())
            self.flow.watch(given.target, watcher._replace(react=self.await_))
        self.implicit(given, value, _ITERATING[watcher.name][1])

    def instance_given(self, watcher: Watcher, value: int) -> None:
        """An element of a query is an instance of the class that it was made of."""
        if self.postponed is not None:
            self.postponed.append((watcher._replace(react=self.instance_given), value))
        elif (klass := self.class_given(value)) is not None:
            self.flow.add(watcher.target, self.values.of(v.INSTANCE, klass))

    def class_given(self, value: int) -> int | None:
        """The class (number) whose instances a value gives: a model, or what was made `of` one. A
        class that is a query itself (a manager) gives those of another."""
        kind, number, *through = self.values.items[value]
        if kind == v.EXTERNAL_METHOD and number in self.externals.queries:
            kind, number, *_ = self.values.items[int(through[0])]
        if kind != v.CLASS:
            return None
        bases = map(self.externals.name, self.classes.external(int(number)))
        return None if self.externals.queries.intersection(bases) else int(number)

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
        elif item[0] == v.INSTANCE and self.special_method(value, "__await__"):
            self.implicit(watcher, value, "__await__")
        elif item[0] == v.INSTANCE:
            self.flow.add(watcher.target, value)

    def enter(self, watcher: Watcher, value: int) -> None:
        """`with value as target`; the name is that of the entering method."""
        item = self.values.items[value]
        if item[0] == v.GENERATOR:
            self.iterate(watcher, value)
        elif item[0] == v.INSTANCE:
            entered = watcher
            if watcher.name == "__aenter__" and watcher.target:
                entered = watcher._replace(target=self.flow.node())
                self.flow.watch(entered.target, watcher._replace(react=self.await_))
            self.implicit(entered, value, watcher.name)
            if self.postponed is None and not self.special_method(value, watcher.name):
                self.flow.add(watcher.target, value)
            leaving = "__aexit__" if watcher.name == "__aenter__" else "__exit__"
            self.implicit(watcher._replace(target=0), value, leaving)
        elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD):
            self.flow.add(watcher.target, value)
        elif item[0] == v.PROXY:
            self.through(watcher, value)
