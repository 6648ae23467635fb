"""How arguments flow into parameters, and results back."""

from __future__ import annotations

from typing import NamedTuple

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.program import Program
from autospan.link.typed import Typed


class Layout(NamedTuple):
    """The nodes of a function's parameters: by position, by name (`order`: all names), and those
    of `*` and `**` (0: none)."""

    positions: list[int]
    names: dict[str, int]
    order: list[str]
    star: int
    rest: int


class Passing(Typed):
    """Passes arguments by position, by name and unpacked; what is not passed gets its default."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self.defaults: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self._layouts: dict[tuple[int, int], Layout] = {}

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
            positions: list[int] = []
            names: dict[str, int] = {}
            gathering = {"star": 0, "double star": 0}
            for node, each in zip(nodes, declared, strict=True):
                kind = each.kind
                names[each.name] = node
                if kind == "standard" or kind == "positional":
                    positions.append(node)
                elif kind != "keyword":
                    gathering[kind] = node
            star, rest = gathering["star"], gathering["double star"]
            known = Layout(positions, names, [*names], star, rest)
            self._layouts[function, shift] = known
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
