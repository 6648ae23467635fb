"""Special methods that operators, truth tests and builtins run; operators of containers."""

from __future__ import annotations

from collections.abc import Mapping

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.program import Program
from autospan.link.stores import Stores

_ARITHMETIC = (
    "add sub mul matmul truediv mod pow lshift rshift or xor and floordiv divmod"
).split()
_ORDER = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_REFLECTED: Mapping[str, str] = {
    **{f"__{name}__": f"__r{name}__" for name in _ARITHMETIC},
    **{f"__i{name}__": f"__r{name}__" for name in _ARITHMETIC},
    **{f"__{name}__": f"__{other}__" for name, other in _ORDER.items()},
    "__eq__": "__eq__",
    "__ne__": "__ne__",
}
_INSTEAD: Mapping[str, tuple[str, ...]] = {
    **{f"__i{name}__": (f"__{name}__",) for name in _ARITHMETIC},
    **{f"__{name}__": tuple(f"__{each}__" for each in _ORDER if each != name) for name in _ORDER},
    "__ne__": ("__eq__",),
    "__bool__": ("__len__",),
    "__str__": ("__repr__",),
    "__format__": ("__str__", "__repr__"),
    "__contains__": ("__iter__", "__getitem__"),
    "__reversed__": ("__getitem__",),
    "__getitem__": ("__missing__",),
}
"""What Python runs where a class has no method of the first name."""
_ALWAYS = frozenset(("__bool__", "__getitem__", *(f"__i{name}__" for name in _ARITHMETIC)))
"""Of those, the ones for which no base outside the program has a method of its own."""
_JOINING = frozenset(("__add__", "__iadd__", "__or__", "__ior__", "__mul__", "__sub__", "__and__"))


class Specials(Stores):
    """Runs special methods of the program's classes where Python would."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._joined: dict[int, int] = {}
        self._unresolved: list[tuple[Watcher, int]] = []
        self._operating: dict[str, bool] = {}

    def operates(self, name: str) -> bool:
        """Whether an operator may run code, or give a container."""
        known = self._operating.get(name)
        if known is None:
            known = self._operating[name] = (
                name in self.externals.operators
                or name in _JOINING
                or self._runs(name)
                or self._runs(_REFLECTED.get(name, ""))
            )
        return known

    def reflects(self, name: str) -> bool:
        """Whether some class of the program defines the operator for its right operand."""
        return _REFLECTED.get(name, "") in self.special

    def _runs(self, name: str) -> bool:
        return not self.special.isdisjoint((name, *_INSTEAD.get(name, ())))

    def operator(self, watcher: Watcher, value: int) -> None:
        """`target = value + other`; the name is the operator's method."""
        kind = self.values.items[value][0]
        if kind == v.INSTANCE or (kind == v.CLASS and self.classes.metaclasses):
            self.implicit(watcher, value, watcher.name, (watcher.other,))
        elif kind == v.BOX and watcher.name in _JOINING and watcher.target:
            self._join(watcher, value)
        elif kind == v.CLASS and watcher.name == "__or__":
            self.flow.add(watcher.target, value)
            self.flow.copy(watcher.other, watcher.target)
        elif kind == v.PROXY:
            self.through(watcher, value)
        elif kind == v.CONSTANT and watcher.name == "__mod__" and self._runs("__str__"):
            self.flow.watch(watcher.other, watcher._replace(react=self._shown, target=0, other=0))

    def _shown(self, watcher: Watcher, value: int) -> None:
        """A value is put into a text."""
        item = self.values.items[value]
        if item[0] == v.INSTANCE:
            self.implicit(watcher, value, "__str__")
        elif item[0] == v.BOX and self.boxes.kinds[int(item[1])] == "tuple":
            shown = watcher._replace(react=self._shown_element)
            self.flow.watch(self.boxes.every(int(item[1])), shown)

    def _shown_element(self, watcher: Watcher, value: int) -> None:
        if self.values.items[value][0] == v.INSTANCE:
            self.implicit(watcher, value, "__str__")

    def _join(self, watcher: Watcher, value: int) -> None:
        """`list + list`, `dict | dict`, `list * 2`: a new container (`+=`: the left one)."""
        box = int(self.values.items[value][1])
        if watcher.name in ("__iadd__", "__ior__"):
            self.flow.add(watcher.target, value)
            self.flow.watch(watcher.other, Watcher(self.merge_into, other=box))
            return
        joined = self._joined.get(watcher.target)
        if joined is None:
            joined = self._joined[watcher.target] = self.boxes.new(self.boxes.kinds[box])
            self.flow.add(watcher.target, self.values.of(v.BOX, joined))
            self.flow.watch(watcher.other, Watcher(self.merge_into, other=joined))
        if box == joined:
            return
        for key, node in self.boxes.nodes(box):
            exact = key if watcher.name != "__mul__" else ""
            self.flow.copy(node, self.boxes.element(joined, exact))

    def merge_into(self, watcher: Watcher, value: int) -> None:
        """The elements of a container also stand in the container `other`."""
        raise NotImplementedError

    def reflected(self, watcher: Watcher, value: int) -> None:
        """`target = other + value`: the right operand's method runs, unless the left has one."""
        if self.values.items[value][0] == v.INSTANCE:
            self._unresolved.append((watcher, value))

    def reflect(self) -> bool:
        """Settle the operators that the left operand does not define; False: there were none."""
        pending, self._unresolved = self._unresolved, []
        for watcher, value in pending:
            left = [self.values.items[each] for each in self.flow.values(watcher.other)]
            name = watcher.name
            if any(
                each[0] == v.INSTANCE and self.classes.find(int(each[1]), name) for each in left
            ):
                continue
            self.implicit(watcher, value, _REFLECTED[name], (watcher.other,))
        return bool(pending)

    def implicit(
        self, watcher: Watcher, value: int, name: str, arguments: tuple[int, ...] = ()
    ) -> None:
        """A special method runs: an edge, and its result flows to the watcher's target."""
        if self.postponed is not None:
            again = Watcher(self._implicit_later, *watcher[1:])
            self.postponed.append((again._replace(name=name), value))
            return
        found = self.special_method(value, name)
        if not found and (name in _ALWAYS or not self.inherits(value)):
            for other in _INSTEAD.get(name, ()):
                found = found or self.special_method(value, other)
        argument = arguments[0] if arguments else 0
        if not found and self.inherits(value):
            self.called_outside(watcher, value, name, argument)
            return
        self.flow.watch(
            found,
            Watcher(self._run, watcher.target, name, watcher.function, watcher.line, argument),
        )

    def inherits(self, value: int) -> bool:
        """Whether a value is an instance of a class with ancestors outside the program."""
        kind, number = self.values.items[value][:2]
        return kind == v.INSTANCE and bool(self.classes.external(int(number)))

    def _implicit_later(self, watcher: Watcher, value: int) -> None:
        self.implicit(watcher, value, watcher.name, (watcher.other,) if watcher.other else ())

    def _run(self, watcher: Watcher, value: int) -> None:
        arguments = (watcher.other,) if watcher.other else ()
        self.enter_function(watcher.function, watcher.line, value, watcher.target, arguments)
