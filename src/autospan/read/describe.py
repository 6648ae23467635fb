"""What is said of a function from its syntax alone: parameters, decorators, why it is trivial."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Literal

from autospan.model import Parameter, ParameterKind

_LONG = 60


def parameters(arguments: ast.arguments) -> tuple[Parameter, ...]:
    """The parameters in signature order (positional, standard, `*`, keyword, `**`)."""
    values = dict(defaults(arguments))
    found = [
        Parameter(each.arg, kind, text(each.annotation), text(values.get(position)))
        for position, (kind, each) in enumerate(signature(arguments))
    ]
    return tuple(found)


def signature(arguments: ast.arguments) -> list[tuple[ParameterKind, ast.arg]]:
    """The parameters in the order that signatures are kept in, each with its kind."""
    found: list[tuple[ParameterKind, ast.arg]] = [("standard", each) for each in arguments.args]
    if arguments.posonlyargs:
        found = [*(("positional", each) for each in arguments.posonlyargs), *found]
    if arguments.vararg:
        found.append(("star", arguments.vararg))
    if arguments.kwonlyargs:
        found += [("keyword", each) for each in arguments.kwonlyargs]
    if arguments.kwarg:
        found.append(("double star", arguments.kwarg))
    return found


def defaults(arguments: ast.arguments) -> list[tuple[int, ast.expr]]:
    """(position in signature order, default expression) of the parameters that have one."""
    named = len(arguments.posonlyargs) + len(arguments.args)
    found = [*enumerate(arguments.defaults, named - len(arguments.defaults))]
    if arguments.kw_defaults:
        keywords = enumerate(arguments.kw_defaults, named + (arguments.vararg is not None))
        found += [(position, each) for position, each in keywords if each is not None]
    return found


def text(node: ast.expr | None) -> str:
    """The source of a small expression, "" for none, "…" where it is long."""
    if node is None:
        return ""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return dotted(node) or "…"
    if isinstance(node, ast.Constant):
        value = node.value
        written = value if isinstance(value, str) else repr(value)
        return written if len(written) < _LONG else "…"
    if (node.end_col_offset or 0) - node.col_offset > _LONG or node.lineno != node.end_lineno:
        return "…"
    return ast.unparse(node)


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a name or an attribute chain, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def decorator_text(node: ast.expr) -> str:
    """The dotted name of a decorator, with `()` where it is called."""
    if isinstance(node, ast.Call):
        return dotted(node.func) + "()"
    return dotted(node)


def has_docstring(body: Sequence[ast.stmt]) -> bool:
    """Whether a body starts with a string."""
    first = body[0] if body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def trivial(body: Sequence[ast.stmt]) -> str:
    """Why a body is not worth a span, "" where it may be."""
    if has_docstring(body):
        body = body[1:]
        if not body:
            return "only a docstring"
    if len(body) != 1:
        return "" if body else "empty"
    match body[0]:
        case ast.Pass():
            return "only `pass`"
        case ast.Expr(value=ast.Constant()):
            return "a stub"
        case ast.Raise():
            return "only raises"
        case ast.Return(value=None | ast.Constant()):
            return "returns a constant"
        case ast.Return(value=ast.Name() | ast.Attribute() as value) if dotted(value):
            return "returns an attribute"
        case ast.Return(value=ast.Subscript(value=ast.Name() | ast.Attribute())):
            return "returns an item"
        case ast.Return(value=ast.Tuple(elts=items)) if all(map(dotted, items)):
            return "returns names"
        case ast.Assign(value=ast.Constant() | ast.Name()):
            return "a single assignment"
        case _:
            return ""


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches every exception and raises none."""
    kind = handler.type
    broad = kind is None or (
        isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException")
    )
    return broad and not any(
        isinstance(each, ast.Raise) for part in handler.body for each in ast.walk(part)
    )


_STOPS = re.compile(r"run|stop|shut|exit|quit|clos|open|alive|kill|terminat|cancel", re.IGNORECASE)


def stands(test: ast.expr) -> Literal["", "open", "flag"]:
    """Whether a `while` goes on until its body leaves it ("open": `while True`), or until somebody
    else says so ("flag": `while self.running`, `while not stop.is_set()`, by the flag's name)."""
    match test:
        case ast.Constant(value=value):
            return "open" if value else ""
        case ast.UnaryOp(op=ast.Not(), operand=ast.Attribute() | ast.Call() as operand):
            return stands(operand)
        case ast.Call(func=ast.Attribute(value=flag, attr="is_set"), args=[]):
            return "flag" if _STOPS.search(ast.unparse(flag).rpartition(".")[2]) else ""
        case ast.Attribute(attr=name):
            return "flag" if _STOPS.search(name) else ""
        case _:
            return ""
