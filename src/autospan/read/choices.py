"""Which lines of a body a call may leave out: what stands under a condition, and what exclude each
other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autospan.read.binding import binds

Choices = tuple[tuple[int, int, int], ...]
Found = list[tuple[int, int, int]]

_ALONE = 0


class _Flow(NamedTuple):
    """How a block may end: by its last statement (`falls`), by leaving a loop (`jumps`), by leaving
    the function (`returns`). An exception is no end that counts."""

    falls: bool = True
    jumps: bool = False
    returns: bool = False

    def after(self, other: _Flow) -> _Flow:
        return _Flow(self.falls, self.jumps or other.jumps, self.returns or other.returns)

    def either(self, other: _Flow) -> _Flow:
        if self is other:
            return self
        return _Flow(
            self.falls or other.falls, self.jumps or other.jumps, self.returns or other.returns
        )


_Ways = tuple[_Flow, int]

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


def _block(body: Sequence[ast.stmt], found: Found) -> _Flow:
    flow = _FALLS
    for following, statement in enumerate(body, 1):
        ways = _WAYS.get(type(statement))
        if ways is None:
            continue
        own, number = ways(statement, found)
        if own is _FALLS:
            continue
        flow = own if flow is _FALLS else own.after(flow)
        if not own.falls:
            return flow
        if following < len(body) and (own.jumps or own.returns):
            found.append((body[following].lineno, _end(body), number))
    return flow


def _returned(statement: ast.Return, found: Found) -> _Ways:
    return _RETURNS, _ALONE


def _jumped(statement: ast.Break | ast.Continue, found: Found) -> _Ways:
    return _JUMPS, _ALONE


def _raised(statement: ast.Raise, found: Found) -> _Ways:
    return _RAISES, _ALONE


def _chosen(statement: ast.If, found: Found) -> _Ways:
    if is_main_guard(statement.test):
        return _block(statement.body, found), _ALONE
    line = statement.lineno
    body = _branch(statement.body, line, found)
    other = _branch(statement.orelse, line, found)
    return body.either(other), _ALONE if body.falls else line


def _looped(statement: ast.For | ast.AsyncFor | ast.While, found: Found) -> _Ways:
    body = _block(statement.body, found).either(_block(statement.orelse, found))
    return _Flow(returns=True) if body.returns else _FALLS, _ALONE


def _within(statement: ast.With | ast.AsyncWith, found: Found) -> _Ways:
    return _block(statement.body, found), _ALONE


def _matched(statement: ast.Match, found: Found) -> _Ways:
    flows = [_branch(case.body, statement.lineno, found) for case in statement.cases]
    return _any([_FALLS, *flows]), _ALONE


def _branch(body: Sequence[ast.stmt], number: int, found: Found) -> _Flow:
    if body:
        found.append((body[0].lineno, _end(body), number))
        return _block(body, found)
    return _FALLS


def _end(body: Sequence[ast.stmt]) -> int:
    return body[-1].end_lineno or body[-1].lineno


def _tried(statement: ast.Try, found: Found) -> _Ways:
    """Handlers are what is run if something is raised: under a condition all of them."""
    body = _block([*statement.body, *statement.orelse], found)
    caught = [_branch(each.body, _ALONE, found) for each in statement.handlers]
    flow = _any([body, *caught])
    if not body.falls and flow.falls:  # what follows is run only after a handler
        flow = flow._replace(jumps=True)
    if statement.finalbody:
        _block(statement.finalbody, found)
    return flow, _ALONE


_WAYS: dict[type[ast.stmt], Callable[[Any, Found], _Ways]] = {
    ast.Return: _returned,
    ast.Break: _jumped,
    ast.Continue: _jumped,
    ast.Raise: _raised,
    ast.If: _chosen,
    ast.For: _looped,
    ast.AsyncFor: _looped,
    ast.While: _looped,
    ast.With: _within,
    ast.AsyncWith: _within,
    ast.Match: _matched,
    ast.Try: _tried,
    getattr(ast, "TryStar", ast.Try): _tried,  # `except*`, of Python 3.11
}
"""How a statement may end, and the number of what follows it if not all ways do; all others fall
through to what follows."""


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
