"""Scopes while a file is lowered: which slot holds a name's value at this point of the program.

Inside a function, names are versioned as in static single assignment form: an assignment makes a
new slot, branches join in a new slot, and a loop reads what its own body may have left behind (a
phi, made only for names that the body reads). What closures capture and module-level names are kept
flow-insensitively: one slot that every assignment reaches.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import NamedTuple

from autospan.read.code import NOTHING, Code, Slots

Environment = dict[str, int]


class Deferred(NamedTuple):
    """A function whose body is lowered when the scope around it is finished."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    code: Code
    around: Scope
    name: str
    typing_only: bool


@dataclass(slots=True)
class Loop:
    """A loop being lowered: the names at its head, the phis its body asked for, its exits."""

    entry: Environment
    phis: dict[str, int] = field(default_factory=dict)
    exits: list[Environment] = field(default_factory=list)
    again: list[Environment] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """One lexical scope: `kind` is "module", "function" or "class"; `name` its qualified name.

    A class scope shares the `code` of the function (or module) whose execution runs its body.
    `outer` is the next enclosing *function* scope, which closures read from.
    """

    kind: str
    name: str
    code: Code
    slots: Slots
    outer: Scope | None = None
    around: Scope | None = None
    klass: int | None = None
    typing_only: bool = False
    env: Environment = field(default_factory=dict)
    live: bool = True
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)
    versions: dict[str, list[int]] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)
    bound: list[tuple[str, int]] | None = None
    remembered: dict[int, set[str]] = field(default_factory=dict)
    open_loops: list[Loop] = field(default_factory=list)
    deferred: list[Deferred] = field(default_factory=list)

    # --- reading and binding names

    def load(self, name: str) -> int:
        """The slot of `name` at this point: local, captured, or loaded from the module."""
        slot = self.env.get(name)
        if slot is not None and name not in self.global_names:
            return (
                self._through_loops(name, slot, len(self.open_loops)) if self.open_loops else slot
            )
        if self.kind == "class" and self.around is not None and self.around.kind != "class":
            inherited = self.around.env.get(name)
            if inherited is not None:
                return inherited
        if name not in self.global_names:
            scope = self.outer
            while scope is not None:
                if name in scope.versions and name not in scope.global_names:
                    return scope.cell(name)
                scope = scope.outer
        return self.load_global(name)

    def load_global(self, name: str) -> int:
        """The slot of a module-level or builtin name, loaded once a function."""
        cache = self.code.loaded_globals
        slot = cache.get(name)
        if slot is None:
            slot = cache[name] = self.slots.new()
            self.code.steps.append(("global", slot, name))
        return slot

    def store(self, name: str, value: int) -> None:
        """Bind `name` to the value in a slot."""
        if self.kind == "module" or name in self.global_names:
            self.code.steps.append(("setglobal", name, value))
        elif name in self.nonlocal_names:
            scope = self.outer
            while scope is not None and name not in scope.versions:
                scope = scope.outer
            if scope is not None:
                cell = scope.cell(name)
                self.copy(cell, value)
                self.copy(scope.versions[name][0], cell)
        elif self.kind == "function":
            self.versions.setdefault(name, []).append(value)
            cell_or_none = self.cells.get(name)
            if cell_or_none is not None:
                self.copy(cell_or_none, value)
        self.env[name] = value
        if self.bound is not None:
            self.bound.append((name, value))

    def cell(self, name: str) -> int:
        """The slot through which closures see `name` of this scope: every version flows into it."""
        slot = self.cells.get(name)
        if slot is None:
            slot = self.cells[name] = self.slots.new()
            for version in self.versions[name]:
                self.copy(slot, version)
        return slot

    def copy(self, target: int, source: int) -> None:
        """Let the values of one slot flow into another."""
        if source != NOTHING and target != source:
            self.code.steps.append(("copy", target, source))

    # --- items under constant keys, known as long as only this scope touches the container

    def remember(self, container: int, key: int | str, value: int) -> None:
        """From here on, `container[key]` is the value in a slot."""
        name = f"{container}[{key!r}]"
        self.remembered.setdefault(container, set()).add(name)
        self.env[name] = value

    def recall(self, container: int, key: int | str) -> int | None:
        """The slot of `container[key]` where it is known."""
        name = f"{container}[{key!r}]"
        slot = self.env.get(name)
        if slot is None or not self.open_loops:
            return slot
        return self._through_loops(name, slot, len(self.open_loops))

    def forget(self, container: int) -> None:
        """Somebody else may change the container from here on."""
        for name in self.remembered.pop(container, ()):
            self.env.pop(name, None)

    # --- control flow

    def fork(self) -> Environment:
        """A copy of the names as they are here, to start another branch from."""
        return dict(self.env)

    def join(self, branches: list[Environment]) -> None:
        """Go on with what several branches left behind; none of them alive: this code is dead."""
        if not branches:
            self.live = False
            return
        self.live = True
        merged = dict(branches[0])
        for other in branches[1:]:
            if other is branches[0]:
                continue
            for name, slot in other.items():
                mine = merged.get(name)
                if mine is None:
                    if "[" not in name:
                        merged[name] = slot
                elif mine != slot:
                    merged[name] = self._phi((mine, slot))
        self.env = merged

    def enter_loop(self) -> None:
        """From here to `leave_loop`, the body of a loop is lowered."""
        self.open_loops.append(Loop(dict(self.env)))
        self.code.loop += 1

    def leave_loop(self) -> list[Environment]:
        """Close the loop's back edges; the environments that may leave it."""
        loop = self.open_loops.pop()
        self.code.loop -= 1
        ends = [*loop.again, self.env] if self.live else loop.again
        for name, phi in loop.phis.items():
            for end in ends:
                self.copy(phi, end.get(name, NOTHING))
        return [loop.entry, *ends, *loop.exits]

    def jump(self, *, out: bool) -> None:
        """`break` (out) or `continue`."""
        if self.open_loops and self.live:
            loop = self.open_loops[-1]
            (loop.exits if out else loop.again).append(dict(self.env))
        self.live = False

    def either(self, first: int, second: int) -> int:
        """A slot into which two others flow."""
        return self._phi((first, second))

    def _phi(self, sources: tuple[int, ...]) -> int:
        slot = self.slots.new()
        for source in sources:
            self.copy(slot, source)
        return slot

    def _through_loops(self, name: str, slot: int, depth: int) -> int:
        """What a read inside `depth` loops sees: the value at the head, or left by the body."""
        if depth == 0:
            return slot
        loop = self.open_loops[depth - 1]
        if loop.entry.get(name) != slot:
            return slot
        phi = loop.phis.get(name)
        if phi is None:
            phi = loop.phis[name] = self.slots.new()
            self.copy(phi, self._through_loops(name, slot, depth - 1))
        self.env[name] = phi
        return phi
