"""The solver: steps become edges and watchers; call edges are found while values flow.

First all steps are loaded and names, imports and bases settle; then attributes and calls on the
program's own classes start, because they need the order of bases; then the functions that nothing
in the program calls get the receivers that a framework would call them with.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable

from autospan.link import values as v
from autospan.link.calls import Calls
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.models import find_model
from autospan.link.program import Program
from autospan.link.state import Shift
from autospan.model import Call, Step

_BUILTINS = frozenset(dir(builtins))
_MOST_RECEIVERS = 6
_Loader = Callable[[int, int, Shift, Step], None]


class Solver(Calls):
    """Solves one program; afterwards `edges`, `sites` and `flow` hold the answer."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._names: list[dict[str, int]] = [{} for _ in program.facts]
        self._defined = program.defined_names()
        self._stars: list[list[str]] = [[] for _ in program.facts]
        self._packages = program.submodules()
        self._imports: list[tuple[int, int, str, str]] = []
        self._load: dict[str, _Loader] = {
            "copy": self._load_copy,
            "attr": self._load_attribute,
            "global": self._load_global,
            "call": self._load_call,
            "const": self._load_constant,
            "setglobal": self._load_set_global,
            "import": self._load_import,
            "func": self._load_function,
            "setattr": self._load_set_attribute,
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
            "awaitable": self._load_awaitable,
            "slice": self._load_slice,
            "raise": self._load_raise,
        }

    def solve(self) -> None:
        """Propagate to the fixed point."""
        for function, file in enumerate(self.program.file_of):
            self.load_body(function, file)
        self._resolve_imports()
        self._resolve_names()
        self._watch_bases()
        self.flow.run()
        postponed, self.postponed = self.postponed or [], None
        for watcher, value in postponed:
            watcher.react(watcher, value)
        self.flow.run()
        self._seed_uncalled()
        self.flow.run()

    def load_body(self, function: int, shift: int) -> None:
        """Load the steps of a function for one way of mapping its slots to nodes."""
        where, load = self.shifts[shift], self._load
        for step in self.program.steps[function]:
            load[str(step[0])](function, shift, where, step)

    def model(self, name: str) -> Callable[[Watcher, Call, Shift], bool] | None:
        """How a builtin behaves, where it is modelled."""
        found = find_model(name)
        if found is None:
            return None
        model = found
        return lambda watcher, call, where: model(self, watcher, call, where)

    # --- names and modules

    def _name(self, file: int, name: str) -> int:
        names = self._names[file]
        node = names.get(name)
        if node is None:
            node = names[name] = self.flow.node()
        return node

    def _resolve_imports(self) -> None:
        for file, node, written, name in self._imports:
            module = self._beside(file, written)
            if name:
                self.module_member(module, name, node)
            else:
                self.flow.add(node, self.module(module))
        self._imports.clear()

    def _beside(self, file: int, module: str) -> str:
        """The module that an import names: where there is none of that name, the one in the folder
        of the importing file (scripts, and Python 2's implicit relative imports)."""
        if module in self._packages:
            return module
        facts = self.program.facts[file]
        package = facts.module if facts.package else facts.module.rpartition(".")[0]
        beside = f"{package}.{module}" if package else module
        return beside if beside in self._packages else module

    def module(self, name: str) -> int:
        """The value of a module by its dotted name."""
        if name in self._packages:
            return self.values.of(v.MODULE, name)
        return self.values.of(v.EXTERNAL, self.externals.name(name))

    def module_member(self, module: str, name: str, target: int) -> None:
        """Let a module's attribute flow into a node: a name it binds, a submodule, what a star
        import brings, or something outside the program."""
        if not target:
            return
        if module not in self._packages:
            self.external(target, f"{module}.{name}")
            return
        found = self._exported(module, name, set())
        if found:
            self.flow.copy(found, target)
        elif f"{module}.{name}" in self._packages:
            self.flow.add(target, self.values.of(v.MODULE, f"{module}.{name}"))
        elif module in self.program.modules:
            file = self.program.modules[module]
            if "__getattr__" in self._defined[file]:
                getter = self._name(file, "__getattr__")
                self.flow.watch(getter, Watcher(self._lazy, target))
            external = self._external_star(file)
            if external:
                self.external(target, f"{external}.{name}")

    def modules_from(self, prefix: str) -> list[str]:
        """The modules of the program whose dotted names are the prefix and one more part."""
        return sorted(
            name
            for name in self.program.modules
            if prefix and name.startswith(prefix) and "." not in name[len(prefix) :]
        )

    def set_module_member(self, module: str, name: str, source: int) -> None:
        """Let a node flow into a module-level name (`settings.client = …` from another module)."""
        file = self.program.modules.get(module)
        if file is not None and name in self._defined[file]:
            self.flow.copy(source, self._name(file, name))

    def module_names(self, module: str) -> set[str]:
        """The names that a module binds itself."""
        file = self.program.modules.get(module)
        return set() if file is None else self._defined[file]

    def _lazy(self, watcher: Watcher, value: int) -> None:
        self.enter_function(-1, 0, value, watcher.target)

    def _exported(self, module: str, name: str, seen: set[str]) -> int:
        """The node of a name in a module, looked for through star imports; 0: there is none."""
        file = self.program.modules.get(module)
        if file is None or module in seen:
            return 0
        if name in self._defined[file]:
            return self._name(file, name)
        seen.add(module)
        for star in reversed(self._stars[file]):
            exports = None
            if star in self.program.modules:
                exports = self.program.facts[self.program.modules[star]].exports
            if name not in exports if exports is not None else name.startswith("_"):
                continue
            found = self._exported(star, name, seen)
            if found:
                return found
            if f"{star}.{name}" in self._packages and exports and name in exports:
                node = self._name(file, name)
                self.flow.add(node, self.values.of(v.MODULE, f"{star}.{name}"))
                return node
        return 0

    def _external_star(self, file: int) -> str:
        return next((star for star in self._stars[file] if star not in self._packages), "")

    def _resolve_names(self) -> None:
        """Names that a module reads but does not bind: star imports, builtins, module attributes."""
        for file, facts in enumerate(self.program.facts):
            for name, node in list(self._names[file].items()):
                if name in self._defined[file]:
                    continue
                found = self._exported(facts.module, name, set())
                external = self._external_star(file)
                if found and found != node:
                    self.flow.copy(found, node)
                elif name == "__name__":
                    self.flow.add(node, self.values.of(v.CONSTANT, facts.module))
                elif name in _BUILTINS:
                    self.flow.add(node, self.values.of(v.EXTERNAL, f"builtins.{name}"))
                elif external:
                    self.external(node, f"{external}.{name}")

    # --- classes and receivers

    def _watch_bases(self) -> None:
        for number, described in enumerate(self.program.classes):
            where = self.shifts[self.program.file_of_class[number]]
            for slot in described.bases:
                self.flow.watch(self.node(where, slot), Watcher(self._base, other=number))
            for key, slot in described.keywords:
                if key == "metaclass":
                    self.flow.watch(self.node(where, slot), Watcher(self._metaclass, other=number))

    def _base(self, watcher: Watcher, value: int) -> None:
        item = self.values.items[value]
        if item[0] == v.CLASS:
            added = self.classes.add_base(watcher.other, int(item[1]))
        elif item[0] in (v.EXTERNAL, v.EXTERNAL_METHOD):
            added = self.classes.add_base(watcher.other, str(item[1]))
        else:
            added = False
        if added and self.postponed is None:
            self.relink(watcher.other)

    def _metaclass(self, watcher: Watcher, value: int) -> None:
        """The methods of a metaclass are called with the class (`__init_subclass__` and the like
        aside, only its attributes matter here)."""

    def _seed_uncalled(self) -> None:
        """Functions that nothing in the program calls get their defaults; if they are methods,
        `self` is an instance of their class or of one of its subclasses."""
        called = {edge[1] for edge in self.edges}
        for (number, shift), defaults in self.defaults.items():
            if number not in called:
                parameters = self.parameters(number, shift)
                for position, default in defaults:
                    self.flow.copy(default, parameters[position])
        for number, function in enumerate(self.program.functions):
            if function.owner is None or number in called or "staticmethod" in function.decorators:
                continue
            file = self.program.file_of[number]
            parameters = self.parameters(number, file)
            if not parameters or any(True for _ in self.flow.values(parameters[0])):
                continue
            owner = self.program.class_base[file] + function.owner
            on_class = "classmethod" in function.decorators or function.short in (
                "__new__",
                "__init_subclass__",
                "__class_getitem__",
            )
            kind = v.CLASS if on_class else v.INSTANCE
            for each in self._receivers(owner, function.short):
                self.flow.add(parameters[0], self.values.of(kind, each))

    def _receivers(self, owner: int, method: str) -> list[int]:
        """A class and those of its subclasses (a bounded number) that inherit a method of it."""
        found, queue = [owner], sorted(self.classes.subclasses.get(owner, ()))
        while queue and len(found) <= _MOST_RECEIVERS:
            each = queue.pop(0)
            if method not in self.classes.bodies[each] and each not in found:
                found.append(each)
                queue += sorted(self.classes.subclasses.get(each, ()))
        return found

    # --- steps

    def _load_copy(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self.flow.copy(self.node(where, step[2]), self.node(where, step[1]))

    def _load_attribute(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[2], self.attribute, step[1], str(step[3]), function, step[4])

    def _watch(
        self,
        where: Shift,
        source: object,
        react: Callable[[Watcher, int], None],
        target: object,
        name: str = "",
        function: int = 0,
        line: object = 0,
        other: int = 0,
    ) -> None:
        watcher = Watcher(react, self.node(where, target), name, function, _int(line), other)
        self.flow.watch(self.node(where, source), watcher)

    def _load_global(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = self._name(self.program.file_of[function], str(step[2]))
        self.flow.copy(name, self.node(where, step[1]))

    def _load_set_global(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = self._name(self.program.file_of[function], str(step[1]))
        self.flow.copy(self.node(where, step[2]), name)

    def _load_constant(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self.flow.add(self.node(where, step[1]), self.values.of(v.CONSTANT, str(step[2])))

    def _load_import(self, function: int, shift: int, where: Shift, step: Step) -> None:
        file = self.program.file_of[function]
        self._imports.append((file, self.node(where, step[1]), str(step[2]), str(step[3])))
        if self.postponed is None:
            self._resolve_imports()

    def _load_star(self, function: int, shift: int, where: Shift, step: Step) -> None:
        file = self.program.file_of[function]
        self._stars[file].append(self._beside(file, str(step[1])))

    def _load_function(self, function: int, shift: int, where: Shift, step: Step) -> None:
        defined = self.program.function_base[self.program.file_of[function]] + _int(step[2])
        self.flow.add(self.node(where, step[1]), self.values.of(v.FUNCTION, defined, shift))
        if len(step) > 3:
            self.defaults[defined, shift] = tuple(
                (_int(position), self.node(where, default))
                for position, default in zip(step[3::2], step[4::2], strict=True)
            )

    def _load_class(self, function: int, shift: int, where: Shift, step: Step) -> None:
        number = self.program.class_base[self.program.file_of[function]] + _int(step[2])
        self.flow.add(self.node(where, step[1]), self.values.of(v.CLASS, number))

    def _load_self(self, function: int, shift: int, where: Shift, step: Step) -> None:
        number = self.program.class_base[self.program.file_of[function]] + _int(step[2])
        self.flow.add(self.node(where, step[1]), self.values.of(v.INSTANCE, number))

    def _load_call(self, function: int, shift: int, where: Shift, step: Step) -> None:
        number = self.program.call_base[self.program.file_of[function]] + _int(step[1])
        call = self.program.calls[number]
        watcher = Watcher(self.call, 0, "", function, call.line, number, shift)
        self.flow.watch(self.node(where, call.function), watcher)

    def _load_set_attribute(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, receiver, name, value, line = step
        self._watch(where, receiver, self.set_attribute, value, str(name), function, line)

    def _load_item(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, value, key, index, line = step
        name, by = _key(key), self.node(where, index)
        self._watch(where, value, self.item, target, name, function, line, by)

    def _load_set_item(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, container, key, _, value, line = step
        self._watch(where, container, self.set_item, value, _key(key), function, line)

    def _load_operator(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, left, right, name, line = step
        other = self.node(where, right)
        self._watch(where, left, self.operator, target, str(name), function, line, other)

    def _load_build(self, function: int, shift: int, where: Shift, step: Step) -> None:
        _, target, kind, keys, slots = step
        box = self.boxes.new(str(kind))
        if isinstance(keys, tuple) and isinstance(slots, tuple):
            for key, slot in zip(keys, slots, strict=True):
                self.flow.copy(self.node(where, slot), self.boxes.element(box, _key(key)))
        self.flow.add(self.node(where, target), self.values.of(v.BOX, box))

    def _load_merge(self, function: int, shift: int, where: Shift, step: Step) -> None:
        target = self.node(where, step[1])
        for value in self.flow.values(target):
            item = self.values.items[value]
            if item[0] == v.BOX:
                self._watch(where, step[2], self._merge_into, 0, other=int(item[1]))

    def _load_iterate(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[2], self.iterate, step[1], "", function, step[3])

    def _load_await(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[2], self.await_, step[1], "", function, step[3])

    def _load_enter(self, function: int, shift: int, where: Shift, step: Step) -> None:
        name = "__aenter__" if step[3] else "__enter__"
        self._watch(where, step[2], self.enter, step[1], name, function, step[4])

    def _load_slice(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[2], self.slice, step[1], other=_int(step[3]))

    def _load_raise(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[1], self.raise_, 0, "", function, step[2])

    def _load_type(self, function: int, shift: int, where: Shift, step: Step) -> None:
        self._watch(where, step[2], self.instance_of, step[1])

    def _load_awaitable(self, function: int, shift: int, where: Shift, step: Step) -> None:
        inner = self.node(where, step[2])
        self.flow.add(self.node(where, step[1]), self.values.of(v.AWAITABLE, inner))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _key(key: object) -> str:
    """The key of a container's element: integers as `#7`, "" for an unknown one."""
    if key is None:
        return ""
    return f"#{key}" if isinstance(key, int) else str(key)
