"""Lowering of what binds names: assignments to any target, and imports."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autospan.model import Import
from autospan.read.annotations import seed
from autospan.read.code import NOTHING
from autospan.read.displays import constant_key
from autospan.read.expressions import Expressions
from autospan.read.scope import Scope


class Binding(Expressions):
    """Lowers assignments and imports of one module; `__all__` and the imports are noted."""

    def __init__(self, module: str, package: bool) -> None:
        super().__init__()
        self.module = module
        self.imports: list[Import] = []
        self.exports: list[str] | None = None
        self._computed_exports = False
        self._package = module if package else module.rpartition(".")[0]

    def _assign(self, scope: Scope, node: ast.Assign) -> None:
        if scope.kind == "module" and binds(node.targets[0], "__all__"):
            self._export(node.value)
        value = self.lower(scope, node.value)
        if type(node.value) is ast.Call and self.calls[-1].result == value:
            scope.code.history.made(value, len(self.calls) - 1)
        for target in node.targets:
            self.bind(scope, target, value, node.value)

    def _export(self, value: ast.expr) -> None:
        """Note what `__all__` lists; None where it is computed, which is as if there were none."""
        listed = value.elts if isinstance(value, ast.List | ast.Tuple) else None
        if listed is None or self._computed_exports:
            self.exports, self._computed_exports = None, True
            return
        self.exports = self.exports or []
        for each in listed:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                self.exports.append(each.value)

    def bind(
        self, scope: Scope, target: ast.expr, value: int, written: ast.expr | None = None
    ) -> None:
        """Assign the value in a slot to a target; `written` is its expression where it is known."""
        if isinstance(target, ast.Name):
            scope.store(target.id, value)
        elif isinstance(target, ast.Attribute):
            receiver = self.lower(scope, target.value)
            if receiver != NOTHING:
                self._store_attribute(scope, receiver, target.attr, value, target.lineno)
        elif isinstance(target, ast.Subscript):
            self._store_item(scope, target, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(scope, target.elts, value)
        elif isinstance(target, ast.Starred):
            self.bind(scope, target.value, value)

    def unbind(self, scope: Scope, target: ast.expr) -> None:
        """`del target`: of attributes and items; what a name held stays known."""
        if isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self.unbind(scope, each)
        elif isinstance(target, ast.Attribute):
            receiver = self.lower(scope, target.value)
            if receiver != NOTHING:
                scope.code.steps.append(("delattr", receiver, target.attr, target.lineno))
        elif isinstance(target, ast.Subscript):
            container = self.lower(scope, target.value)
            index = self.lower(scope, target.slice)
            scope.forget(container)
            if container != NOTHING:
                step = ("op", NOTHING, container, index, "__delitem__", target.lineno)
                scope.code.steps.append(step)

    def _store_attribute(
        self, scope: Scope, receiver: int, name: str, value: int, line: int
    ) -> None:
        code = scope.code
        code.steps.append(("setattr", receiver, name, value, line, int(code.history.sure())))
        code.history.stored(receiver, name, value)

    def _store_item(self, scope: Scope, target: ast.Subscript, value: int) -> None:
        """`x[key] = value`; of `x[a:b] = values` the elements are stored."""
        container = self.lower(scope, target.value)
        key = constant_key(target.slice)
        index = self.lower(scope, target.slice) if key is None else NOTHING
        if container == NOTHING:
            return
        if isinstance(target.slice, ast.Slice):
            index, stored = NOTHING, scope.slots.new()
            scope.code.steps.append(("iter", stored, value, target.lineno))
            value = stored
        if key is None:
            scope.forget(container)
        else:
            scope.remember(container, key, value)
        scope.code.steps.append(("setitem", container, key, index, value, target.lineno))

    def _unpack(self, scope: Scope, targets: Sequence[ast.expr], value: int) -> None:
        starred = False
        for index, target in enumerate(targets):
            starred = starred or isinstance(target, ast.Starred)
            if value == NOTHING:
                self.bind(scope, target, NOTHING)
                continue
            slot = scope.slots.new()
            if isinstance(target, ast.Starred):
                scope.code.steps.append(("iter", slot, value, target.lineno, 0))
                rest = self.build(scope, "list", [(None, slot)])
                self.bind(scope, target.value, rest)
                continue
            key = index - len(targets) if starred else index
            scope.code.steps.append(("item", slot, value, key, NOTHING, target.lineno))
            self.bind(scope, target, slot)

    def _annotated(self, scope: Scope, node: ast.AnnAssign) -> None:
        value = self.lower(scope, node.value) if node.value is not None else NOTHING
        slot = scope.slots.new()
        scope.copy(slot, value)
        seed(self, scope, slot, node.annotation)
        if isinstance(node.target, ast.Name) and node.value is None and scope.kind == "function":
            return
        self.bind(scope, node.target, slot)

    def _augmented(self, scope: Scope, node: ast.AugAssign) -> None:
        value = self.lower(scope, node.value)
        target = node.target
        if isinstance(target, ast.Name):
            if scope.kind == "module" and target.id == "__all__":
                self._export(node.value)
            before = scope.load(target.id)
            result = self._operator(scope, before, value, type(node.op), node.lineno, True)
            joined = scope.slots.new()
            for source in (before, result):
                scope.copy(joined, source)
            scope.store(target.id, joined)
        elif isinstance(target, ast.Attribute):
            receiver = self.lower(scope, target.value)
            before = self.attribute(scope, receiver, target.attr, target.lineno)
            result = self._operator(scope, before, value, type(node.op), node.lineno, True)
            if receiver != NOTHING:
                self._store_attribute(scope, receiver, target.attr, result, node.lineno)
        else:
            before = self.lower(scope, target)
            self._operator(scope, before, value, type(node.op), node.lineno, True)

    def _import(self, scope: Scope, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name if alias.asname else alias.name.partition(".")[0]
            self.imports.append(
                Import(node.lineno, alias.name, "", alias.asname or top, scope.typing_only)
            )
            slot = scope.slots.new()
            scope.code.steps.append(("import", slot, top, ""))
            scope.store(alias.asname or top, slot)

    def _import_from(self, scope: Scope, node: ast.ImportFrom) -> None:
        module = self.absolute(node.module or "", node.level)
        for alias in node.names:
            bound = alias.asname or alias.name
            self.imports.append(Import(node.lineno, module, alias.name, bound, scope.typing_only))
            if alias.name == "*":
                scope.code.steps.append(("star", module))
                continue
            slot = scope.slots.new()
            scope.code.steps.append(("import", slot, module, alias.name))
            scope.store(bound, slot)

    def absolute(self, module: str, level: int) -> str:
        """The absolute name of a module imported relatively (`level` dots) by this one."""
        if level == 0:
            return module
        parts = self._package.split(".") if self._package else []
        kept = parts[: len(parts) - (level - 1)] if level > 1 else parts
        return ".".join([*kept, module] if module else kept)


def binds(target: ast.expr, name: str) -> bool:
    """Whether a target is the plain name `name`."""
    return isinstance(target, ast.Name) and target.id == name
