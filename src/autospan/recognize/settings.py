"""Strings in settings that name code: `MIDDLEWARE = ["shop.middleware.Timing"]` and the like."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from autospan.model import Place, Source, Tree


class Setting(NamedTuple):
    """A string constant below a setting: the setting's name, the string, and where it stands."""

    name: str
    text: str
    place: Place


def settings(tree: Tree, names: frozenset[str]) -> Iterator[Setting]:
    """The strings in what is given to variables, attributes, keywords or keys of these names.

    Only files that contain one of the names as bytes are parsed. `x += [...]` and calls of methods
    of the setting (`MIDDLEWARE.insert(0, "...")`) count too.
    """
    for source in tree.sources:
        if any(name.encode() in source.data for name in names):
            for name, value in _assignments(source):
                if name in names:
                    for text, line in _strings(value):
                        yield Setting(name, text, Place(source.path, line))


def _assignments(source: Source) -> Iterator[tuple[str, ast.AST]]:
    """(name, value) of every assignment; nothing of a file that does not parse."""
    try:
        module = ast.parse(source.data)
    except (SyntaxError, ValueError, RecursionError):
        return  # `read` tells the problem
    for node in ast.walk(module):
        yield from _bound(node)


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((_name(target), value) for target in targets)
        case ast.AugAssign(target=target, value=value):
            yield _name(target), value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield _name(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            yield from ((_name(key), value) for key, value in pairs if key is not None)
        case ast.Call(func=ast.Attribute(value=target), args=[*_, value]):
            yield _name(target), value
        case _:
            pass


def _strings(value: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(name)):
            return name
        case _:
            return ""
