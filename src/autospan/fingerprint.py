"""What Python code says, whatever its formatting: by it a helper that was reformatted is known."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterator
from functools import lru_cache

from autospan.verify import parse

_UNTOLD = frozenset(("ctx", "kind", "type_comment"))


@lru_cache(maxsize=8)
def fingerprint(code: bytes) -> str:
    """A digest of syntax and comments, "" for what this interpreter cannot parse.

    Line ends, blanks, blank lines, line breaks, quotes, the indentation of docstrings and the order
    of the imports at the top do not count: Black, ruff and isort change these. The helper has the
    same one on every Python that autospan runs on.
    """
    try:
        tree = parse(code)
    except ValueError:
        tree = None
    if tree is None:
        return ""
    imports = sorted(name for each in tree.body for name in _imported(each))
    rest = [each for each in tree.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    told = "\n".join([*imports, *_told(rest), *_comments(code)])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _imported(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Import(names=names):
            yield from (f"import {each.name} {each.asname}" for each in names)
        case ast.ImportFrom(names=names, module=module, level=level):
            yield from (f"from {level} {module} {each.name} {each.asname}" for each in names)
        case _:
            pass


def _told(node: object) -> Iterator[str]:
    """The nodes and constants of a tree, without what only some versions of Python have empty."""
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            yield " ".join(text.split())
        case ast.AST():
            yield type(node).__name__
            for name, value in ast.iter_fields(node):
                if name not in _UNTOLD and value is not None and value != []:
                    yield name
                    yield from _told(value)
        case list():
            for each in node:
                yield from _told(each)
            yield "end"
        case _:
            yield repr(node)


def _comments(code: bytes) -> Iterator[str]:
    try:
        for token in tokenize.tokenize(io.BytesIO(code).readline):
            if token.type == tokenize.COMMENT:
                yield token.string.lstrip("# ").rstrip()
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return
