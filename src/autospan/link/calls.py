"""Reactions to values that are called: arguments flow to parameters, results flow back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.members import Members
from autospan.link.program import Program
from autospan.link.state import Shift
from autospan.model import Call

_COPIES_OF_ONE = 200
_LARGEST_COPIED = 500
_LARGEST_IDENTITY = 40


class Layout(NamedTuple):
    """The nodes of a function's parameters: by position, by name (`order`: all names), and those
    of `*` and `**` (0: none)."""

    positions: list[int]
    names: dict[str, int]
    order: list[str]
    star: int
    rest: int


class Calls(Members):
    """Resolves call sites on the fly; functions that return closures are copied per call site."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._entered: set[tuple[int, int, int, int]] = set()
        self._copies: dict[int, dict[int, int]] = {}
        self._groups: dict[int, list[int] | None] = {}
        self._constructed: dict[int, int] = {}
        self._layouts: dict[tuple[int, int], Layout] = {}
        self._partials: list[tuple[int, int]] = []
        self.defaults: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}

    def load_body(self, function: int, shift: int) -> None:
        """Load the steps of a function for one way of mapping its slots to nodes."""
        raise NotImplementedError

    def model(self, name: str) -> Callable[[Watcher, Call, Shift], bool] | None:
        """How a builtin behaves, where it is modelled; the model tells whether it did."""
        raise NotImplementedError

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

    def _result(self, watcher: Watcher) -> int:
        call = self.program.calls[watcher.other]
        return self.node(self.shifts[watcher.shift], call.result)

    def _enter_site(
        self,
        watcher: Watcher,
        function_value: int,
        receiver: int,
        preset: list[tuple[int | str, int]] | None = None,
    ) -> None:
        _, number, shift = self.values.items[function_value]
        function = int(number)
        key = (watcher.other, watcher.shift, function_value, receiver)
        if key in self._entered:
            return
        self._entered.add(key)
        call = self.program.calls[watcher.other]
        callee_shift = self._context(function, int(shift), watcher.other)
        self.edge(
            watcher.function, function, call.line, watcher.other, watcher.shift, callee_shift
        )
        where = self.shifts[watcher.shift]
        arguments = self._arguments(watcher)
        if preset:
            shifted = sum(1 for key_, _ in preset if isinstance(key_, int))
            arguments = preset + [
                (key_ + shifted if isinstance(key_, int) else key_, node) for key_, node in arguments
            ]
        self._pass(function, callee_shift, receiver, arguments, int(shift))
        self._return(function, callee_shift, self.node(where, call.result))

    def _arguments(self, watcher: Watcher) -> list[tuple[int | str, int]]:
        """What a call site passes: (position or keyword, node)."""
        where = self.shifts[watcher.shift]
        arguments = self.program.calls[watcher.other].arguments
        return [(key, self.node(where, slot)) for key, slot in arguments]

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
        if item[0] != v.FUNCTION:
            return
        function, shift = int(item[1]), int(item[2])
        if caller >= 0:
            self.edge(caller, function, line)
        self._pass(function, shift, receiver, list(enumerate(arguments)))
        self._return(function, shift, target)

    # --- parameters and results

    def _pass(
        self,
        function: int,
        shift: int,
        receiver: int,
        arguments: list[tuple[int | str, int]],
        defined: int | None = None,
    ) -> None:
        """Let the receiver (a value, 0: none) and the arguments (nodes) flow into the parameters;
        those that are not passed get their defaults, as the function was `defined` (a shift)."""
        layout = self._layout(function, shift)
        positions, names = layout.positions, layout.names
        offset = 0
        if receiver and positions:
            self.flow.add(positions[0], receiver)
            offset = 1
        defaults = self.defaults.get((function, shift if defined is None else defined))
        if defaults:
            self._pass_defaults(layout, defaults, arguments, offset)
        for key, node in arguments:
            if not node:
                continue
            if isinstance(key, int):
                position = key + offset
                if position < len(positions):
                    self.flow.copy(node, positions[position])
                elif layout.star:
                    index = position - len(positions)
                    self.flow.copy(node, self._rest(layout.star, "tuple", f"#{index}"))
            elif key == "*":
                spread = Watcher(self._spread, layout.star, "", function, offset, 0, shift)
                self.flow.watch(node, spread)
            elif key == "**":
                spread = Watcher(self._spread_names, layout.rest, "", function, 0, 0, shift)
                self.flow.watch(node, spread)
            elif key in names:
                self.flow.copy(node, names[key])
            elif layout.rest:
                self.flow.copy(node, self._rest(layout.rest, "dict", key))

    def _pass_defaults(
        self,
        layout: Layout,
        defaults: tuple[tuple[int, int], ...],
        arguments: list[tuple[int | str, int]],
        offset: int,
    ) -> None:
        passed = {key + offset if isinstance(key, int) else key for key, _ in arguments}
        for position, default in defaults:
            if position not in passed and layout.order[position] not in passed:
                self.flow.copy(default, layout.names[layout.order[position]])

    def _layout(self, function: int, shift: int) -> Layout:
        """The nodes of a function's parameters by position, by name and by kind."""
        known = self._layouts.get((function, shift))
        if known is None:
            nodes = self.parameters(function, shift)
            declared = self.program.functions[function].parameters
            kinds = {each.kind: node for node, each in zip(nodes, declared, strict=True)}
            known = self._layouts[function, shift] = Layout(
                [
                    node
                    for node, each in zip(nodes, declared, strict=True)
                    if each.kind in ("positional", "standard")
                ],
                {each.name: node for node, each in zip(nodes, declared, strict=True)},
                [each.name for each in declared],
                kinds.get("star", 0),
                kinds.get("double star", 0),
            )
        return known

    def _rest(self, parameter: int, kind: str, key: str) -> int:
        """The element of the container that a `*` or `**` parameter holds."""
        for value in self.flow.values(parameter):
            if self.values.items[value][0] == v.BOX:
                return self.boxes.element(int(self.values.items[value][1]), key)
        box = self.boxes.new(kind)
        self.flow.add(parameter, self.values.of(v.BOX, box))
        return self.boxes.element(box, key)

    def _spread(self, watcher: Watcher, value: int) -> None:
        """`f(*value)`: elements by position, the rest to `*args`."""
        item = self.values.items[value]
        if item[0] != v.BOX:
            return
        offset, star = watcher.line, watcher.target
        positions = self._layout(watcher.function, watcher.shift).positions[offset:]
        for key, element in self.boxes.nodes(int(item[1])):
            if key.startswith("#") and key[1:].isdigit():
                index = int(key[1:])
                if index < len(positions):
                    self.flow.copy(element, positions[index])
                elif star:
                    rest = self._rest(star, "tuple", f"#{index - len(positions)}")
                    self.flow.copy(element, rest)
            else:
                for position in positions:
                    self.flow.copy(element, position)
                if star:
                    self.flow.copy(element, self._rest(star, "tuple", ""))

    def _spread_names(self, watcher: Watcher, value: int) -> None:
        """`f(**value)`: elements by name, the rest to `**kwargs`."""
        item = self.values.items[value]
        if item[0] != v.BOX:
            return
        names = self._layout(watcher.function, watcher.shift).names
        for key, element in self.boxes.nodes(int(item[1])):
            if key in names:
                self.flow.copy(element, names[key])
            elif watcher.target:
                self.flow.copy(element, self._rest(watcher.target, "dict", key))

    def _return(self, function: int, shift: int, target: int) -> None:
        """What calling the function gives flows into a node."""
        if not target:
            return
        kind = self.program.functions[function].kind
        if kind == "sync":
            result = self.program.signatures[function].result
            self.flow.copy(self.node(self.shifts[shift], result), target)
        elif kind == "async":
            self.flow.add(target, self.values.of(v.COROUTINE, function, shift))
        else:
            self.flow.add(target, self.values.of(v.GENERATOR, function, shift))

    # --- one level of context

    def _context(self, function: int, shift: int, call: int) -> int:
        """The shift to enter a function with: a copy of its own for each call site, where the
        function makes closures and is small; else the one it has."""
        group = self.program.nested.get(function) or self._higher_order(function)
        if group is None or self.shifts[shift].first <= self.shifts[shift].last:
            return shift
        copies = self._copies.setdefault(function, {})
        if call in copies:
            return copies[call]
        signature = self.program.signatures[function]
        size = signature.last - signature.first + 1
        if size > _LARGEST_COPIED or len(copies) >= _COPIES_OF_ONE or not signature.parameters:
            return shift
        first = self.flow.reserve(size)
        base = self.shifts[shift].base
        self.shifts.append(
            Shift(signature.first, signature.last, first - signature.first, base)
        )
        copies[call] = len(self.shifts) - 1
        for each in group:
            self.load_body(each, copies[call])
        return copies[call]

    def _higher_order(self, function: int) -> list[int] | None:
        """The function alone, if it is small and gives back or calls one of its parameters."""
        if function not in self._groups:
            signature = self.program.signatures[function]
            own = set(signature.parameters)
            first = self.program.call_base[self.program.file_of[function]]
            found = signature.last - signature.first < _LARGEST_IDENTITY and any(
                (step[0] == "copy" and step[2] in own and step[1] == signature.result)
                or (step[0] == "call" and self.program.calls[first + _number(step[1])].function in own)
                for step in self.program.steps[function]
            )
            self._groups[function] = [function] if found else None
        return self._groups[function]

    # --- classes

    def _construct(self, watcher: Watcher, value: int) -> None:
        """A class is called: an instance comes back, `__init__` and `__new__` run."""
        number = int(self.values.items[value][1])
        call = self.program.calls[watcher.other]
        arguments = self._arguments(watcher)
        key = (watcher.other, watcher.shift, value, -1)
        if key in self._entered:
            return
        self._entered.add(key)
        self._initialise(watcher.function, call.line, value, watcher.other, arguments)
        self.flow.add(self._result(watcher), self.values.of(v.INSTANCE, number))
        for external in self.classes.external(number)[:1]:
            if not self.classes.find(number, "__init__"):
                self.sites.setdefault(watcher.other, {}).setdefault(
                    f"{external}.__init__", self.values.of(v.CLASS, number)
                )

    def _initialise(
        self,
        caller: int,
        line: int,
        value: int,
        call: int,
        arguments: list[tuple[int | str, int]],
    ) -> None:
        number = int(self.values.items[value][1])
        instance = self.values.of(v.INSTANCE, number)
        for name, receiver in (("__new__", value), ("__init__", instance)):
            found = self.classes.find(number, name)
            if found is None:
                continue
            for each in tuple(self.flow.values(found[1])):
                item = self.values.items[each]
                if item[0] != v.FUNCTION:
                    continue
                if caller >= 0:
                    self.edge(caller, int(item[1]), line, call)
                self._pass(int(item[1]), int(item[2]), receiver, arguments)
        if not self.classes.find(number, "__init__"):
            for field, node in self._fields_of(number, arguments):
                self.flow.copy(node, self.field(instance, field))

    def _fields_of(
        self, number: int, arguments: list[tuple[int | str, int]]
    ) -> list[tuple[str, int]]:
        """Arguments of a generated `__init__` (dataclass and the like) by field name."""
        fields = self.program.classes[number].fields
        return [
            (fields[key] if isinstance(key, int) else key, node)
            for key, node in arguments
            if (isinstance(key, int) and key < len(fields)) or (key in fields)
        ]

    # --- containers and partials

    def _call_box(self, watcher: Watcher, box: int, method: str) -> None:
        self.sites.setdefault(watcher.other, {}).setdefault(
            f"builtins.{self.boxes.kinds[box]}.{method}", 0
        )
        call = self.program.calls[watcher.other]
        where = self.shifts[watcher.shift]
        nodes = [self.node(where, slot) for key, slot in call.arguments if key != "**"]
        result = self._result(watcher)
        if method in ("append", "add", "appendleft", "insert") and nodes:
            self.flow.copy(nodes[-1], self.boxes.element(box, ""))
        elif method in ("extend", "update") and nodes:
            self.flow.watch(nodes[0], Watcher(self._merge_into, other=box))
        elif method in ("get", "pop", "setdefault") and nodes:
            self.flow.watch(nodes[0], Watcher(self._read_key, result, other=box))
            if call.arguments[0][1] == 0 or not any(True for _ in self.flow.values(nodes[0])):
                self.flow.copy(self.boxes.read(box, ""), result)
            for node in nodes[1:]:
                self.flow.copy(node, result)
                if method == "setdefault":
                    self.flow.copy(node, self.boxes.element(box, ""))
        elif method in ("pop", "popleft", "popitem", "values", "items", "copy"):
            self._call_plain_box(box, method, result)

    def _call_plain_box(self, box: int, method: str, result: int) -> None:
        if method in ("pop", "popleft"):
            self.flow.copy(self.boxes.every(box), result)
        elif method == "copy":
            self.flow.add(result, self.values.of(v.BOX, box))
        else:
            inner = self.boxes.new("list")
            element = self.boxes.element(inner, "")
            if method == "values":
                self.flow.copy(self.boxes.every(box), element)
            else:
                pair = self.boxes.new("tuple")
                self.flow.copy(self.boxes.every(box), self.boxes.element(pair, "#1"))
                self.flow.add(element, self.values.of(v.BOX, pair))
            target = element if method == "popitem" else result
            if method == "popitem":
                self.flow.copy(target, result)
            else:
                self.flow.add(result, self.values.of(v.BOX, inner))

    def _read_key(self, watcher: Watcher, key: int) -> None:
        item = self.values.items[key]
        name = str(item[1]) if item[0] == v.CONSTANT else ""
        self.flow.copy(self.boxes.read(watcher.other, name), watcher.target)

    def _merge_into(self, watcher: Watcher, value: int) -> None:
        """The elements of a container also stand in the container `other`."""
        item = self.values.items[value]
        if item[0] == v.BOX and item[1] != watcher.other:
            for key, node in self.boxes.nodes(int(item[1])):
                exact = key if not key.startswith("#") else ""
                self.flow.copy(node, self.boxes.element(watcher.other, exact))

    def partial(self, call: int, shift: int) -> int:
        """The value of `functools.partial(f, ...)` at a call site."""
        self._partials.append((call, shift))
        return self.values.of(v.PARTIAL, len(self._partials) - 1)

    def _call_partial(self, watcher: Watcher, value: int) -> None:
        """A partial is called: its function, with its own arguments before those of the call."""
        key = (watcher.other, watcher.shift, value, -2)
        if key in self._entered:
            return
        self._entered.add(key)
        call, shift = self._partials[int(self.values.items[value][1])]
        where = self.shifts[shift]
        made = self.program.calls[call].arguments
        callee = next((self.node(where, slot) for each, slot in made if each == 0), 0)
        preset = [
            (each - 1 if isinstance(each, int) else each, self.node(where, slot))
            for each, slot in made
            if each != 0
        ]

        def react(inner: Watcher, function: int) -> None:
            item = self.values.items[function]
            if item[0] == v.FUNCTION:
                self._enter_site(inner, function, 0, preset)
            elif item[0] == v.BOUND:
                self._enter_site(inner, int(item[1]), int(item[2]), preset)
            elif item[0] == v.CLASS:
                self._construct(inner, function)

        self.flow.watch(callee, watcher._replace(react=react))

    # --- calls that leave the program

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
            self._external_result(name, receiver, target)
        keys = self.externals.callbacks(name)
        if receiver and "self" in keys:
            self.enter_function(watcher.function, call.line, receiver, 0)
        for key, slot in call.arguments if keys else ():
            if key in keys:
                back = Watcher(self._called_back, 0, "", watcher.function, call.line)
                self.flow.watch(self.node(where, slot), back)

    def _external_result(self, name: str, receiver: int, target: int) -> None:
        result = self.externals.result(name)
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


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
