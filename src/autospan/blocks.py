"""The block form of a span: `with traced(block="name"):` around the body of a function.

The line is indented by the first blank of the body's indentation, and the body by the rest, so
that no other line changes:

    def caller():
     with traced(block="shop.frames.caller"):
        return sys._getframe(1).f_code.co_name
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import libcst as cst

from autospan.imports import dotted

_FIRST = " "
"""The indentation of our line. A formatter makes it a whole level, and the body two of them."""


def enclosed(function: cst.FunctionDef, call: str, usual: str) -> cst.FunctionDef | None:
    """The function with its body in a block; `usual` is the indentation of the module. None if the
    body leaves no room for it, or has a docstring, which has to stay its first statement."""
    block = function.body
    if function.get_docstring(clean=False) is not None:
        return None
    indent = _indent(block, usual)
    if not isinstance(block, cst.IndentedBlock) or len(indent) < 2 or indent[:1] != _FIRST:
        return None
    inner = cst.IndentedBlock(body=block.body, indent=indent[1:], footer=block.footer)
    opener = cst.With(items=[cst.WithItem(item=cst.parse_expression(call))], body=inner)
    return function.with_changes(body=block.with_changes(body=[opener], indent=_FIRST, footer=()))


def blocks(function: cst.FunctionDef, names: Collection[str]) -> Iterator[str]:
    """The names by which blocks are opened in the body of a function, not deeper."""
    for statement in function.body.body:
        if name := _opener(statement, names):
            yield name


def disclosed(function: cst.FunctionDef, names: Collection[str], usual: str) -> cst.FunctionDef:
    """The function without these blocks: their bodies stand where they stood."""
    block = function.body
    if not isinstance(block, cst.IndentedBlock):
        return function
    body: list[cst.BaseStatement] = []
    loose: list[cst.EmptyLine] = []
    for statement in block.body:
        found: list[cst.BaseStatement] = [statement]
        after: list[cst.EmptyLine] = []
        if isinstance(statement, cst.With) and _opener(statement, names):
            found, after = _inside(statement)
            loose += statement.leading_lines
        body += [_led(found[0], loose), *found[1:]]
        loose = after
    only = block.body[0] if len(block.body) == 1 else None
    indent = _indent(block, usual)
    if isinstance(only, cst.With) and indent == _FIRST:
        indent += _indent(only.body, usual)
    return function.with_changes(
        body=block.with_changes(body=body, indent=indent, footer=[*loose, *block.footer])
    )


def _opener(statement: cst.CSTNode, names: Collection[str]) -> str:
    match statement:
        case cst.With(
            items=[cst.WithItem(item=cst.Call(func=called), asname=None)],
            asynchronous=None,
        ) if dotted(called) in names:
            return dotted(called)
        case _:
            return ""


def _inside(opener: cst.With) -> tuple[list[cst.BaseStatement], list[cst.EmptyLine]]:
    """The statements of a block, and the comments at its end."""
    block = opener.body
    if isinstance(block, cst.IndentedBlock):
        return list(block.body), list(block.footer)
    suite = cst.ensure_type(block, cst.SimpleStatementSuite)
    return [cst.SimpleStatementLine(suite.body)], []


def _led(statement: cst.BaseStatement, above: Sequence[cst.EmptyLine]) -> cst.BaseStatement:
    lead: Sequence[cst.EmptyLine] = getattr(statement, "leading_lines", ())
    return statement.with_changes(leading_lines=[*above, *lead]) if above else statement


def _indent(block: cst.BaseSuite, usual: str) -> str:
    if not isinstance(block, cst.IndentedBlock):
        return ""
    return usual if block.indent is None else block.indent
