"""The statements of an `ast` tree: which lines they take, which bodies they have, what they define.

Nothing here descends by calling itself, so that a chain of thousands of `elif` is no problem.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements in the order of the source."""
    rest = [*reversed(tree.body)]
    while rest:
        each = rest.pop()
        yield each
        rest += reversed([*chain(*bodies(each))])


def bodies(node: ast.AST) -> list[list[ast.stmt]]:
    """The bodies of a statement, in the order of the source."""
    clauses: Iterable[ast.AST] = (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    bodies = [getattr(each, "body", []) for each in (node, *clauses)]
    return [*filter(None, [*bodies, getattr(node, "orelse", []), getattr(node, "finalbody", [])])]


def first_line(statement: ast.stmt) -> int:
    """The line in which a statement begins, from 1: that of its first decorator, if it has any."""
    decorators: Sequence[ast.expr] = getattr(statement, "decorator_list", ())
    return min([statement.lineno, *(each.lineno for each in decorators)])


def last_line(statement: ast.stmt) -> int:
    """The line in which a statement ends, from 1."""
    return statement.end_lineno or statement.lineno


def indentation(line: str) -> str:
    """The blanks and tabs at the start of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def by_line(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """The statements of a body; those that share lines together."""
    group: list[ast.stmt] = []
    for each in body:
        if group and first_line(each) > last_line(group[-1]):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def functions(
    tree: ast.Module, names: Collection[str]
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions of these dotted names, in all branches, with their names."""
    parts = [name.split(".") for name in names]
    ways = {".".join(part[:depth]) for part in parts for depth in range(1, len(part))}
    nodes: list[tuple[str, ast.AST]] = [("", tree)]
    while nodes:
        around, node = nodes.pop()
        for each in chain(*bodies(node)):
            inner = around
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{around}{each.name}"
                inner = f"{name}."
                if name in names and not isinstance(each, ast.ClassDef):
                    yield name, each
                if name not in ways:
                    continue
            nodes.append((inner, each))
