"""`read`: one file's bytes to `Facts`, in one `ast` pass, knowing nothing of other files.

The value flow is lowered to steps over numbered slots (0 is "nothing known"), per function:

    ("const", d, text)                    d holds a string constant, or an integer as `#7`
    ("global", d, name)                   d holds a module-level or builtin name
    ("setglobal", name, s)                a module-level name receives s
    ("import", d, module, name)           `import module` (name "") or `from module import name`
    ("star", module)                      `from module import *`
    ("copy", d, s)                        s flows into d
    ("func", d, f, position, s, …)        d holds function f, whose parameters default to s
    ("class", d, c)                       d holds class c
    ("attr", d, s, name, line)            d = s.name
    ("recent", d, s, name, line, v, b, calls, methods)
                                          the same; before it surely ran s.name = v (or, where v is
                                          0, call b made s), then calls (~call: perhaps), some of
                                          them methods of s
    ("setattr", s, name, v, line, sure)   s.name = v; sure: whoever calls the function runs it
    ("delattr", s, name, line)            del s.name
    ("item", d, s, key, i, line)          d = s[key], key a constant or None (then the index is i)
    ("setitem", s, key, i, v, line)       s[key] = v
    ("slice", d, s, first, line)          d = s[first:]
    ("raise", s, line)                    `raise s`, where s is no call
    ("build", d, kind, keys, slots)       d holds a new tuple, list (or set) or dict
    ("merge", d, s)                       the elements of s also stand in d (`{**s}`)
    ("iter", d, s, line, asynchronous)    d is what iterating over s gives
    ("await", d, s, line)                 d is what awaiting s (or `yield from s`) gives
    ("enter", d, s, asynchronous, line)   `with s as d`
    ("op", d, l, r, dunder, line)         d = l.__add__(r) and the like
    ("type", d, s)                        d may hold an instance of the class in s
    ("type", d, s, "self")                the same, or the instance in s
    ("narrow", d, s, c, holds)            d = s, where isinstance(s, c) holds (or does not)
    ("self", d, c)                        d may hold an instance of class c
    ("awaitable", d, s)                   awaiting d gives s
    ("callable", d, s)                    calling d gives s
    ("call", n)                           the n-th call site of the file

Inside a function, slots are versions of names, so that a rebinding kills the old value.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress

from autospan.model import Facts, Place, Problem, Source
from autospan.read.lower import Module

_RECURSION_LIMIT = 5_000
_IGNORE = re.compile(r"#\s*autospan:\s*ignore(?:\[([^\]]*)\])?")


def read(source: Source) -> Facts:
    """The facts of one file; a file that cannot be parsed gives a `Problem` and no functions.

    A file whose syntax is newer than the running interpreter is lowered to older syntax first.
    """
    text = source.data.decode(source.encoding, errors="replace").removeprefix("\ufeff")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
    try:
        tree = _parse(source, text)
        lines = text.count("\n") + text.count("\r") - text.count("\r\n") + (text[-1:] not in "\r\n")
        module = Module(source.path, source.module, source.package, lines)
        module.lower_module(tree)
    except SyntaxError as error:
        return _unread(source, error.lineno or 0, _explained(error, text))
    except (RecursionError, MemoryError):
        return _unread(source, 0, "the code is nested too deeply to be read")
    finally:
        sys.setrecursionlimit(limit)
    facts = _facts(source, module, text)
    vars(module).clear()  # it holds its own handlers: with the collector off, it would stay
    return facts


def _parse(source: Source, text: str) -> ast.Module:
    """The tree of a file, also where its syntax is newer than this interpreter's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except ValueError as error:
            if isinstance(error, SyntaxError):
                raise
            raise SyntaxError(str(error)) from error
        except SyntaxError:
            from autospan.downgrade import downgrade

            try:
                return ast.parse(downgrade(source.data, source.encoding))
            except (SyntaxError, ValueError, UnicodeError):
                pass
            raise


def _facts(source: Source, module: Module, text: str) -> Facts:
    """The lowered module as a frozen value."""
    count = len(module.functions)
    return Facts(
        path=source.path,
        module=source.module,
        package=source.package,
        lines=module.lines,
        functions=tuple(module.functions[index] for index in range(count)),
        classes=tuple(module.classes[index] for index in range(len(module.classes))),
        calls=tuple(module.calls),
        imports=tuple(module.imports),
        steps=tuple(module.steps[index] for index in range(count)),
        signatures=tuple(module.signatures[index] for index in range(count)),
        decorations=tuple(module.decorations),
        slots=module.slots.last,
        exports=tuple(module.exports) if module.exports is not None else None,
        guard=module.guard,
        ignores=_ignores(text),
    )


def _ignores(text: str) -> tuple[tuple[int, str], ...]:
    """The lines with a comment `# autospan: ignore[reason]`, and their reasons."""
    if "autospan:" not in text:
        return ()
    return tuple(
        (number, (found.group(1) or "").strip())
        for number, comment in _comments(text)
        if (found := _IGNORE.search(comment))
    )


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments, each with its line; what merely looks like one in a string is none."""
    from io import StringIO
    from tokenize import COMMENT, TokenError, generate_tokens

    with suppress(TokenError, SyntaxError):
        for token in generate_tokens(StringIO(text).readline):
            if token.type == COMMENT:
                yield token.start[0], token.string


def _unread(source: Source, line: int, message: str) -> Facts:
    hint = "the file is left out of the call graph and never edited; the rest of the work goes on"
    return Facts(
        source.path,
        source.module,
        source.package,
        lines=source.data.count(b"\n"),
        problems=(Problem(Place(source.path, line), message, hint),),
    )


_PYTHON_2 = re.compile(
    r"^\s*(?:print\s+[^(\s=]|exec\s+[\"'a-z]|except\s+[\w.()]+\s*,\s*\w+\s*:|raise\s+\w+\s*,)"
)


def _explained(error: SyntaxError, text: str) -> str:
    """A syntax error in words; Python 2 is called by its name."""
    lines = text.splitlines()
    line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    if _PYTHON_2.match(line):
        return f"Python 2 syntax: {line.strip()[:60]}"
    return f"syntax error: {error.msg}"
