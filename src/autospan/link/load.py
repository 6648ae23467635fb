"""Loading: the steps of a function become edges of the flow, and watchers on its nodes."""

from __future__ import annotations

from collections.abc import Callable

from autospan.link import values as v
from autospan.link.creation import Creation
from autospan.link.externals import Externals
from autospan.link.flow import Watcher, watching
from autospan.link.program import Program
from autospan.link.state import Shift
from autospan.model import Step

_Load = Callable[[int, int, Shift, Step], None]
_REACTIONS = (
    "attribute call item operator iterate set_attribute set_item merge_into enter await_ "
    "instance_of _bind _run"
).split()


class Loader(Creation):
    """Knows what each operation of `autospan.read` means."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        for name in _REACTIONS:  # one bound method for all watchers, not one for each
            setattr(self, name, getattr(self, name))
        self._load: dict[str, _Load] = {
            "call": self._load_call,
            "setglobal": self._load_set_global,
            "import": self._load_import,
            "func": self._load_function,
            "setattr": self._load_set_attribute,
            "recent": self._load_recent,
            "delattr": self._load_delete_attribute,
            "item": self._load_item,
            "op": self._load_operator,
            "build": self._load_build,
            "iter": self._load_iterate,
            "type": self._load_type,
            "class": self._load_class,
            "enter": self._load_enter,
            "await": self._load_await,
            "setitem": self._load_set_item,
            "merge": self._load_merge,
            "star": self._load_star,
            "self": self._load_self,
            "narrow": self._load_narrow,
            "callable": self._load_callable,
            "awaitable": self._load_awaitable,
            "slice": self._load_slice,
            "raise": self._load_raise,
        }

    def load_body(self, function: int, shift: int) -> None:
        """Load the steps of a function for one way of mapping its slots to nodes.

        The most frequent operations but calls are written out: they are half of all.
        """
        where, load, file = self.shifts[shift], self._load, self.program.file_of[function]
        copy, watch, attribute = self.flow.copy, self.flow.watch, self.attribute
        add, of, name = self.flow.add, self.values.of, self._name
        first, last, moved, base = where
        for step in self.program.steps[function]:
            operation = step[0]
            if operation == "copy" or operation == "attr":
                target, source = step[1], step[2]
                if not source:
                    continue
                target += moved if first <= target <= last else base
                source += moved if first <= source <= last else base
                if operation == "copy":
                    copy(source, target)
                else:
                    watch(source, watching((attribute, target, step[3], function, step[4], 0, 0)))
            elif operation == "const":
                target = step[1] and step[1] + (moved if first <= step[1] <= last else base)
                add(target, of(v.CONSTANT, step[2]))
            elif operation == "global":
                target = step[1] and step[1] + (moved if first <= step[1] <= last else base)
                copy(name(file, step[2]), target)
            else:
                load[operation](function, shift, where, step)

    def _watch(
        self,
        where: Shift,
        source: int,
        react: Callable[[Watcher, int], None],
        target: int,
        name: str = "",
        function: int = 0,
        line: int = 0,
        other: int = 0,
    ) -> None:
        first, last, moved, base = where
        if source:
            source += moved if first <= source <= last else base
            if target:
                target += moved if first <= target <= last else base
            self.flow.watch(source, watching((react, target, name, function, line, other, 0)))

    def _load_set_global(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = self._name(self.program.file_of[function], step[1])
        self.flow.copy(self.node(where, step[2]), name)

    def _load_import(self, function: int, shift: int, where: Shift, step: Step) -> None:
        file = self.program.file_of[function]
        self._imports.append((file, self.node(where, step[1]), step[2], step[3]))
        if self.postponed is None:
            self._resolve_imports()

    def _load_star(self, function: int, shift: int, where: Shift, step: Step) -> None:
        file = self.program.file_of[function]
        self._stars[file].append(self._beside(file, step[1]))

    def _load_function(self, function: int, shift: int, where: Shift, step: Step) -> None:
        defined = self.program.function_base[self.program.file_of[function]] + step[2]
        node, value = self.node(where, step[1]), self.values.of(v.FUNCTION, defined, shift)
        self.made[node] = value
        self.flow.add(node, value)
        if len(step) > 3:
            self.defaults[defined, shift] = tuple(
                (position, self.node(where, default))
                for position, default in zip(step[3::2], step[4::2], strict=True)
            )

    def _load_class(self, function: int, shift: int, where: Shift, step: Step) -> None:
        number = self.program.class_base[self.program.file_of[function]] + step[2]
        self.created_by[number] = function
        self.flow.add(self.node(where, step[1]), self.values.of(v.CLASS, number))

    def _load_self(self, function: int, shift: int, where: Shift, step: Step) -> None:
        number = self.program.class_base[self.program.file_of[function]] + step[2]
        self.flow.add(self.node(where, step[1]), self.values.of(v.INSTANCE, number))

    def _load_call(self, function: int, shift: int, where: Shift, step: Step) -> None:
        number = self.program.call_base[self.program.file_of[function]] + step[1]
        call = self.program.calls[number]
        watcher = watching((self.call, 0, "", function, call.line, number, shift))
        self.flow.watch(self.node(where, call.function), watcher)

    def _load_set_attribute(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, receiver, name, value, line, _ = step
        if value or self.is_watched(name):
            self._watch(where, receiver, self.set_attribute, value, name, function, line)

    def _load_delete_attribute(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[1], self.delete_attribute, 0, step[2], function, step[3])

    def _load_item(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, value, key, index, line = step
        name, by = _key(key), self.node(where, index)
        self._watch(where, value, self.item, target, name, function, line, by)

    def _load_set_item(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, container, key, index, value, line = step
        by = self.node(where, index)
        self._watch(where, container, self.set_item, value, _key(key), function, line, by)

    def _load_operator(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, left, right, name, line = step
        if left and self.operates(name):
            other = self.node(where, right)
            self._watch(where, left, self.operator, target, name, function, line, other)
        if right and self.reflects(name):
            other = self.node(where, left)
            self._watch(where, right, self.reflected, target, name, function, line, other)

    def _load_build(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, kind, keys, slots = step
        box = self.boxes.new(kind)
        for key, node in zip(keys, self.nodes(where, slots), strict=True):
            self.flow.copy(node, self.boxes.element(box, _key(key)))
        self.flow.add(self.node(where, target), self.values.of(v.BOX, box))

    def _load_merge(self, function: int, shift: int, where: Shift, step: Step) -> None:
        target = self.node(where, step[1])
        for value in self.flow.values(target):
            item = self.values.items[value]
            if item[0] == v.BOX:
                self._watch(where, step[2], self.merge_into, 0, other=int(item[1]))

    def _load_iterate(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = "async" if step[4:] == (1,) else ""
        self._watch(where, step[2], self.iterate, step[1], name, function, step[3])

    def _load_await(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[2], self.await_, step[1], "", function, step[3])

    def _load_enter(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = "__aenter__" if step[3] else "__enter__"
        self._watch(where, step[2], self.enter, step[1], name, function, step[4])

    def _load_slice(self, function: int, shift: int, where: Shift, step: Step) -> None:
        first = step[3]
        self._watch(where, step[2], self.slice, step[1], "", function, step[4], first)

    def _load_raise(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[1], self.raise_, 0, "", function, step[2])

    def _load_type(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = "self" if len(step) > 3 else ""
        self._watch(where, step[2], self.instance_of, step[1], name)

    def _load_narrow(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name, classes = ("" if step[4] else "not"), self.node(where, step[3])
        self._watch(where, step[2], self.narrow, step[1], name, other=classes)
        if step[4]:
            self.note_test(self.node(where, step[1]), classes)

    def _load_callable(self, function: int, shift: int, where: Shift, step: Step) -> None:
        given = self.node(where, step[2])
        self.flow.add(self.node(where, step[1]), self.values.of(v.CALLABLE, given))

    def _load_awaitable(self, function: int, shift: int, where: Shift, step: Step) -> None:
        inner = self.node(where, step[2])
        self.flow.add(self.node(where, step[1]), self.values.of(v.AWAITABLE, inner))


def _key(key: object) -> str:
    """The key of a container's element: integers as `#7`, "" for an unknown one."""
    if key is None:
        return ""
    return f"#{key}" if isinstance(key, int) else str(key)
