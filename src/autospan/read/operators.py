"""Lowering of operators: each may run a special method; what they give is one value or another."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autospan.model import STARTS
from autospan.read.code import NOTHING
from autospan.read.displays import Displays
from autospan.read.narrowing import Narrowed, narrow, widen
from autospan.read.scope import Scope

_DUNDERS: dict[type[ast.AST], str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.MatMult: "__matmul__",
    ast.Div: "__truediv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.BitOr: "__or__",
    ast.BitXor: "__xor__",
    ast.BitAnd: "__and__",
    ast.FloorDiv: "__floordiv__",
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
    ast.In: "__contains__",
    ast.NotIn: "__contains__",
    ast.USub: "__neg__",
    ast.UAdd: "__pos__",
    ast.Invert: "__invert__",
}
_TESTED = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Await, ast.NamedExpr)


class Operators(Displays):
    """Lowers arithmetic, comparisons and conditional expressions."""

    def test(self, scope: Scope, node: ast.expr) -> int:
        """The slot of an expression whose truth is asked for."""
        value = self.lower(scope, node)
        if value != NOTHING and type(node) in _TESTED:
            step = ("op", NOTHING, value, NOTHING, "__bool__", node.lineno)
            scope.code.steps.append(step)
        return value

    def _binary(self, scope: Scope, node: ast.BinOp) -> int:
        spine = [node]
        while isinstance(spine[-1].left, ast.BinOp):
            spine.append(spine[-1].left)
        left = self.lower(scope, spine[-1].left)
        prefix = _prefix(spine[-1])
        for operation in reversed(spine):
            right = self.lower(scope, operation.right)
            left = self._operator(scope, left, right, type(operation.op), operation.lineno)
        return self.constant(scope, prefix) if prefix else left

    def _operator(
        self,
        scope: Scope,
        left: int,
        right: int,
        operator: type[ast.AST],
        line: int,
        in_place: bool = False,
    ) -> int:
        name = _DUNDERS.get(operator)
        if name is None or left == right == NOTHING:
            return NOTHING
        if operator in (ast.In, ast.NotIn):
            left, right = right, left
        if in_place:
            name = f"__i{name[2:]}"
        result = scope.slots.new()
        scope.code.steps.append(("op", result, left, right, name, line))
        return result

    def _boolean(self, scope: Scope, node: ast.BoolOp) -> int:
        around = scope.code.history.enter()
        last = node.values[-1]
        found: list[int] = []
        changed: list[Narrowed] = []
        calls = -1
        for value in node.values:
            found.append(self.lower(scope, value) if value is last else self.test(scope, value))
            changed += narrow(self, scope, value, isinstance(node.op, ast.And))
            calls = scope.code.calls if calls < 0 else calls
        widen(scope, reversed(changed))
        scope.code.optional(node, calls)
        scope.code.history.block = around
        return self._either(scope, found)

    def _conditional(self, scope: Scope, node: ast.IfExp) -> int:
        scope.code.branches += 1
        self.test(scope, node.test)
        calls = scope.code.calls
        around = scope.code.history.enter()
        found: list[int] = []
        for truth, branch in ((True, node.body), (False, node.orelse)):
            changed = narrow(self, scope, node.test, truth)
            found.append(self.lower(scope, branch))
            widen(scope, changed)
        scope.code.history.block = around
        scope.code.optional(node, calls)
        return self._either(scope, found)

    def _either(self, scope: Scope, sources: Sequence[int]) -> int:
        known = {source for source in sources if source != NOTHING}
        if len(known) < 2:
            return known.pop() if known else NOTHING
        slot = scope.slots.new()
        for source in sorted(known):
            scope.copy(slot, source)
        return slot

    def _compare(self, scope: Scope, node: ast.Compare) -> int:
        left = self.lower(scope, node.left)
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.lower(scope, comparator)
            self._operator(scope, left, right, type(operator), node.lineno)
            left = right
        return NOTHING

    def _unary(self, scope: Scope, node: ast.UnaryOp) -> int:
        if isinstance(node.op, ast.Not):
            self.test(scope, node.operand)
            return NOTHING
        value = self.lower(scope, node.operand)
        return self._operator(scope, value, NOTHING, type(node.op), node.lineno)

    def constant(self, scope: Scope, text: str) -> int:
        """The slot of a constant; integers are spelled `#7`."""
        cache = scope.code.loaded_constants
        slot = cache.get(text)
        if slot is None:
            slot = cache[text] = scope.slots.new()
            scope.code.steps.append(("const", slot, text))
        return slot


def _prefix(node: ast.BinOp) -> str:
    """The beginning of a computed string: `"handle_" + kind`, `"handle_%s" % kind`."""
    start = node.left
    if not (isinstance(start, ast.Constant) and isinstance(start.value, str)):
        return ""
    if isinstance(node.op, ast.Add):
        return start.value + STARTS if start.value else ""
    if isinstance(node.op, ast.Mod) and "%" in start.value[1:]:
        return start.value.partition("%")[0] + STARTS
    return ""


def formatted_start(function: ast.Attribute) -> str:
    """The beginning of `"handle_{}".format(…)`, "" where that is no constant."""
    text = function.value
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        return ""
    return text.value.partition("{")[0]
