"""What happens outside the program later: arguments kept, called back, stood in for."""

from __future__ import annotations

from collections.abc import Sequence

from autospan.knowledge.flows import ProxyRule
from autospan.link import values as v
from autospan.link.contexts import Contexts
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.program import Program

Arguments = list[tuple[int | str, int]]
_SELF = "self"
_OWN = (v.INSTANCE, v.CLASS, v.FUNCTION)
_CALLABLE = (v.FUNCTION, v.BOUND, v.CLASS, v.INSTANCE, v.PARTIAL)


class Kept(Contexts):
    """Applies what packs say of external callables beyond their results."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._unveiled: set[tuple[Watcher, int]] = set()

    def passed_outside(
        self, name: str, at: Watcher, receiver: int, arguments: Arguments, made: int = 0
    ) -> None:
        """Something outside is called on a receiver (a value, 0: none) with arguments (nodes), and
        makes an object that keeps values (0: none)."""
        for keep in self.externals.keeps(name):
            for key in keep.argument:
                for node in self._operand(key, receiver, arguments):
                    self._keep(made or receiver, keep.under, node)
        for callback in self.externals.callbacks(name):
            for key in callback.function:
                for node in self._operand(key, receiver, arguments):
                    for method in callback.methods or ("",):
                        back = Watcher(self._called_back, 0, method, at.function, at.line)
                        self.flow.watch(node, back)

    def called_outside(self, at: Watcher, receiver: int, name: str, argument: int = 0) -> None:
        """A method that a class of the program inherits from outside is called implicitly."""
        for external in self.classes.external(int(self.values.items[receiver][1]))[:2]:
            method = self.externals.member(external, name)
            if method is not None:
                self.passed_outside(method, at, receiver, [(0, argument)] if argument else [])

    def _operand(self, key: int | str, receiver: int, arguments: Arguments) -> list[int]:
        """The nodes of what a rule's key means: an argument, also an unpacked one, or a path that
        starts at the receiver."""
        if isinstance(key, str) and key.partition(".")[0] == _SELF:
            if not receiver:
                return []
            node = self.flow.node()
            self.flow.add(node, receiver)
            return [self.along(node, key.partition(".")[2])]
        found = [node for each, node in arguments if each == key]
        positional = sum(1 for each, _ in arguments if isinstance(each, int))
        star, element = ("**", key) if isinstance(key, str) else ("*", f"#{key - positional}")
        for each, node in arguments:
            if each == star and not found and not element.startswith("#-"):
                found = [self.flow.node()]
                self.flow.watch(node, Watcher(self._unpacked, found[0], element))
        return found

    def _unpacked(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.BOX:
            self.flow.copy(self.boxes.read(int(item[1]), watcher.name), watcher.target)

    def along(self, node: int, path: str) -> int:
        """The node of what is kept under a dotted path of attributes."""
        for name in path.split(".") if path else ():
            target = self.flow.node()
            self.flow.watch(node, Watcher(self._under, target, name))
            node = target
        return node

    def _under(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.BOX and self.boxes.kinds[int(item[1])] == "dict":
            self.flow.copy(self.boxes.read(int(item[1]), watcher.name), watcher.target)
        elif item[0] == v.BOX:
            self.flow.watch_once(self.boxes.every(int(item[1])), watcher)
        elif item[0] in (v.EXTERNAL, v.FUNCTION):
            self.flow.copy(self.field(value, watcher.name), watcher.target)
        elif item[0] in (v.INSTANCE, v.CLASS):
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            else:
                self._attribute_kept(watcher, int(item[1]))

    def _attribute_kept(self, watcher: Watcher, number: int) -> None:
        """An attribute of an instance as outside code reads it: a function that was assigned to it
        is no method, one of the class is."""
        for each in self.classes.order(number):
            if isinstance(each, int):
                stored = self.field(self.values.of(v.INSTANCE, each), watcher.name)
                self.flow.copy(stored, watcher.target)
        if self.classes.find(number, watcher.name):
            instance = self.values.of(v.INSTANCE, number)
            self.flow.copy(self.bound(instance, watcher.name), watcher.target)

    def _keep(self, receiver: int, under: str, node: int) -> None:
        """Let a node flow into an attribute of a receiver. A mere type, as an annotation tells it,
        keeps nothing: it would be one for all of its objects."""
        path, _, name = under.rpartition(".")
        start = self.flow.node()
        self.flow.add(start, receiver)
        self.flow.watch(self.along(start, path), Watcher(self._keep_in, node, name))

    def _keep_in(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        last = str(item[1]).rpartition(".")[2] if item[0] == v.EXTERNAL else ""
        if item[0] == v.BOX:
            self.flow.watch_once(self.boxes.every(int(item[1])), watcher)
        elif item[0] in _OWN or v.single(item) or last[:1].islower():
            self.set_attribute(watcher, value)

    def _called_back(self, watcher: Watcher, value: int) -> None:
        """A value is called from outside, or the method of it that the watcher names."""
        item = self.values.items[value]
        if item[0] == v.CONSTANT:
            self.named(str(item[1]), watcher)
        elif not watcher.name and item[0] != v.BOX:
            self.enter_function(watcher.function, watcher.line, value, 0)
        elif item[0] == v.BOX:
            self.flow.watch_once(self.boxes.every(int(item[1])), watcher)
        elif item[0] in (v.INSTANCE, v.CLASS):
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            else:
                self._call_back_methods(watcher, int(item[1]))

    def _call_back_methods(self, watcher: Watcher, number: int) -> None:
        """Those methods of a class are called whose names fit the watcher's."""
        instance = self.values.of(v.INSTANCE, number)
        for name in self.classes.named(number, watcher.name):
            method = self.flow.node()
            self.attribute(watcher._replace(target=method, name=name), instance)
            self.flow.watch(method, watcher._replace(react=self._method, other=instance))

    def named(self, text: str, watcher: Watcher) -> None:
        """A string that is a dotted path (`shop.jobs.pay`, `shop.jobs:pay`) means what is there."""
        module, _, name = text.replace(":", ".").rpartition(".")
        if module in self.program.modules and name in self.module_names(module):
            node = self.flow.node()
            self.module_member(module, name, node)
            self.flow.watch(node, watcher)

    def _method(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.BOUND and item[2] == watcher.other:
            self.enter_function(watcher.function, watcher.line, value, 0)

    # --- stand-ins

    def stand_in(self, rules: Sequence[ProxyRule], target: int, arguments: Arguments) -> None:
        """Let what stands for another value, as the rules for a callee say, flow to the target."""
        for rule in rules:
            keys = rule.of or rule.calling
            of = [each for key in keys for each in self._operand(key, 0, arguments)]
            names = [each for key in rule.attribute for each in self._operand(key, 0, arguments)]
            for node in of[:1]:
                attribute = names[0] if names else 0
                proxy = (v.PROXY, node, attribute, rule.under, rule.method, len(rule.calling))
                self.flow.add(target, self.values.of(*proxy))

    def through(self, watcher: Watcher, value: int) -> None:
        """Something is done with a stand-in: it is done with what that stands for. Once: what makes
        it may give the stand-in itself, and that would go on for ever."""
        if (watcher, value) in self._unveiled:
            return
        self._unveiled.add((watcher, value))
        _, content, attribute, under, method, called = self.values.items[value]
        if method and watcher.name == method:
            self.flow.add(watcher.target, self.values.of(v.UNVEIL, value))
            return
        found = self.flow.node()
        react = self._called_for if called else self._revealed
        seen = Watcher(react, found, str(under), watcher.function, watcher.line)
        self.flow.watch(int(content), seen)
        if attribute:
            by = watcher._replace(react=self._revealed_by, target=0, other=found)
            by = by._replace(target=self.flow.node())
            self.flow.watch(int(attribute), by)
            found = by.target
        self.flow.watch(found, watcher)

    def unveil(self, watcher: Watcher, proxy: int, target: int) -> None:
        """What a proxy stands for flows to a node."""
        self.through(watcher._replace(react=self._give, target=target, name=""), proxy)

    def _give(self, watcher: Watcher, value: int) -> None:
        self.flow.add(watcher.target, value)

    def _called_for(self, watcher: Watcher, value: int) -> None:
        if self.values.items[value][0] in _CALLABLE:
            given = watcher._replace(react=self._opened, target=self.flow.node())
            self.flow.watch(given.target, given._replace(target=watcher.target))
            self.enter_function(watcher.function, watcher.line, value, given.target)
        else:
            self._revealed(watcher, value)

    def _revealed(self, watcher: Watcher, value: int) -> None:
        kind = self.values.items[value][0]
        if kind == v.EXTERNAL and watcher.name:
            self.flow.copy(self.field(value, watcher.name), watcher.target)
        elif kind != v.PROXY:
            self.flow.add(watcher.target, value)

    def _opened(self, watcher: Watcher, value: int) -> None:
        """What a function gives is used: what a generator yields, what a coroutine returns."""
        kind = self.values.items[value][0]
        if kind == v.GENERATOR:
            self.iterate(watcher, value)
        elif kind == v.COROUTINE:
            self.await_(watcher, value)
        elif kind != v.PROXY:
            self.flow.add(watcher.target, value)

    def _revealed_by(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.CONSTANT:
            reading = watcher._replace(react=self.attribute, name=str(item[1]), other=0)
            self.flow.watch(watcher.other, reading)
