"""Lowering of calls: what is called with what, and what is known of the result."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autospan.model import STARTS, Call, Step
from autospan.read.code import NOTHING
from autospan.read.operators import Operators, formatted_start
from autospan.read.scope import Scope


class Calling(Operators):
    """Lowers the calls of one file; `calls` collects its call sites. `alone` is the expression that
    is a statement at the moment."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.alone: ast.expr | None = None

    def attribute(self, scope: Scope, value: int, name: str, line: int) -> int:
        """The slot of an attribute of the value in a slot."""
        if value == NOTHING:
            return NOTHING
        if scope.remembered:
            scope.forget(value)
        code = scope.code
        cache, history = code.loaded_attributes, code.history
        past = history.past(value, name) if value in history.objects else None
        key = (value, name) if past is None else (value, name, *past)
        slot = cache.get(key)
        if slot is None:
            slot = cache[key] = scope.slots.new()
            operation = "attr" if past is None else "recent"
            code.steps.append((operation, slot, value, name, line, *(past or ())))
        return slot

    def call(self, scope: Scope, node: ast.Call, awaited: bool = False) -> int:
        """A call: the slot of its result."""
        function, receiver = node.func, NOTHING
        if type(function) is ast.Attribute:
            receiver = self.lower(scope, function.value)
            target = self.attribute(scope, receiver, function.attr, function.lineno)
            line = function.end_lineno or node.lineno
        else:
            target = self.lower(scope, function)
            line = node.lineno
        arguments = self.arguments(scope, node)
        last = scope.code.steps[-1] if scope.code.steps else ()
        text = _text(function)
        result = self.site(scope, node, line, text, target, arguments, awaited, receiver)
        if type(function) is ast.Attribute:
            if function.attr == "update" and receiver != NOTHING and arguments:
                for key, slot in _updating(arguments, last):
                    scope.remember(receiver, key, slot)
            elif function.attr == "format" and (start := formatted_start(function)):
                scope.code.steps.append(("const", result, start + STARTS))
        elif type(function) is ast.Name and function.id == "eval":
            scope.copy(result, self._evaluated(scope, node))
        return result

    def _evaluated(self, scope: Scope, node: ast.Call) -> int:
        """What `eval("f()")` gives: an expression that is a constant runs where it stands."""
        text = node.args[0] if node.args else None
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
            return NOTHING
        try:
            tree = ast.parse(text.value.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return NOTHING
        for each in ast.walk(tree.body):
            ast.copy_location(each, text)
        return self.lower(scope, tree.body)

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
        if node.keywords:
            found += [
                (keyword.arg or "**", self.lower(scope, keyword.value)) for keyword in node.keywords
            ]
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
        receiver: int = NOTHING,
    ) -> int:
        """Record a call site; the slot of its result."""
        code = scope.code
        code.calls += 1
        if scope.remembered:
            for _, slot in arguments:
                scope.forget(slot)
        result = scope.slots.new()
        code.steps.append(("call", len(self.calls)))
        code.history.events.append((len(self.calls), code.history.block, receiver))
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
                node is self.alone,
            )
        )
        return result


def _updating(
    arguments: Sequence[tuple[int | str, int]], last: Step
) -> list[tuple[int | str, int]]:
    """What `d.update(…)` stores under constant keys: keywords, and those of a dict display, which
    the last step made."""
    stored = [(key, slot) for key, slot in arguments if key not in (0, "*", "**")]
    if arguments[0][0] == 0 and last[:3] == ("build", arguments[0][1], "dict"):
        _, _, _, keys, slots = last
        if isinstance(keys, tuple) and isinstance(slots, tuple):
            pairs = zip(keys, slots, strict=True)
            stored += [
                (key, slot) for key, slot in pairs if key is not None and isinstance(slot, int)
            ]
    return stored


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
    return _keyed(node)


def _keyed(node: ast.expr) -> str:
    """`handlers['paid']`, `get('paid')`: what is called by a constant key; "" for all else."""
    match node:
        case ast.Subscript(
            value=ast.Name() | ast.Attribute() as holder, slice=ast.Constant(value=str(key))
        ):
            return f"{_text(holder)}[{key!r}]"
        case ast.Call(
            func=ast.Name() | ast.Attribute() as holder, args=[ast.Constant(value=str(key)), *_]
        ):
            return f"{_text(holder)}({key!r})"
        case _:
            return ""
