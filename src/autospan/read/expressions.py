"""Lowering of expressions: each gives the slot that holds its value (0: nothing known)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from autospan.model import STARTS
from autospan.read.calling import Calling
from autospan.read.code import NOTHING, Code
from autospan.read.scope import Scope

_LONGEST_CONSTANT = 60
_LARGEST_INDEX = 100_000


class Expressions(Calling):
    """Lowers the expressions of one file."""

    def __init__(self) -> None:
        super().__init__()
        self._lower: dict[type[ast.AST], Callable[[Scope, Any], int]] = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self.call,
            ast.Constant: self._constant,
            ast.Subscript: self._subscript,
            ast.BinOp: self._binary,
            ast.BoolOp: self._boolean,
            ast.Compare: self._compare,
            ast.UnaryOp: self._unary,
            ast.IfExp: self._conditional,
            ast.Lambda: self._lambda,
            ast.Tuple: self._tuple,
            ast.List: self._list,
            ast.Set: self._list,
            ast.Dict: self._dict,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.Await: self._await,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield_from,
            ast.NamedExpr: self._walrus,
            ast.Starred: self._starred,
            ast.JoinedStr: self._formatted,
            ast.FormattedValue: self._formatted_value,
            ast.Slice: self._slice,
        }

    def lower(self, scope: Scope, node: ast.AST) -> int:
        """The slot of an expression's value."""
        if type(node) is ast.Name:  # a third of all
            return scope.load(node.id)
        handler = self._lower.get(type(node))
        return handler(scope, node) if handler is not None else NOTHING

    def defer(self, scope: Scope, node: ast.Lambda, name: str) -> int:
        """Queue a lambda's body and give the slot of its function object."""
        raise NotImplementedError

    # --- names, attributes, constants

    def _name(self, scope: Scope, node: ast.Name) -> int:
        return scope.load(node.id)

    def _attribute(self, scope: Scope, node: ast.Attribute) -> int:
        return self.attribute(scope, self.lower(scope, node.value), node.attr, node.lineno)

    def _constant(self, scope: Scope, node: ast.Constant) -> int:
        value = node.value
        if isinstance(value, str) and len(value) <= _LONGEST_CONSTANT:
            return self.constant(scope, value)
        if type(value) is int and abs(value) < _LARGEST_INDEX:
            return self.constant(scope, f"#{value}")
        return NOTHING

    # --- the rest

    def _await(self, scope: Scope, node: ast.Await) -> int:
        scope.code.awaits += 1
        inner = node.value
        if type(inner) is ast.Call:
            value = self.call(scope, inner, awaited=True)
        else:
            value = self.lower(scope, inner)
        if value == NOTHING:
            return NOTHING
        slot = scope.slots.new()
        scope.code.steps.append(("await", slot, value, node.lineno))
        return slot

    def _yield(self, scope: Scope, node: ast.Yield) -> int:
        code = scope.code
        code.has_yield = True
        if node.value is not None:
            value = self.lower(scope, node.value)
            code.yielded = code.yielded or scope.slots.new()
            scope.copy(code.yielded, value)
        return NOTHING

    def _yield_from(self, scope: Scope, node: ast.YieldFrom) -> int:
        code = scope.code
        code.has_yield = True
        value = self.lower(scope, node.value)
        if value == NOTHING:
            return NOTHING
        code.yielded = code.yielded or scope.slots.new()
        slot = scope.slots.new()
        code.steps.append(("iter", code.yielded, value, node.lineno, 0))
        code.steps.append(("await", slot, value, node.lineno))
        return slot

    def _walrus(self, scope: Scope, node: ast.NamedExpr) -> int:
        value = self.lower(scope, node.value)
        scope.store(node.target.id, value)
        return value

    def _starred(self, scope: Scope, node: ast.Starred) -> int:
        return self.lower(scope, node.value)

    def _formatted(self, scope: Scope, node: ast.JoinedStr) -> int:
        for value in node.values:
            if type(value) is ast.FormattedValue:
                shown = self.lower(scope, value.value)
                if shown != NOTHING:
                    method = "__repr__" if value.conversion == ord("r") else "__str__"
                    scope.code.steps.append(("op", NOTHING, shown, NOTHING, method, node.lineno))
                if value.format_spec is not None:
                    self.lower(scope, value.format_spec)
        first = node.values[0] if len(node.values) > 1 else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return self.constant(scope, first.value + STARTS)
        return NOTHING

    def _formatted_value(self, scope: Scope, node: ast.FormattedValue) -> int:
        self.lower(scope, node.value)
        return NOTHING

    def _slice(self, scope: Scope, node: ast.Slice) -> int:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.lower(scope, part)
        return NOTHING

    def _lambda(self, scope: Scope, node: ast.Lambda) -> int:
        code: Code = scope.code
        code.lambdas += 1
        return self.defer(scope, node, f"<lambda{code.lambdas}>")
