"""Calls of the program's own classes: an instance comes back, `__new__` and `__init__` run."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.outside import Outside
from autospan.link.program import Program


class Construction(Outside):
    """Makes instances, and fills the fields that a generated `__init__` would."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._entered: set[tuple[int, int, int, int]] = set()

    def _construct(
        self,
        watcher: Watcher,
        value: int,
        preset: list[tuple[int | str, int]] | None = None,
    ) -> None:
        """A class is called: an instance comes back, `__init__` and `__new__` run."""
        number = int(self.values.items[value][1])
        call = self.program.calls[watcher.other]
        arguments = after(preset, self.passed(watcher.other, watcher.shift))
        key = (watcher.other, watcher.shift, value, -1)
        if key in self._entered:
            return
        self._entered.add(key)
        result = self._result(watcher)
        self.flow.add(result, self.values.of(v.INSTANCE, number))
        made = self.bound_by_metaclass(value, "__call__")
        if made:
            self.flow.watch(made, watcher)
        if not self.classes.enumerated(number):
            self._initialise(watcher.function, call.line, value, watcher.other, arguments, result)
        for external in self.classes.external(number)[:1]:
            if not self.classes.find(number, "__init__"):
                name, instance = f"{external}.__init__", self.values.of(v.INSTANCE, number)
                self.sites[watcher.other].setdefault(name, value)
                self.passed_outside(name, watcher, instance, arguments)

    def _initialise(
        self,
        caller: int,
        line: int,
        value: int,
        call: int,
        arguments: list[tuple[int | str, int]],
        result: int = 0,
    ) -> None:
        number = int(self.values.items[value][1])
        instance = self.values.of(v.INSTANCE, number)
        generated = not self.classes.find(number, "__init__")
        last = "__post_init__" if generated else "__init__"
        for name, receiver in (("__new__", value), (last, instance)):
            found = self.classes.find(number, name)
            if found is None:
                continue
            for each in tuple(self.flow.values(found[1])):
                item = self.values.items[each]
                if item[0] != v.FUNCTION:
                    continue
                if caller >= 0:
                    self.edge(caller, int(item[1]), line, call)
                given = [] if name == "__post_init__" else arguments
                self._pass(int(item[1]), int(item[2]), receiver, given)
                if name == "__new__" and result:
                    made = self.flow.node()
                    self._return(int(item[1]), int(item[2]), made)
                    self.flow.watch(made, Watcher(self._made, result))
        if generated:
            for field, node in self._fields_of(number, arguments):
                self.flow.copy(node, self.field(instance, field))

    def _made(self, watcher: Watcher, value: int) -> None:
        """What `__new__` gives, where it is something of the program's own."""
        if self.values.items[value][0] in (v.INSTANCE, v.CLASS):
            self.flow.add(watcher.target, value)

    def _fields_of(
        self, number: int, arguments: list[tuple[int | str, int]]
    ) -> list[tuple[str, int]]:
        """Arguments of a generated `__init__` (dataclass and the like) by field name."""
        order = [each for each in self.classes.order(number) if isinstance(each, int)]
        listed = (name for each in reversed(order) for name in self.program.classes[each].fields)
        fields = list(dict.fromkeys(listed))
        return [
            (fields[key] if isinstance(key, int) else key, node)
            for key, node in arguments
            if (isinstance(key, int) and key < len(fields)) or (key in fields)
        ]


def after(
    preset: list[tuple[int | str, int]] | None, arguments: list[tuple[int | str, int]]
) -> list[tuple[int | str, int]]:
    """The arguments of a call behind those that a partial was made with."""
    if not preset:
        return arguments
    shifted = sum(1 for key, _ in preset if isinstance(key, int))
    return preset + [
        (key + shifted if isinstance(key, int) else key, node) for key, node in arguments
    ]
