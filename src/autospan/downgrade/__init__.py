"""Lower syntax that is newer than the running interpreter to syntax that its `ast` reads."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def downgrade(source: bytes, encoding: str = "utf-8") -> str:
    """Text that `ast.parse` takes, of a file that it refused; for reading, never for writing back.

    Every `def`, `class`, call and name stays on its line, and everything called is still called:
    type parameters go, a `type` statement becomes an assignment, an f-string or t-string that this
    Python refuses becomes `"text %s" % (value,)`, `except A, B` gets its parentheses, a star in a
    subscript, an annotation or a comprehension goes, `except*` becomes `except`, `lazy import` an
    import. What the running interpreter can read stays as it is. `encoding` is the codec that
    `discover` found.

    Raises:
        SyntaxError: what `ast.parse` itself says of the file, if LibCST cannot read it either
            (plain errors, Python 2) or if it is nested too deeply to be read at all.
    """
    text = re.sub(r"\r\n?", "\n", source.decode(encoding, "replace").removeprefix("\ufeff"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are not ours to report
        lowered = text if _too_deep(text) else _lowered(text)
        try:
            ast.parse(lowered)
        except (RecursionError, MemoryError):
            raise SyntaxError("nested too deeply to be read") from None
        except ValueError as error:  # a NUL byte, a lone surrogate
            raise SyntaxError(str(error)) from None
    return lowered


_PLAIN_STRING = re.compile(
    r"""(?s)#[^\n]*|\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
)
_NESTING = re.compile(
    r"(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<line>\n)"
    r"|\b(?:not|lambda|if|elif|and|or|await)\b|[^\w\s()\[\]{},]+"
)
_BRACKETS, _OPERATORS, _ELIFS = 200, 1_000, 3_000
"""What LibCST's parser is asked to read. At about 1,500 nested brackets and 10,000 operators it
overflows the C stack, which kills the process, and its time grows with the square (LibCST 1.9.0).
CPython refuses more than 200 nested brackets itself."""


def _too_deep(text: str) -> bool:
    """Whether an expression is too deep for LibCST: its brackets, and the operators around them.

    Strings are left out, f-strings with them, except where they are nested in each other.
    """
    elifs, total, stack = 0, 0, [0]
    for match in _NESTING.finditer(_PLAIN_STRING.sub("''", text)):
        kind = match.lastgroup
        if kind == "open":
            stack.append(0)
        elif kind == "close" and len(stack) > 1:
            total -= stack.pop()
        elif kind == "comma" or (kind == "line" and len(stack) == 1):
            total, stack[-1] = total - stack[-1], 0
        elif kind is None:
            total, stack[-1] = total + 1, stack[-1] + 1
            elifs += match[0] == "elif"
        if len(stack) > _BRACKETS or total > _OPERATORS or elifs > _ELIFS:
            return True
    return False


def _lowered(text: str) -> str:
    """The text with the new syntax lowered; the same text if LibCST does not read it."""
    import libcst

    from autospan.downgrade.lowering import lower

    with _deep_recursion():
        try:
            return lower(text)
        except (libcst.CSTLogicError, libcst.CSTValidationError, libcst.ParserSyntaxError):
            return text
        except (RecursionError, UnicodeError):
            return text


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """LibCST visits recursively, some six calls a level of nesting."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 6 * _OPERATORS))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
