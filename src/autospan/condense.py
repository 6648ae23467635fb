"""The text of a module without the statements that no transform has a use for.

LibCST takes many times as long as `ast` to read a statement and to print it, while spans concern a
few statements of a file. So the others are left out. A line that is no part of the text otherwise
stands in for a run of them, at their indentation, and `expand` puts the very lines back.

Kept, with everything it stands in, is

- of a function that gets a span the head and the docstring; one that gets a block, whole;
- what spells `traced`, `tracer`, `trace` or the mark of the native style, or a name that a
  statement with one of these words binds in the module; a function with such a block, whole;
- at the top level the docstring, the imports, and a definition for each definition (where the
  imports end); and the first indented line, from which LibCST learns the indentation.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from autospan.model import Edit
from autospan.statements import (
    bodies,
    by_line,
    first_line,
    functions,
    indentation,
    last_line,
    statements,
)

_WORDS = (re.compile(r"trace[dr]?(?:_|\b)"), re.compile("# autospan"))
"""Two, as each begins with letters that are searched for quickly."""


class Condensed(NamedTuple):
    """A text that is short of some lines, and these by the line that stands in for them."""

    text: str
    left_out: Mapping[str, str]

    def expand(self, text: str) -> str:
        """What was made of the condensed text, with the lines that were left out in their places.

        Raises `ValueError` if not every stand-in is in it, once and in order.
        """
        lines = text.split("\n")
        if [line for line in lines if line in self.left_out] != [*self.left_out]:
            raise ValueError("lines that were left out would be lost")
        return "\n".join([self.left_out.get(line, line) for line in lines])


def condense(text: str, tree: ast.Module, edits: Collection[Edit] = ()) -> Condensed:
    """What a transform has to see of a text, parsed to `tree`, to carry out edits, or to find the
    spans that are there if there are none."""
    lines = text.split("\n")
    name = next(name for name in map("_{}_".format, count()) if name not in text)
    out, left_out, at = list[str](), dict[str, str](), 0
    for first, last, is_definition in _runs(_Page(lines, *_kept(text, lines, tree, edits)), tree):
        stand_in = f"{indentation(lines[first - 1])}{name}{len(left_out)}"
        stand_in = f"def {stand_in}(): 0" if is_definition else stand_in
        left_out[stand_in] = "\n".join(lines[first - 1 : last])
        out += [*lines[at : first - 1], stand_in]
        at = last
    return Condensed("\n".join([*out, *lines[at:]]), left_out)


# --- what is left out


class _Page(NamedTuple):
    """The lines of a module, the numbers (from 1) of those that are kept, in order, and those of
    the functions that are kept as a whole."""

    lines: Sequence[str]
    kept: Sequence[int]
    whole: Collection[int]

    def keeps(self, first: int, last: int) -> bool:
        """Whether any of these lines is kept."""
        at = bisect_left(self.kept, first)
        return at < len(self.kept) and self.kept[at] <= last


class _Run(NamedTuple):
    """The first and the last line of statements, from 1, and whether they are a definition at the
    top level."""

    first: int
    last: int
    defines: bool = False


def _runs(page: _Page, tree: ast.Module) -> list[_Run]:
    """The runs of statements that are left out; at the top level each is of one line or block."""
    found: list[_Run] = []
    rest: list[Sequence[ast.stmt]] = [tree.body]
    while rest:
        body = rest.pop()
        run: _Run | None = None
        for group in by_line(body):
            own = _extent(group, page.lines)
            if page.keeps(own.first, own.last) or not _is_apart(group[0], own, page.lines):
                rest += [] if _is_whole(group[0], page) else bodies(group[0])
                run = None
            elif run and body is not tree.body and not page.keeps(run.last, own.first):
                run = found[-1] = _Run(run.first, own.last)
            else:
                run = own if body is tree.body else _Run(own.first, own.last)
                found.append(run)
    return sorted(found)


def _extent(group: Sequence[ast.stmt], lines: Sequence[str]) -> _Run:
    """Where statements stand; to a block belong the comments that follow deeper than its head."""
    first, last = first_line(group[0]), last_line(group[-1])
    defines = isinstance(group[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    if bodies(group[0]):
        outer = indentation(lines[first - 1])
        for number in range(last, len(lines)):
            if (text := lines[number].lstrip(" \t")) and not text.startswith("#"):
                break
            if text and len(indentation(lines[number])) > len(outer):
                last = number + 1
    return _Run(first, last, defines)


def _is_apart(statement: ast.stmt, run: _Run, lines: Sequence[str]) -> bool:
    """Whether a statement is the first in its line and the run can be cut out of the lines."""
    head = lines[run.first - 1]
    column = len(indentation(head))
    if getattr(statement, "decorator_list", ()):
        begins = head[column : column + 1] == "@"
    else:
        begins = statement.col_offset == column and head[column : column + 4] != "elif"
    edges = (*lines[max(run.first - 2, 0) : run.first - 1], lines[run.last - 1])
    return begins and not any(each.endswith("\\") for each in edges)


def _is_whole(statement: ast.stmt, page: _Page) -> bool:
    """Whether nothing is left out of a statement: a function that gets a block or has one."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    opened = (each for each in statement.body if isinstance(each, ast.With))
    return statement.lineno in page.whole or any(
        page.keeps(each.lineno, each.body[0].lineno) for each in opened
    )


# --- what is kept


def _kept(
    text: str, lines: Sequence[str], tree: ast.Module, edits: Collection[Edit]
) -> tuple[list[int], set[int]]:
    """The numbers of the lines that are kept, and those of the functions that are as a whole."""
    kept, whole = {number for word in _WORDS for number in _matching(word, text)}, set[int]()
    if names := [*_bound(tree, sorted(kept))]:
        kept.update(_matching(re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b"), text))
    kept.update(each.lineno for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom))
    kept.update(_first_indented(tree, lines))
    forms = {(edit.function.partition(":")[2], edit.form) for edit in edits}
    for name, function in functions(tree, {name for name, _ in forms}):
        kept.add(function.lineno)
        whole |= {function.lineno} if (name, "block") in forms else set()
        kept.update(_docstring(function.body))
    kept.update(_docstring(tree.body))
    return sorted(kept), whole


def _docstring(body: Sequence[ast.stmt]) -> Iterator[int]:
    """The line of the first statement, if it may be taken for a docstring."""
    match body[:1]:
        case [ast.Expr(value=ast.Constant() | ast.JoinedStr()) as first]:
            yield first.lineno
        case _:
            pass


def _first_indented(tree: ast.Module, lines: Sequence[str]) -> Iterator[int]:
    """The line of the first statement that is indented, and those of which that is not sure."""
    for each in statements(tree):
        if column := len(indentation(lines[each.lineno - 1])):
            yield each.lineno
            if each.col_offset == column:
                return


def _matching(word: re.Pattern[str], text: str) -> Iterator[int]:
    """The numbers of the lines in which a word begins."""
    number, at = 1, 0
    for match in word.finditer(text):
        number += text.count("\n", at, match.start())
        at = match.start()
        yield number


def _bound(tree: ast.Module, kept: Sequence[int]) -> Iterator[str]:
    """The names that statements at the top level bind in lines that are kept."""
    page = _Page((), kept, ())
    for each in tree.body:
        if not page.keeps(each.lineno, last_line(each)):
            continue
        match each:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names if alias.name != "*")
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case _:
                pass
