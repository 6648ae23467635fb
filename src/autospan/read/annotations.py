"""Annotations as seeds: where no value arrives, an instance of the annotated class does."""

from __future__ import annotations

import ast
from typing import Protocol

from autospan.read.code import NOTHING
from autospan.read.scope import Scope

_TRANSPARENT = frozenset(
    ("Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly")
)
_ELEMENTS = frozenset(
    (
        "list List Sequence MutableSequence Iterable Iterator Collection set Set frozenset "
        "FrozenSet AbstractSet tuple Tuple deque Deque Generator AsyncIterable AsyncIterator "
        "AsyncGenerator"
    ).split()
)
_MAPPINGS = frozenset(
    ("dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict").split()
)
_AWAITABLES = frozenset(["Awaitable", "Coroutine"])
_OPAQUE = frozenset(("Literal", "TypeVar", "Generic"))
_LEAVES = frozenset(
    ("str int float bool bytes None object Any Self complex bytearray Hashable").split()
)


class Lowering(Protocol):
    """What seeding needs of the lowering: expressions to slots, and containers."""

    def lower(self, scope: Scope, node: ast.AST) -> int: ...

    def build(self, scope: Scope, kind: str, items: list[tuple[int | str | None, int]]) -> int: ...


def seed(lowering: Lowering, scope: Scope, slot: int, annotation: ast.expr) -> None:
    """Let what an annotation promises flow into a slot."""
    kind = type(annotation)
    if kind is ast.Name or kind is ast.Attribute:
        if isinstance(annotation, ast.Name) and annotation.id in _LEAVES:
            if annotation.id == "Self" and scope.code.parameters:
                scope.code.steps.append(("type", slot, scope.code.parameters[0], "self"))
            return
        value = lowering.lower(scope, annotation)
        if value != NOTHING:
            scope.code.steps.append(("type", slot, value))
    elif isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            parsed = ast.parse(annotation.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(parsed):
            ast.copy_location(node, annotation)
        if not isinstance(parsed, ast.Constant):
            seed(lowering, scope, slot, parsed)
    elif isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        seed(lowering, scope, slot, annotation.left)
        seed(lowering, scope, slot, annotation.right)
    elif isinstance(annotation, ast.Subscript):
        _seed_generic(lowering, scope, slot, annotation)


def _seed_generic(lowering: Lowering, scope: Scope, slot: int, annotation: ast.Subscript) -> None:
    base, inner = annotation.value, annotation.slice
    name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
    arguments = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if name in _OPAQUE or not arguments:
        return
    if name in _TRANSPARENT:
        for argument in arguments[:1] if name == "Annotated" else arguments:
            seed(lowering, scope, slot, argument)
    elif name == "Callable":
        scope.code.steps.append(("callable", slot, _typed(lowering, scope, arguments[-1])))
    elif name in ("tuple", "Tuple") and not _is_ellipsis(arguments[-1]):
        typed = [(key, _typed(lowering, scope, each)) for key, each in enumerate(arguments)]
        scope.copy(slot, lowering.build(scope, "tuple", [*typed]))
    elif name in _ELEMENTS or name in _MAPPINGS:
        element = scope.slots.new()
        seed(lowering, scope, element, arguments[-1] if name in _MAPPINGS else arguments[0])
        kind = "dict" if name in _MAPPINGS else "list"
        scope.copy(slot, lowering.build(scope, kind, [(None, element)]))
    elif name in _AWAITABLES:
        scope.code.steps.append(("awaitable", slot, _typed(lowering, scope, arguments[-1])))
    elif name in ("type", "Type"):
        scope.copy(slot, lowering.lower(scope, arguments[0]))
    else:
        seed(lowering, scope, slot, base)


def _typed(lowering: Lowering, scope: Scope, annotation: ast.expr) -> int:
    slot = scope.slots.new()
    seed(lowering, scope, slot, annotation)
    return slot


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
