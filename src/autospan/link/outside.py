"""Calls that leave the program: their names, what they give, and what they call back."""

from __future__ import annotations

from collections.abc import Callable

from autospan.link import values as v
from autospan.link.contexts import Contexts
from autospan.link.flow import Watcher
from autospan.link.state import Shift
from autospan.model import Call


class Outside(Contexts):
    """Records what is called outside; builtins that pass values on behave as their models say."""

    def _call_external(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        name = str(item[1])
        call = self.program.calls[watcher.other]
        where = self.shifts[watcher.shift]
        found = self.sites.setdefault(watcher.other, {})
        found.setdefault(name, int(item[2]) if item[0] == v.EXTERNAL_METHOD else 0)
        model = self.model(name)
        if model is not None and model(watcher, call, where):
            return
        target = self.node(where, call.result)
        receiver = int(item[2]) if item[0] == v.EXTERNAL_METHOD else 0
        if call.text.startswith("@"):
            argument = next((slot for key, slot in call.arguments if key == 0), 0)
            made = self.externals.decorated(name.removesuffix("()"))
            self.flow.watch(self.node(where, argument), Watcher(self._decorated, target, made))
        else:
            decorates = (
                call.result in self.program.decorators[self.program.file_of[watcher.function]]
            )
            self._external_result(
                self.externals.result(name, decorates=decorates), name, receiver, target
            )
        keys = self.externals.callbacks(name)
        if receiver and "self" in keys:
            self.enter_function(watcher.function, call.line, receiver, 0)
        for key, slot in call.arguments if keys else ():
            if key in keys:
                back = Watcher(self._called_back, 0, "", watcher.function, call.line)
                self.flow.watch(self.node(where, slot), back)

    def _external_result(self, result: str | None, name: str, receiver: int, target: int) -> None:
        if result == "$self":
            if receiver:
                self.flow.add(target, receiver)
            else:
                self.external(target, name.rpartition(".")[0])
        elif result is not None:
            self.external(target, result)

    def _called_back(self, watcher: Watcher, value: int) -> None:
        self.enter_function(watcher.function, watcher.line, value, 0)

    def _decorated(self, watcher: Watcher, value: int) -> None:
        """What an external decorator gives: what it was given, and a name for what it adds."""
        kind = self.values.items[value][0]
        self.flow.add(watcher.target, value)
        if kind in (v.FUNCTION, v.CLASS):
            self.flow.add(watcher.target, self.values.of(v.DECORATED, watcher.name, value))

    def model(self, name: str) -> Callable[[Watcher, Call, Shift], bool] | None:
        """How a builtin behaves, where it is modelled; the model tells whether it did."""
        raise NotImplementedError
