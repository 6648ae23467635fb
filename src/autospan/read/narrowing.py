"""`isinstance` tests: what they tell of a name in the code that they guard."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from autospan.read.code import NOTHING
from autospan.read.scope import Scope

_TELLING = (ast.Call, ast.UnaryOp, ast.BoolOp)


class Told(NamedTuple):
    """A local name is an instance of a class (an expression), or it is not."""

    name: str
    klass: ast.expr
    holds: bool


class Narrowed(NamedTuple):
    """A local name, the slot it had, and the one it has while a test holds."""

    name: str
    before: int
    slot: int


class Lowering(Protocol):
    """What narrowing needs of the lowering: expressions to slots."""

    def lower(self, scope: Scope, node: ast.AST) -> int: ...


def told(test: ast.expr, truth: bool) -> Iterator[Told]:
    """What is known of names where a test turned out true (or false)."""
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name):
        name = test.args[0] if test.func.id == "isinstance" and len(test.args) == 2 else None
        if isinstance(name, ast.Name):
            yield Told(name.id, test.args[1], truth)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from told(test.operand, not truth)
    elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) == truth:
        for value in test.values:
            yield from told(value, truth)


def narrow(lowering: Lowering, scope: Scope, test: ast.expr, truth: bool) -> list[Narrowed]:
    """From here on, local names hold what a test leaves of their values; what was changed."""
    if type(test) not in _TELLING:
        return []
    changed = (
        narrow_name(lowering, scope, name, klass, holds) for name, klass, holds in told(test, truth)
    )
    return [each for each in changed if each is not None]


def narrow_name(
    lowering: Lowering, scope: Scope, name: str, klass: ast.expr, holds: bool
) -> Narrowed | None:
    """From here on, a local name holds only instances of a class (or no instances of it)."""
    if name not in scope.env or scope.kind != "function":
        return None
    value, wanted = scope.load(name), lowering.lower(scope, klass)
    if value == NOTHING or wanted == NOTHING:
        return None
    slot = scope.slots.new()
    scope.code.steps.append(("narrow", slot, value, wanted, int(holds)))
    scope.env[name] = slot
    return Narrowed(name, value, slot)


def widen(scope: Scope, changed: Iterable[Narrowed]) -> None:
    """The guarded code is over: names hold what they held before, unless they were bound anew."""
    for name, before, narrowed in changed:
        if scope.env.get(name) == narrowed:
            scope.env[name] = before
