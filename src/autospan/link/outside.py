"""Calls that leave the program: their names, what they give, and what they call back."""

from __future__ import annotations

from collections.abc import Callable

from autospan.link import values as v
from autospan.link.flow import Watcher
from autospan.link.giving import Giving
from autospan.link.state import Shift
from autospan.model import Call


class Outside(Giving):
    """Records what is called outside; builtins that pass values on behave as their models say."""

    def _call_external(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        name = str(item[1])
        call = self.program.calls[watcher.other]
        where = self.shifts[watcher.shift]
        through = int(item[2]) if item[0] == v.EXTERNAL_METHOD else 0
        shown = through if through and self.values.items[through][0] != v.EXTERNAL else 0
        self.sites.setdefault(watcher.other, {}).setdefault(name, shown)
        model = self.model(name)
        if model is not None and model(watcher, call, where):
            return
        how = self.externals.gives(name)
        if how:
            self.give(watcher, call, where, how)
        if v.single(item) and not name.endswith("()"):
            name += ".__call__"
        target = self.node(where, call.result)
        arguments = [(key, self.node(where, slot)) for key, slot in call.arguments]
        receiver, made = self._receiver(value, name, through), 0
        if call.text.startswith("@"):
            argument = next((node for key, node in arguments if key == 0), 0)
            added = self.externals.decorated(name.removesuffix("()"))
            self.flow.watch(argument, Watcher(self._decorated, target, added))
        elif not self.stand_in(name, target, arguments):
            decorates = (
                call.result in self.program.decorators[self.program.file_of[watcher.function]]
            )
            result = self.externals.result(name, decorates=decorates)
            if result is not None and self.externals.made(name, result):
                made = self.values.of(v.EXTERNAL, self.externals.name(result), watcher.other)
                self.flow.add(target, made)
            elif result is not None and " of " in result:
                self.give_of(name, result, call, where, through)
            else:
                self._external_result(result, through or receiver, receiver, target)
        if made and not through:
            receiver = made
        self.passed_outside(name, watcher, receiver, arguments, made)
        if arguments[:1] and not through and self.externals.acts(name):
            unbound = Watcher(self._unbound, 0, name, watcher.function, watcher.line, watcher.other)
            self.flow.watch(arguments[0][1], unbound._replace(shift=watcher.shift))

    def _unbound(self, watcher: Watcher, value: int) -> None:
        """`Base.method(self, …)`: a method of an external base is called on its first argument."""
        item = self.values.items[value]
        if item[0] != v.INSTANCE:
            return
        if self.postponed is not None:
            self.postponed.append((watcher, value))
        elif watcher.name.rpartition(".")[0] in self.classes.external(int(item[1])):
            where = self.shifts[watcher.shift]
            given = [
                (key - 1 if isinstance(key, int) else key, self.node(where, slot))
                for key, slot in self.program.calls[watcher.other].arguments
                if key != 0
            ]
            self.passed_outside(watcher.name, watcher, value, given)

    def _receiver(self, value: int, name: str, through: int) -> int:
        """What a call outside is made on: the object of a method, or what is called itself."""
        if through:
            item = self.values.items[through]
            on_class = item[0] == v.CLASS
            return self.values.of(v.INSTANCE, item[1]) if on_class else through
        if v.single(self.values.items[value]):
            return value
        return self.values.of(v.EXTERNAL, name.rpartition(".")[0])

    def _external_result(self, result: str | None, receiver: int, new: int, target: int) -> None:
        if result == "$new":
            self.flow.add(target, new)
        elif result == "$self":
            self.flow.add(target, receiver)
        elif result is not None and result.startswith("$self."):
            start = self.flow.node()
            self.flow.add(start, receiver)
            self.flow.copy(self.along(start, result.removeprefix("$self.")), target)
        elif result is not None:
            self.external(target, result)

    def _decorated(self, watcher: Watcher, value: int) -> None:
        """What an external decorator gives: what it was given, and a name for what it adds."""
        kind = self.values.items[value][0]
        self.flow.add(watcher.target, value)
        if kind in (v.FUNCTION, v.CLASS):
            self.flow.add(watcher.target, self.values.of(v.DECORATED, watcher.name, value))

    def model(self, name: str) -> Callable[[Watcher, Call, Shift], bool] | None:
        """How a builtin behaves, where it is modelled; the model tells whether it did."""
        raise NotImplementedError
