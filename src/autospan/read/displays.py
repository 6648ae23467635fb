"""Lowering of displays, subscripts and comprehensions: what goes into containers and comes out."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autospan.read.code import NOTHING
from autospan.read.scope import Scope

_SEVERAL = (ast.Tuple, ast.List)


class Displays:
    """Lowers what makes and reads containers; other expressions are the subclass's."""

    def lower(self, scope: Scope, node: ast.AST) -> int:
        """The slot of an expression's value."""
        raise NotImplementedError

    def test(self, scope: Scope, node: ast.expr) -> int:
        """The slot of an expression whose truth is asked for."""
        raise NotImplementedError

    def build(self, scope: Scope, kind: str, items: list[tuple[int | str | None, int]]) -> int:
        """A container: `items` are (constant key, index or None, slot)."""
        slot = scope.slots.new()
        keys = tuple(key for key, _ in items)
        scope.code.steps.append(("build", slot, kind, keys, tuple(value for _, value in items)))
        return slot

    def _tuple(self, scope: Scope, node: ast.Tuple) -> int:
        return self._sequence(scope, "tuple", node.elts)

    def _list(self, scope: Scope, node: ast.List | ast.Set) -> int:
        return self._sequence(scope, "list", node.elts)

    def _sequence(self, scope: Scope, kind: str, elements: Sequence[ast.expr]) -> int:
        items: list[tuple[int | str | None, int]] = []
        exact = True
        for index, element in enumerate(elements):
            if type(element) is ast.Starred:
                items.append((None, self.iterate(scope, element.value)))
                exact = False
            else:
                value = self.lower(scope, element)
                if value != NOTHING:
                    items.append((index if exact else None, value))
        return self.build(scope, kind, items)

    def _dict(self, scope: Scope, node: ast.Dict) -> int:
        items: list[tuple[int | str | None, int]] = []
        merged: list[int] = []
        for key, value in zip(node.keys, node.values, strict=True):
            slot = self.lower(scope, value)
            if key is None:
                merged.append(slot)
            else:
                constant = constant_key(key)
                if constant is None:
                    self.lower(scope, key)
                if slot != NOTHING:
                    items.append((constant, slot))
        result = self.build(scope, "dict", items)
        for slot in merged:
            scope.code.steps.append(("merge", result, slot))
        return result

    def _subscript(self, scope: Scope, node: ast.Subscript) -> int:
        value = self.lower(scope, node.value)
        key = constant_key(node.slice)
        if key is None:
            index = self.lower(scope, node.slice)
        else:
            index = NOTHING
        if value == NOTHING:
            return NOTHING
        if isinstance(node.slice, ast.Slice):
            return self._part(scope, value, node.slice)
        if key is not None:
            known = scope.recall(value, key)
            if known is not None:
                return known
        slot = scope.slots.new()
        scope.code.steps.append(("item", slot, value, key, index, node.lineno))
        if key is not None:
            scope.remember(value, key, slot)
        return slot

    def _part(self, scope: Scope, value: int, part: ast.Slice) -> int:
        """A slice with constant bounds keeps positions; any other holds any element."""
        first = 0 if part.lower is None else constant_key(part.lower)
        if not isinstance(first, int) or first < 0 or part.step is not None:
            first = 0
        slot = scope.slots.new()
        scope.code.steps.append(("slice", slot, value, first, part.lineno))
        return slot

    def iterate(self, scope: Scope, node: ast.expr, asynchronous: int = 0) -> int:
        """The slot of what iterating over an expression gives."""
        value = self.lower(scope, node)
        if value == NOTHING:
            return NOTHING
        slot = scope.slots.new()
        scope.code.steps.append(("iter", slot, value, node.lineno, asynchronous))
        return slot

    def _comprehension(
        self, scope: Scope, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> int:
        around = scope.code.history.enter()
        bound: dict[str, int | None] = {}
        for generator in node.generators:
            for inner in ast.walk(generator.target):
                if isinstance(inner, ast.Name):
                    bound.setdefault(inner.id, scope.env.get(inner.id))
        for generator in node.generators:
            item = self.iterate(scope, generator.iter, generator.is_async)
            scope.code.loop += 1
            self.bind_locally(scope, generator.target, item)
            for condition in generator.ifs:
                self.test(scope, condition)
        if isinstance(node, ast.DictComp):
            self.lower(scope, node.key)
            element = self.lower(scope, node.value)
            result = self.build(scope, "dict", [(None, element)] if element else [])
        else:
            element = self.lower(scope, node.elt)
            result = self.build(scope, "list", [(None, element)] if element else [])
        scope.code.loop -= len(node.generators)
        scope.code.history.block = around
        for name, before in bound.items():
            if before is None:
                scope.env.pop(name, None)
            else:
                scope.env[name] = before
        return result

    def bind_locally(self, scope: Scope, target: ast.expr, value: int) -> None:
        """Bind a comprehension's target: its names live only inside it."""
        if isinstance(target, ast.Name):
            scope.env[target.id] = value
            if scope.kind != "module":
                scope.versions.setdefault(target.id, []).append(value)
        elif isinstance(target, _SEVERAL):
            for index, element in enumerate(target.elts if value else ()):
                slot = scope.slots.new()
                scope.code.steps.append(("item", slot, value, index, NOTHING, element.lineno))
                self.bind_locally(scope, element, slot)
        elif isinstance(target, ast.Starred):
            self.bind_locally(scope, target.value, value)


def constant_key(node: ast.expr) -> int | str | None:
    """The key of a subscript or dict display where it is a constant, else None."""
    if type(node) is ast.Constant:
        value = node.value
        return value if type(value) is str or type(value) is int else None
    if (
        type(node) is ast.UnaryOp
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and isinstance(node.operand.value, int)
    ):
        return -node.operand.value
    return None
