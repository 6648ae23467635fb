"""Which lines of a body a call may leave out: what stands under a condition, and what exclude each
other."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, NamedTuple

from autospan.read.binding import binds

Choices = tuple[tuple[int, int, int], ...]


_ALONE = 0
_PLAIN = (ast.Expr, ast.Assign, ast.FunctionDef, ast.AugAssign, ast.AnnAssign, ast.ClassDef)
_GROUPS: Any = getattr(ast, "TryStar", ast.Try)  # `except*`, of Python 3.11


class _Flow(NamedTuple):
    """How a block may end: by its last statement (`falls`), by leaving a loop (`jumps`), by leaving
    the function (`returns`). An exception is no end that counts."""

    falls: bool = True
    jumps: bool = False
    returns: bool = False

    def either(self, other: _Flow) -> _Flow:
        if self is other:
            return self
        return _Flow(
            self.falls or other.falls, self.jumps or other.jumps, self.returns or other.returns
        )


_FALLS, _JUMPS = _Flow(), _Flow(False, True)
_RETURNS, _RAISES = _Flow(False, False, True), _Flow(False)


def choices(body: Sequence[ast.stmt]) -> Choices:
    """(first line, last line, number) of all that not every call runs in which nothing is raised.

    Of those with one number, other than 0, at most one is run: the branches of an `if`, and what
    follows it if the first of them returns. What a loop repeats is known as a loop, and left out.
    """
    found: list[tuple[int, int, int]] = []
    _block(body, found)
    return tuple(found)


def _block(body: Sequence[ast.stmt], found: list[tuple[int, int, int]]) -> _Flow:
    flow = _FALLS
    last = body[-1].end_lineno or body[-1].lineno if body else 0
    for following, statement in enumerate(body, 1):
        if isinstance(statement, _PLAIN):
            continue
        own, number = _statement(statement, found)
        if own is _FALLS:
            continue
        flow = _Flow(own.falls, flow.jumps or own.jumps, flow.returns or own.returns)
        if not own.falls:
            return flow
        if following < len(body) and (own.jumps or own.returns):
            found.append((body[following].lineno, last, number))
    return flow


def _statement(statement: ast.stmt, found: list[tuple[int, int, int]]) -> tuple[_Flow, int]:
    """How a statement may end, and the number of what follows it if not all ways do."""
    line = statement.lineno
    match statement:
        case ast.Return():
            return _RETURNS, _ALONE
        case ast.Break() | ast.Continue():
            return _JUMPS, _ALONE
        case ast.Raise():
            return _RAISES, _ALONE
        case ast.If(test=test) if is_main_guard(test):
            return _block(statement.body, found), _ALONE
        case ast.If():
            body = _branch(statement.body, line, found)
            other = _branch(statement.orelse, line, found)
            return body.either(other), _ALONE if body.falls else line
        case ast.For() | ast.AsyncFor() | ast.While():
            body = _block(statement.body, found).either(_block(statement.orelse, found))
            return _Flow(returns=True) if body.returns else _FALLS, _ALONE
        case ast.With() | ast.AsyncWith():
            return _block(statement.body, found), _ALONE
        case ast.Try():
            return _tried(statement, found), _ALONE
        case ast.Match():
            flows = [_branch(case.body, line, found) for case in statement.cases]
            return _any([_FALLS, *flows]), _ALONE
        case _:
            return _tried(statement, found) if isinstance(statement, _GROUPS) else _FALLS, _ALONE


def _branch(body: Sequence[ast.stmt], number: int, found: list[tuple[int, int, int]]) -> _Flow:
    if body:
        found.append((body[0].lineno, body[-1].end_lineno or body[-1].lineno, number))
    return _block(body, found)


def _tried(statement: ast.Try, found: list[tuple[int, int, int]]) -> _Flow:
    """Handlers are what is run if something is raised: under a condition all of them."""
    body = _block([*statement.body, *statement.orelse], found)
    caught = [_branch(each.body, _ALONE, found) for each in statement.handlers]
    flow = _any([body, *caught])
    if not body.falls and flow.falls:  # what follows is run only after a handler
        flow = flow._replace(jumps=True)
    if statement.finalbody:
        _block(statement.finalbody, found)
    return flow


def _any(flows: Sequence[_Flow]) -> _Flow:
    joined = flows[0]
    for each in flows[1:]:
        joined = joined.either(each)
    return joined


def is_main_guard(test: ast.expr) -> bool:
    """Whether this is `__name__ == "__main__"`."""
    if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = [test.left, *test.comparators]
    return any(binds(side, "__name__") for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )
