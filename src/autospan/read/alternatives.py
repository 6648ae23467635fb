"""In which branches a definition stands: what tells whether two of one name exclude each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)

Branch = tuple[int, int]
"""The line of an `if`, `try` or `match`, and which of its branches, from 0 on."""


def branches(body: Sequence[ast.stmt], line: int) -> tuple[Branch, ...]:
    """The branches around the definition at a line, outermost first.

    The handlers of a `try` are branches beside its body, and what follows an `if` is one beside
    that which the function is left in.
    """
    return tuple(_around(body, line))


def _around(body: Sequence[ast.stmt], line: int) -> Iterator[Branch]:
    for statement in body:
        if isinstance(statement, ast.If) and (statement.end_lineno or 0) < line:
            yield from _rest(statement)
        elif statement.lineno <= line <= (statement.end_lineno or line):
            for number, block in _blocks(statement):
                if block and block[0].lineno <= line <= (block[-1].end_lineno or line):
                    if number is not None:
                        yield statement.lineno, number
                    yield from _around(block, line)


def _rest(statement: ast.If) -> Iterator[Branch]:
    for number, block in enumerate((statement.orelse, statement.body)):
        if block and isinstance(block[-1], _LEAVES):
            yield statement.lineno, number


def _blocks(statement: ast.stmt) -> Iterator[tuple[int | None, Sequence[ast.stmt]]]:
    """The blocks of a statement, with their numbers where at most one of them is run as a whole."""
    body, other, last = (getattr(statement, key, []) for key in ("body", "orelse", "finalbody"))
    match statement:
        case ast.If():
            yield from enumerate((body, other))
        case ast.Match(cases=cases):
            yield from enumerate(case.body for case in cases)
        case _:
            handlers = getattr(statement, "handlers", [])
            blocks = (body, other, last)
            yield from ((0 if handlers and block is not last else None, block) for block in blocks)
            yield from ((number, each.body) for number, each in enumerate(handlers, 1))
