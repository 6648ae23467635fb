"""The program as one numbering: functions, classes, calls and nodes of all files side by side."""

from __future__ import annotations

from collections.abc import Sequence

from autospan.model import Call, Class, Facts, Function, Signature, Step


class Program:
    """Flat tables over all files; an index of a file plus the file's base is an index in a table.

    `facts` are outlines; `file_of` gives, per function, the index of its facts; `node_base` per
    file the node of slot 0; `decorators` per file the slots that hold decorators.
    """

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.facts = [each.outline() for each in facts]
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.calls: list[Call] = []
        self.steps: list[tuple[Step, ...]] = []
        self.signatures: list[Signature] = []
        self.file_of: list[int] = []
        self.file_of_class: list[int] = []
        self.file_of_call: list[int] = []
        self.function_base: list[int] = []
        self.class_base: list[int] = []
        self.call_base: list[int] = []
        self.node_base: list[int] = []
        self.decorators: list[frozenset[int]] = []
        self.modules: dict[str, int] = {}
        self.nodes = 1
        for index, each in enumerate(facts):
            self._add(index, each)
        self.nested = self._nested()
        self._storing, self._defined = self._assigned()
        self._abstract = self._abstract_methods()

    def _add(self, index: int, facts: Facts) -> None:
        self.function_base.append(len(self.functions))
        self.class_base.append(len(self.classes))
        self.call_base.append(len(self.calls))
        self.node_base.append(self.nodes)
        self.nodes += facts.slots + 1
        self.decorators.append(frozenset(slot for _, _, slot, _ in facts.decorations))
        self.functions += facts.functions
        self.classes += facts.classes
        self.calls += facts.calls
        self.steps += facts.steps
        self.signatures += facts.signatures
        self.file_of += [index] * len(facts.functions)
        self.file_of_class += [index] * len(facts.classes)
        self.file_of_call += [index] * len(facts.calls)
        if facts.functions:
            self.modules.setdefault(facts.module, index)

    def _nested(self) -> dict[int, list[int]]:
        """Per outermost function with nested ones: itself, then all that are nested in it."""
        groups: dict[int, list[int]] = {}
        for number, function in enumerate(self.functions):
            if function.outer is None:
                continue
            base = self.function_base[self.file_of[number]]
            outermost = base + function.outer
            while True:
                around = self.functions[outermost].outer
                if around is None:
                    break
                outermost = base + around
            groups.setdefault(outermost, [outermost]).append(number)
        return groups

    def submodules(self) -> set[str]:
        """Every dotted name that is a package on the way to a module of the program."""
        names = set(self.modules)
        for name in list(names):
            while "." in name:
                name = name.rpartition(".")[0]
                names.add(name)
        return names

    def imported_packages(self, packages: set[str]) -> set[str]:
        """The packages from which a file in or below them imports relatively or by dotted path;
        `packages`: all there are."""
        pairs: set[tuple[str, str]] = set()
        for facts in self.facts:
            package = facts.module if facts.package else facts.module.rpartition(".")[0]
            pairs.update((package, each.module) for each in facts.imports)
        return {_shared(package, module) for package, module in pairs if module in packages}

    def absent_modules(self, packages: set[str]) -> set[str]:
        """Modules of the program's `packages` that are imported and not there: vendored code that
        is left out, generated code that is not checked in."""
        found = set()
        plain = {facts.module for facts in self.facts if not facts.package}
        for each in {(one.module, one.name) for facts in self.facts for one in facts.imports}:
            name = each[0]
            if name in packages:
                found.add(".".join(each) if name not in plain else "")
            elif name.partition(".")[0] in packages:
                while name not in packages:
                    found.add(name)
                    name = name.rpartition(".")[0]
        return found

    def _assigned(self) -> tuple[dict[str, dict[int, list[Step]]], list[set[str]]]:
        """Per attribute name, the functions that store it, each with the steps that do; per file,
        the module-level names that some statement binds."""
        stored: dict[str, dict[int, list[Step]]] = {}
        bound: list[set[str]] = [set() for _ in self.facts]
        for number, body in enumerate(self.steps):
            for step in body:
                if step[0] == "setattr":
                    stored.setdefault(step[2], {}).setdefault(number, []).append(step)
                elif step[0] == "setglobal":
                    bound[self.file_of[number]].add(step[1])
        return stored, bound

    def stored_names(self) -> set[str]:
        """Every attribute name that some statement, or a generated `__init__`, assigns to."""
        fields = {name for each in self.classes for name in each.fields}
        return fields | {
            name
            for name, steps in self._storing.items()
            if any(step[3] for each in steps.values() for step in each)
        }

    def surely_stored(self) -> dict[str, dict[int, Step]]:
        """Per attribute name, the functions that store it, each with the step that surely does
        (an empty one: there is none, or several)."""
        return {
            name: {
                number: steps[0] if len(steps) == 1 and steps[0][5] else ()
                for number, steps in functions.items()
            }
            for name, functions in self._storing.items()
        }

    def bound_once(self) -> dict[tuple[int, int], int]:
        """By (file, slot) of a module-level name whose attributes some function surely stores: the
        slot of what the name is bound to, where it is bound once."""
        loaded: dict[tuple[int, str], list[int]] = {}
        for functions in self._storing.values():
            for number, steps in functions.items():
                receivers = {step[1] for step in steps if step[5]}
                receivers.difference_update(self.signatures[number].parameters)
                for step in self.steps[number] if receivers else ():
                    if step[0] == "global" and step[1] in receivers:
                        loaded.setdefault((self.file_of[number], step[2]), []).append(step[1])
        bound: dict[tuple[int, str], list[Step]] = {}
        files = {file for file, _ in loaded}
        for number, body in enumerate(self.steps):
            if self.file_of[number] in files:
                for step in body:
                    if step[0] == "setglobal":
                        bound.setdefault((self.file_of[number], step[1]), []).append(step)
        once = {key: steps[0][2] for key, steps in bound.items() if len(steps) == 1}
        return {
            (file, slot): value
            for (file, name), slots in loaded.items()
            if isinstance(value := once.get((file, name)), int)
            for slot in slots
        }

    def abstract_methods(self, number: int) -> frozenset[str]:
        """The names of the methods that a class body declares abstract."""
        return self._abstract.get(number, frozenset())

    def _abstract_methods(self) -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = {}
        for number, function in enumerate(self.functions):
            if function.owner is not None and any(
                each.rpartition(".")[2].startswith("abstract") for each in function.decorators
            ):
                owner = self.class_base[self.file_of[number]] + function.owner
                found.setdefault(owner, set()).add(function.short)
        return {number: frozenset(names) for number, names in found.items()}

    def plain_attributes(self, number: int) -> frozenset[str]:
        """The names that a class body binds to anything but a function, private ones left out."""
        file = self.file_of_class[number]
        owner = number - self.class_base[file]
        functions = {each.short for each in self.facts[file].functions if each.owner == owner}
        names = (name for name, _ in self.classes[number].body)
        return frozenset(
            name for name in names if name not in functions and not name.startswith("_")
        )

    def special_names(self) -> set[str]:
        """Every `__name__` that some class body binds."""
        names = {name for each in self.classes for name, _ in each.body}
        return {name for name in names if name.startswith("__") and name.endswith("__")}

    def defined_names(self) -> list[set[str]]:
        """Per file, the module-level names that some statement binds."""
        return self._defined

    def accessors(self) -> set[str]:
        """The names that some class body binds to anything but a plain method: reading such an
        attribute may run code (properties, descriptors)."""
        plain = {
            (self.class_base[self.file_of[number]] + function.owner, function.short)
            for number, function in enumerate(self.functions)
            if function.owner is not None and not function.decorators
        }
        return {
            name
            for number, described in enumerate(self.classes)
            for name, _ in described.body
            if (number, name) not in plain
        }


def _shared(one: str, other: str) -> str:
    """The longest dotted name that begins both."""
    while one and other != one and not other.startswith(f"{one}."):
        one = one.rpartition(".")[0]
    return one
