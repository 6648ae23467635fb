"""Reactions to values that are called: of the program, or outside it."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.construct import Construction, after
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.members import SAME_START
from autospan.link.program import Program


class Calls(Construction):
    """Resolves call sites on the fly; functions that return closures are copied per call site."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._objects: set[tuple[int, int, int, int]] = set()
        self._partials: list[tuple[int, int]] = []

    # --- a call site

    def call(self, watcher: Watcher, value: int) -> None:
        """A value arrived where the call site `other` (seen through `shift`) calls."""
        item = self.values.items[value]
        kind = item[0]
        if kind == v.FUNCTION:
            self._enter_site(watcher, value, 0)
        elif kind == v.BOUND:
            self._enter_site(watcher, int(item[1]), int(item[2]))
        elif kind in (v.EXTERNAL, v.EXTERNAL_METHOD):
            self._call_external(watcher, value)
        elif kind == v.CLASS:
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            else:
                self._construct(watcher, value)
        elif kind == v.INSTANCE:
            if self.postponed is not None:
                self.postponed.append((watcher, value))
            elif self.classes.find(int(item[1]), "__call__"):
                self.flow.watch(self.bound(value, "__call__"), watcher)
        elif kind == v.BOX_METHOD:
            self._call_box(watcher, int(item[1]), str(item[2]))
        elif kind == v.PARTIAL:
            self._call_partial(watcher, value)
        elif kind in (v.STATIC, v.CLASSMETHOD):
            self.call(watcher, int(item[1]))
        elif kind == v.PROPERTY:
            self.flow.add(self._result(watcher), value)
        elif kind == v.CALLABLE:
            self.flow.copy(int(item[1]), self._result(watcher))
        elif kind == v.METHOD:
            self._call_method(watcher, int(item[1]), str(item[2]))
        elif kind == v.ACCESSOR:
            refine = Watcher(self.refine, self._result(watcher), str(item[2]), other=int(item[1]))
            for _, node in self.passed(watcher.other, watcher.shift)[:1]:
                self.flow.watch(node, refine)
        elif kind == v.CONSTANT:
            self._call_constant(watcher, str(item[1]))
        elif kind == v.DECORATED:
            called = f"{item[1]}.__call__"
            self.passed_outside(
                called, watcher, int(item[2]), self.passed(watcher.other, watcher.shift)
            )
        elif kind == v.PROXY:
            self.through(watcher, value)
        elif kind == v.UNVEIL:
            self.unveil(watcher, int(item[1]), self._result(watcher))

    def _call_constant(self, watcher: Watcher, text: str) -> None:
        """`"name".lower()`: the constant that it gives."""
        method = self.program.calls[watcher.other].text.rpartition(".")[2]
        self.sites[watcher.other].setdefault(f"builtins.str.{method}", 0)
        if method in SAME_START:
            changed = self.values.of(v.CONSTANT, SAME_START[method](text))
            self.flow.add(self._result(watcher), changed)

    def _call_method(self, watcher: Watcher, value: int, method: str) -> None:
        """A method of a generator, a coroutine or a task is called."""
        kind = self.values.items[value][0]
        line, result = self.program.calls[watcher.other].line, self._result(watcher)
        kinds = {v.GENERATOR: "generator", v.COROUTINE: "coroutine", v.AWAITABLE: "task"}
        name = f"builtins.{kinds[int(kind)]}.{method}"
        self.sites[watcher.other].setdefault(name, 0)
        if kind == v.GENERATOR and method in ("__next__", "send", "throw"):
            self.iterate(Watcher(self.iterate, result), value)
        elif kind == v.GENERATOR and method in ("__anext__", "asend", "athrow"):
            given = self.flow.node()
            self.iterate(Watcher(self.iterate, given), value)
            self.flow.add(result, self.values.of(v.AWAITABLE, given))
        elif method == "result":
            self.await_(Watcher(self.await_, result), value)
        elif method == "add_done_callback":
            task = self.flow.node()
            self.flow.add(task, value)
            for _, node in self.passed(watcher.other, watcher.shift)[:1]:
                run = Watcher(self._run, 0, "", watcher.function, line, task)
                self.flow.watch(node, run)

    def _enter_site(
        self,
        watcher: Watcher,
        function_value: int,
        receiver: int,
        preset: list[tuple[int | str, int]] | None = None,
    ) -> None:
        _, number, shift = self.values.items[function_value]
        function = int(number)
        callee_shift = self._context(function, int(shift), watcher.other)
        key = (watcher.other, watcher.shift, function_value, -3 if receiver else 0)
        if key in self._entered and preset is None:
            positions = self._layout(function, callee_shift).positions if receiver else ()
            if positions:
                self.flow.add(positions[0], receiver)
            return
        self._entered.add(key)
        call = self.program.calls[watcher.other]
        self.edge(watcher.function, function, call.line, watcher.other, watcher.shift, callee_shift)
        arguments = after(preset, self.passed(watcher.other, watcher.shift))
        self._pass(function, callee_shift, receiver, arguments, int(shift))
        self._return(function, callee_shift, self._result(watcher))

    def enter_function(
        self, caller: int, line: int, value: int, target: int, arguments: tuple[int, ...] = ()
    ) -> None:
        """Call a callable value implicitly: an edge (unless the caller is -1), values flow."""
        item = self.values.items[value]
        receiver = 0
        if item[0] == v.BOUND:
            value, receiver = int(item[1]), int(item[2])
            item = self.values.items[value]
        if item[0] == v.CLASS and self.postponed is None:
            self._initialise(caller, line, value, -1, [])
            self.flow.add(target, self.values.of(v.INSTANCE, item[1]))
        if item[0] in (v.PARTIAL, v.INSTANCE):
            self._enter_object(caller, line, value, target, arguments)
        if item[0] != v.FUNCTION:
            return
        function, shift = int(item[1]), int(item[2])
        if caller >= 0:
            self.edge(caller, function, line)
        self._pass(function, shift, receiver, list(enumerate(arguments)))
        self._return(function, shift, target)

    def _enter_object(
        self, caller: int, line: int, value: int, target: int, arguments: tuple[int, ...]
    ) -> None:
        """A partial, or an instance with `__call__`, is called implicitly."""
        if (caller, line, value, target) in self._objects:
            return
        self._objects.add((caller, line, value, target))
        argument = arguments[0] if arguments else 0
        item = self.values.items[value]
        if item[0] == v.INSTANCE:
            if self.postponed is None and self.classes.find(int(item[1]), "__call__"):
                run = Watcher(self._run, target, "", caller, line, argument)
                self.flow.watch(self.bound(value, "__call__"), run)
            return
        callee, preset = self.made_of(value)
        given = tuple(node for key, node in preset if isinstance(key, int)) + arguments

        def react(inner: Watcher, function: int) -> None:
            self.enter_function(caller, line, function, target, given)

        self.flow.watch(callee, Watcher(react))

    def partial(self, call: int, shift: int) -> int:
        """The value of `functools.partial(f, ...)` at a call site."""
        self._partials.append((call, shift))
        return self.values.of(v.PARTIAL, len(self._partials) - 1)

    def made_of(self, value: int) -> tuple[int, list[tuple[int | str, int]]]:
        """The node of a partial's function, and the arguments it was made with."""
        call, shift = self._partials[int(self.values.items[value][1])]
        where = self.shifts[shift]
        made = self.program.calls[call].arguments
        callee = next((self.node(where, slot) for each, slot in made if each == 0), 0)
        preset = [
            (each - 1 if isinstance(each, int) else each, self.node(where, slot))
            for each, slot in made
            if each != 0
        ]
        return callee, preset

    def _call_partial(self, watcher: Watcher, value: int) -> None:
        """A partial is called: its function, with its own arguments before those of the call."""
        key = (watcher.other, watcher.shift, value, -2)
        if key in self._entered:
            return
        self._entered.add(key)
        callee, preset = self.made_of(value)
        positional = any(isinstance(each, int) for each, _ in preset)

        def react(inner: Watcher, function: int) -> None:
            item = self.values.items[function]
            if item[0] == v.FUNCTION:
                self._enter_site(inner, function, 0, preset)
            elif item[0] == v.BOUND:
                self._enter_site(inner, int(item[1]), int(item[2]), preset)
            elif item[0] == v.CLASS:
                self._construct(inner, function, preset)
            elif item[0] == v.PARTIAL and function != value:
                self._call_partial(inner, function)
            elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD) and not positional:
                self._call_external(inner, function)
            elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD):  # its own arguments would be misplaced
                self.sites[inner.other].setdefault(str(item[1]), 0)

        self.flow.watch(callee, watcher._replace(react=react))
