"""The solver: steps become edges and watchers; call edges are found while values flow.

First all steps are loaded and names, imports and bases settle; then attributes and calls on the
program's own classes start, because they need the order of bases; then attributes that are read
soon after they were stored, because that depends on what is called between; then the functions
that nothing in the program calls get the receivers that a framework would call them with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from autospan.link import values as v
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.load import Loader
from autospan.link.models import find_model
from autospan.link.program import Program
from autospan.link.state import Shift
from autospan.model import Call

_MOST_RECEIVERS = 1


class Solver(Loader):
    """Solves one program; afterwards `edges`, `sites` and `flow` hold the answer."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._models: dict[str, Callable[[Watcher, Call, Shift], bool] | None] = {}

    def solve(self) -> None:
        """Propagate to the fixed point."""
        for function, file in enumerate(self.program.file_of):
            self.load_body(function, file)
        self.forget_bodies()
        self._resolve_imports()
        self._resolve_names()
        self._watch_bases()
        self.watch_metaclasses()
        self.flow.run()
        postponed, self.postponed = self.postponed or [], None
        for watcher, value in postponed:
            watcher.react(watcher, value)
        self.create_classes()
        self.flow.run()
        while self.reflect():
            self.flow.run()
        self.settle()
        self._see_through_decorators()
        self.seed_tested()
        self._seed_uncalled()
        self.flow.run()
        while self.reflect():
            self.flow.run()

    def dissolve(self) -> None:
        """Give everything up. Reactions and the solver hold each other: with the collector off,
        nothing of it would ever be freed."""
        vars(self).clear()

    def model(self, name: str) -> Callable[[Watcher, Call, Shift], bool] | None:
        """How a builtin behaves, where it is modelled."""
        if name not in self._models:
            found = find_model(name)
            self._models[name] = found and partial(found, self)
        return self._models[name]

    # --- classes and receivers

    def _watch_bases(self) -> None:
        for number, described in enumerate(self.program.classes):
            where = self.shifts[self.program.file_of_class[number]]
            for slot in described.bases:
                self.flow.watch(self.node(where, slot), Watcher(self._base, other=number))

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

    def _see_through_decorators(self) -> None:
        """A decorator of which nothing is known gives what it is given."""
        for file, facts in enumerate(self.program.facts):
            where = self.shifts[file]
            for _, _, decorator, number in facts.decorations:
                node = self.node(where, decorator)
                if not node or self.flow.held[node] is None:
                    call = self.program.calls[self.program.call_base[file] + number]
                    _, given = call.arguments[0]
                    self.flow.copy(self.node(where, given), self.node(where, call.result))

    def _seed_uncalled(self) -> None:
        """Functions that nothing in the program calls get their defaults; methods whose `self`
        nothing reaches, an instance of their class or of one of its subclasses."""
        called = {edge[1] for edge in self.edges}
        for (number, shift), defaults in self.defaults.items():
            if number not in called:
                parameters = self.parameters(number, shift)
                for position, default in defaults:
                    self.flow.copy(default, parameters[position])
        for number, function in enumerate(self.program.functions):
            if function.owner is None or "staticmethod" in function.decorators:
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
