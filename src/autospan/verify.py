"""Proves that a rewritten file is the same program but for our nodes, and that no line was lost.

This looks at a result with `ast` and the compiler only, independently of the LibCST that made it.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Collection, Sequence

from autospan.imports import TRACED, absolute
from autospan.model import Source
from autospan.splice import BOM, byte_lines


def lost_line(before: bytes, after: bytes) -> int:
    """The 1-based number of the first line of `before` that is not in `after`, byte for byte and in
    order; 0 if all are."""
    lines = iter(byte_lines(after.removeprefix(BOM)))
    for number, line in enumerate(byte_lines(before.removeprefix(BOM)), 1):
        if not any(line == other for other in lines):
            return number
    return 0 if before.startswith(BOM) == after.startswith(BOM) else 1


def parse(data: bytes) -> ast.Module | None:
    """The AST of a file, None if its syntax is newer than this interpreter (or it has errors).

    Raises `ValueError` for what is nested too deeply for CPython: on that LibCST, whose parser
    takes the native stack, would bring the process down.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(data)
        except (RecursionError, MemoryError) as error:
            raise ValueError("nested too deeply") from error
        except SyntaxError as error:
            if "too many nested" in str(error):
                raise ValueError("nested too deeply") from error
            return None


def undecodable(data: bytes) -> str:
    """In words, why Python cannot read the bytes of a file in the encoding they declare; "" if it
    can. No span is put into what cannot run."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode(encoding)
    except (SyntaxError, UnicodeError) as error:
        return str(error)
    return ""


def fault(
    source: Source, old: ast.Module | None, new: ast.Module | None, helpers: Collection[str]
) -> str:
    """In words, how the result, parsed to `new`, is another program than the source, parsed to
    `old`, apart from `traced` as imported from one of the helpers; "" if it is not.

    Both trees are used up. If `old` is None LibCST's word has to do.
    """
    if old is None:
        return ""
    if new is None:
        return "the result would be no Python"
    if (error := _compile_error(new)) and not _compile_error(old):
        return f"the result would not compile: {error}"
    names = {*_drop_imports(old, source, helpers), *_drop_imports(new, source, helpers)}
    return "" if _same(old, new, names) else "the result would be another program"


def _compile_error(tree: ast.Module) -> str:
    """What the compiler has against a tree that parses (a late `__future__`, for one)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(tree, "<autospan>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return str(error)
        except (RecursionError, MemoryError):
            return ""
    return ""


def _drop_imports(tree: ast.Module, source: Source, helpers: Collection[str]) -> set[str]:
    """Take the imports of `traced` out of the tree; gives the names they bind."""
    names: set[str] = set()
    for node in list(tree.body):
        if isinstance(node, ast.Assign) and not helpers and (tracer := _tracer(node)):
            names |= {f"{tracer}.{opens}" for opens in ("start_as_current_span", "start_span")}
            tree.body.remove(node)
        if not helpers and isinstance(node, ast.ImportFrom) and node.module == "opentelemetry":
            names.update(f"{each.asname or each.name}.get_current_span" for each in node.names)
            tree.body.remove(node)
        if not isinstance(node, ast.ImportFrom):
            continue
        if absolute(source, node.level, node.module or "") in helpers:
            ours = [alias for alias in node.names if alias.name == TRACED]
            names.update(alias.asname or alias.name for alias in ours)
            node.names = [alias for alias in node.names if alias not in ours]
            if not node.names:
                tree.body.remove(node)
    return names


def _tracer(node: ast.Assign) -> str:
    """The name that a module gives the tracer of the native style."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(func=ast.Attribute(attr="get_tracer"), args=[ast.Name(id="__name__")]),
        ):
            return name
        case _:
            return ""


def _same(old: ast.AST, new: ast.AST, names: Collection[str]) -> bool:
    """Whether two trees are equal but for positions, and what these names decorate, open or set."""
    pairs: list[tuple[object, object]] = [(old, new)]
    while pairs:
        one, other = pairs.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, ast.AST):
            for node in (one, other):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    node.decorator_list = _others(node.decorator_list, names)
                    node.body = _outside(node.body, names)
            for field in one._fields:
                first, second = getattr(one, field, None), getattr(other, field, None)
                if first is not second:
                    pairs.append((first, second))
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif one != other:
            return False
    return True


def _others(decorators: Sequence[ast.expr], names: Collection[str]) -> list[ast.expr]:
    return [each for each in decorators if _name(each) not in names]


def _outside(body: Sequence[ast.stmt], names: Collection[str]) -> list[ast.stmt]:
    """The statements of a body, with those of our blocks in the place of the blocks, and without
    those that set attributes."""
    found: list[ast.stmt] = []
    for each in body:
        match each:
            case ast.With(items=[ast.withitem(ast.Call() as call, None)]) if _name(call) in names:
                found += each.body
            case ast.Expr(
                ast.Call(func=ast.Attribute(value=ast.Call() as current, attr="set_attributes"))
            ) if _name(current) in names:
                pass
            case _:
                found.append(each)
    return found


def _name(node: ast.expr) -> str:
    """`traced` or `tracer.start_as_current_span`, called or not; "" for what is longer."""
    match node:
        case ast.Call(func=called):
            return _name(called)
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
        case _:
            return ""
