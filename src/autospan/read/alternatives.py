"""In which branches a definition stands: what tells whether two of one name exclude each other."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autospan.model import Function

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_MOST = 32

Branch = tuple[int, int]
"""The line of an `if`, `try` or `match`, and which of its branches, from 0 on."""


def number_homonyms(
    functions: dict[int, Function], named: Iterable[Sequence[int]], body: Sequence[ast.stmt]
) -> None:
    """Functions of one name get ordinals in the order of the source, and their branches."""
    homonyms = [numbers for numbers in named if len(numbers) > 1]
    lines = (functions[each].place.line for numbers in homonyms for each in numbers)
    around = branches(body, lines) if homonyms else {}
    for numbers in homonyms:
        for ordinal, number in enumerate(sorted(numbers, key=lambda each: functions[each].place)):
            there = around[functions[number].place.line]
            functions[number] = functions[number]._replace(ordinal=ordinal, branches=there)


def branches(body: Sequence[ast.stmt], lines: Iterable[int]) -> Mapping[int, tuple[Branch, ...]]:
    """The branches around the definitions at these lines, outermost first; the nearest 32.

    The handlers of a `try` are branches beside its body, and what follows an `if` is one beside
    that which the function is left in.
    """
    found: dict[int, tuple[Branch, ...]] = {}
    _walk(body, (), sorted(set(lines)), found)
    return found


def _walk(
    body: Sequence[ast.stmt],
    around: tuple[Branch, ...],
    lines: Sequence[int],
    found: dict[int, tuple[Branch, ...]],
) -> None:
    for statement in body:
        start = bisect_left(lines, statement.lineno)
        within = lines[start : bisect_right(lines, statement.end_lineno or statement.lineno, start)]
        if within:
            found |= dict.fromkeys(within, around)
            for number, block in _blocks(statement):
                more = [] if number is None else [(statement.lineno, number)]
                _walk(block, (*around, *more)[-_MOST:], within, found)
        if isinstance(statement, ast.If):
            around = (*around, *_rest(statement))[-_MOST:]


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
