"""Calls that leave the program: their names, what they give, and what they call back."""

from __future__ import annotations

from collections.abc import Callable

from autospan.link import values as v
from autospan.link.externals import Externals, Known
from autospan.link.flow import Watcher
from autospan.link.giving import Giving
from autospan.link.program import Program
from autospan.link.state import Shift
from autospan.model import Call


class Outside(Giving):
    """Records what is called outside; builtins that pass values on behave as their models say."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._owners: dict[str, int] = {}

    def _call_external(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        name = str(item[1])
        call = self.program.calls[watcher.other]
        where = self.shifts[watcher.shift]
        through = int(item[2]) if item[0] == v.EXTERNAL_METHOD else 0
        shown = through if through and self.values.items[through][0] != v.EXTERNAL else 0
        self.sites[watcher.other].setdefault(name, shown)
        model = self.model(name)
        if model is not None and model(watcher, call, where):
            return
        known = self.externals.called(name)
        if known.gives:
            self.give(watcher, call, where, known.gives)
        if v.single(item) and not name.endswith("()"):
            name += ".__call__"
            known = self.externals.called(name)
        receiver, made = self._receiver(value, name, through), 0
        if call.text.startswith("@"):
            self._decorate(watcher, name, call, where)
        elif known.proxies:
            target = self.node(where, call.result)
            self.stand_in(known.proxies, target, self.passed(watcher.other, watcher.shift))
        else:
            made = self._result_outside(watcher, name, known, through, receiver)
        if known.acts:
            receiver = made if made and not through else receiver
            arguments = self.passed(watcher.other, watcher.shift)
            self.passed_outside(name, watcher, receiver, arguments, made)
            if arguments and not through:
                unbound = watcher._replace(react=self._unbound, target=0, name=name)
                self.flow.watch(arguments[0][1], unbound)

    def _decorate(self, watcher: Watcher, name: str, call: Call, where: Shift) -> None:
        """Something outside decorates: what it is given flows on."""
        given = next((slot for key, slot in call.arguments if key == 0), 0)
        added = self.externals.decorated(name.removesuffix("()"))
        giving = Watcher(self._decorated, self.node(where, call.result), added)
        self.flow.watch(self.node(where, given), giving)

    def _result_outside(
        self, watcher: Watcher, name: str, known: Known, through: int, receiver: int
    ) -> int:
        """Let what a call outside gives flow to its result; the object of its own that it makes."""
        call, where = self.program.calls[watcher.other], self.shifts[watcher.shift]
        result, made = known.result, known.made
        if result is None:
            if call.result not in self.program.decorators[self.program.file_of[watcher.function]]:
                return 0
            result = self.externals.result(name, decorates=True)
            made = self.externals.made(name, result)
        if result is not None and made:
            value = self.values.of(v.EXTERNAL, self.externals.name(result), watcher.other)
            self.flow.add(self.node(where, call.result), value)
            return value
        if result is not None and " of " in result:
            self.give_of(name, result, call, where, through)
        else:
            self._external_result(
                result, through or receiver, receiver, self.node(where, call.result)
            )
        return 0

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
        owner = self._owners.get(name)
        if owner is None:
            owner = self._owners[name] = self.values.of(v.EXTERNAL, name.rpartition(".")[0])
        return owner

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
