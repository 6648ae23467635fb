"""Lowering of expressions: each gives the slot that holds its value (0: nothing known)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from autospan.model import Call
from autospan.read.scope import NOTHING, Code, Scope

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
_LONGEST_CONSTANT = 200
STARTS = "\0"
"""Ends a constant of which only the beginning is known: `"handle_" + kind`."""


class Expressions:
    """Lowers the expressions of one file; `calls` collects its call sites."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
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

    def attribute(self, scope: Scope, value: int, name: str, line: int) -> int:
        """The slot of an attribute of the value in a slot."""
        if value == NOTHING:
            return NOTHING
        if scope.remembered:
            scope.forget(value)
        cache = scope.code.loaded_attributes
        slot = cache.get((value, name))
        if slot is None:
            slot = cache[value, name] = scope.slots.new()
            scope.code.steps.append(("attr", slot, value, name, line))
        return slot

    def _constant(self, scope: Scope, node: ast.Constant) -> int:
        value = node.value
        if isinstance(value, str) and len(value) <= _LONGEST_CONSTANT:
            return self.constant(scope, value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.constant(scope, "#" + str(value)) if abs(value) < 10**9 else NOTHING
        return NOTHING

    def constant(self, scope: Scope, text: str) -> int:
        """The slot of a constant; integers are spelled `#7`."""
        cache = scope.code.loaded_constants
        slot = cache.get(text)
        if slot is None:
            slot = cache[text] = scope.slots.new()
            scope.code.steps.append(("const", slot, text))
        return slot

    # --- calls

    def call(self, scope: Scope, node: ast.Call, awaited: bool = False) -> int:
        """A call: the slot of its result."""
        function = node.func
        if type(function) is ast.Attribute:
            receiver = self.lower(scope, function.value)
            target = self.attribute(scope, receiver, function.attr, function.lineno)
            line = function.end_lineno or node.lineno
        else:
            target = self.lower(scope, function)
            line = node.lineno
        arguments = self.arguments(scope, node)
        return self.site(scope, node, line, _text(function), target, arguments, awaited)

    def arguments(self, scope: Scope, node: ast.Call) -> list[tuple[int | str, int]]:
        """What a call passes: (position or keyword, slot); unpacked ones as "*" and "**"."""
        found: list[tuple[int | str, int]] = []
        position = 0
        for argument in node.args:
            if type(argument) is ast.Starred:
                found.append(("*", self.lower(scope, argument.value)))
            else:
                found.append((position, self.lower(scope, argument)))
                position += 1
        for keyword in node.keywords:
            found.append((keyword.arg or "**", self.lower(scope, keyword.value)))
        return found

    def site(
        self,
        scope: Scope,
        node: ast.expr,
        line: int,
        text: str,
        target: int,
        arguments: Sequence[tuple[int | str, int]],
        awaited: bool = False,
    ) -> int:
        """Record a call site; the slot of its result."""
        code = scope.code
        code.calls += 1
        if scope.remembered:
            for _, slot in arguments:
                scope.forget(slot)
        result = scope.slots.new()
        code.steps.append(("call", len(self.calls)))
        self.calls.append(
            Call(
                code.function,
                line,
                node.col_offset,
                text,
                target,
                tuple(arguments),
                result,
                code.loop,
                awaited,
            )
        )
        return result

    # --- operators

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
        self, scope: Scope, left: int, right: int, operator: type[ast.AST], line: int
    ) -> int:
        name = _DUNDERS.get(operator)
        if name is None or left == right == NOTHING:
            return NOTHING
        if operator in (ast.In, ast.NotIn):
            left, right = right, left
        result = scope.slots.new()
        scope.code.steps.append(("op", result, left, right, name, line))
        return result

    def _boolean(self, scope: Scope, node: ast.BoolOp) -> int:
        return self._either(scope, [self.lower(scope, value) for value in node.values])

    def _conditional(self, scope: Scope, node: ast.IfExp) -> int:
        scope.code.branches += 1
        self.lower(scope, node.test)
        return self._either(scope, [self.lower(scope, node.body), self.lower(scope, node.orelse)])

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
        value = self.lower(scope, node.operand)
        return self._operator(scope, value, NOTHING, type(node.op), node.lineno)

    # --- containers

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
            return value
        if first == 0:
            return value
        slot = scope.slots.new()
        scope.code.steps.append(("slice", slot, value, first))
        return slot

    def iterate(self, scope: Scope, node: ast.expr) -> int:
        """The slot of what iterating over an expression gives."""
        value = self.lower(scope, node)
        if value == NOTHING:
            return NOTHING
        slot = scope.slots.new()
        scope.code.steps.append(("iter", slot, value, node.lineno))
        return slot

    def _comprehension(
        self, scope: Scope, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> int:
        bound: dict[str, int | None] = {}
        for generator in node.generators:
            for inner in ast.walk(generator.target):
                if isinstance(inner, ast.Name):
                    bound.setdefault(inner.id, scope.env.get(inner.id))
        for generator in node.generators:
            item = self.iterate(scope, generator.iter)
            scope.code.loop += 1
            self.bind_locally(scope, generator.target, item)
            for condition in generator.ifs:
                self.lower(scope, condition)
        if isinstance(node, ast.DictComp):
            self.lower(scope, node.key)
            element = self.lower(scope, node.value)
            result = self.build(scope, "dict", [(None, element)] if element else [])
        else:
            element = self.lower(scope, node.elt)
            result = self.build(scope, "list", [(None, element)] if element else [])
        scope.code.loop -= len(node.generators)
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
        elif isinstance(target, ast.Tuple | ast.List):
            for index, element in enumerate(target.elts if value else ()):
                slot = scope.slots.new()
                scope.code.steps.append(("item", slot, value, index, NOTHING, element.lineno))
                self.bind_locally(scope, element, slot)
        elif isinstance(target, ast.Starred):
            self.bind_locally(scope, target.value, value)

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
        code.steps.append(("iter", code.yielded, value, node.lineno))
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
                self.lower(scope, value.value)
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


def constant_key(node: ast.expr) -> int | str | None:
    """The key of a subscript or dict display where it is a constant, else None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | str):
        return node.value if not isinstance(node.value, bool) else None
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
        and isinstance(node.operand.value, int)
    ):
        return -node.operand.value
    return None


def _text(node: ast.expr) -> str:
    """The callee as a person would name it: `name`, `receiver.method`."""
    if type(node) is ast.Name:
        return node.id
    if type(node) is ast.Attribute:
        value = node.value
        if type(value) is ast.Name:
            return f"{value.id}.{node.attr}"
        if type(value) is ast.Attribute:
            return f"{value.attr}.{node.attr}"
        if type(value) is ast.Call:
            return f"{_text(value.func).rpartition('.')[2]}().{node.attr}"
        return f".{node.attr}"
    return ""
