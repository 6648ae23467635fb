"""Lines at the top of a module: where imports belong, and the blank lines that set them off."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import libcst as cst

from autospan.codemod import Task
from autospan.model import Sorting
from autospan.order import inferred, is_sortable, spot


def add_import(module: cst.Module, code: str, first: int, task: Task) -> cst.Module:
    """The module with an import line where imports belong, but before the statement `first`: see
    `transforms/add_span.py`."""
    index = _import_index(module, first)
    own = task.source.module.partition(".")[0]
    block = module.body[_block(module, index) : index]
    sorting = task.layout.imports or inferred(block, own)
    above, below = blank_lines(module, index, index)
    line = cst.ensure_type(cst.parse_statement(code), cst.SimpleStatementLine)
    if sorting and index:
        index, above, below, module = _sorted_place(module, index, line, sorting)
    line = line.with_changes(leading_lines=_BLANK * above)
    body = list(module.body)
    if index > 0:
        return module.with_changes(body=[*body[:index], line, *body[index:]])
    split = _header_end(module.header)
    head = [*_BLANK * below, *module.header[split:], *lead(body[0])]
    follower = body[0].with_changes(leading_lines=head)
    return module.with_changes(header=module.header[:split], body=[line, follower, *body[1:]])


_BLANK = [cst.EmptyLine(indent=False)]


def _sorted_place(
    module: cst.Module, end: int, line: cst.SimpleStatementLine, sorting: Sorting
) -> tuple[int, int, int, cst.Module]:
    """Where a line belongs in the block of imports that ends at `end`, the blank lines above and
    below it, and the module without those that it takes over from the line that it goes before."""
    block = module.body[_block(module, end) : end]
    found = spot(block, line, sorting)
    index = end - len(block) + found.at
    if not block:
        return (index, *blank_lines(module, index, index), module)
    after = module.body[index] if index < end else None
    if index == 0:
        return index, 0, int(found.alone and sorting.spaced), module
    if found.alone and sorting.spaced:
        return index, int(after is None or _is_blank_led(after)), 0, module
    if after is None or not (found.opens if sorting.spaced else found.at == 0):
        return index, 0, 0, module
    if any(line.comment for line in lead(after)):
        return index, int(_is_blank_led(after)), 0, module
    bare = after.with_changes(leading_lines=())
    body = [*module.body[:index], bare, *module.body[index + 1 :]]
    return index, len(lead(after)), 0, module.with_changes(body=body)


def _block(module: cst.Module, end: int) -> int:
    """Where the imports begin that stand one below the other down to `end`."""
    start = end
    while start and is_sortable(module.body[start - 1]):
        start -= 1
    return start


def _is_blank_led(statement: cst.CSTNode) -> bool:
    return any(line.comment is None for line in lead(statement)[:1])


def _import_index(module: cst.Module, first: int) -> int:
    """After the last import line before the first definition, or else after the docstring."""
    index = 0
    for number, statement in enumerate(module.body[:first]):
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            break
        if is_import(statement) or _opens(statement, number):
            index = number + 1
    return index


def _opens(statement: cst.CSTNode, number: int) -> bool:
    """Whether this is the module's docstring or a `from __future__` line."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    match statement.body[0]:
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return number == 0
        case cst.ImportFrom():
            return True
        case _:
            return False


def _header_end(header: Sequence[cst.EmptyLine]) -> int:
    """How many lines of comments head the file; a block right above the first definition is its
    own, unless it is the only one or holds the shebang or the encoding cookie."""
    comments = [line.comment.value if line.comment else "" for line in header]
    cookies = [n + 1 for n, text in enumerate(comments[:2]) if _COOKIE.match(text)]
    blanks = [n + 1 for n, text in enumerate(comments) if not text]
    return max(cookies + blanks[-1:], default=len(header))


_COOKIE = re.compile(r"#!|#.*?coding[:=]")


def lead(statement: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    """The comments and blank lines above a statement."""
    lines: Sequence[cst.EmptyLine] = getattr(statement, "leading_lines", ())
    return lines


def is_import(statement: cst.CSTNode) -> bool:
    """Whether this is a line with an import in it, other than from `__future__`."""
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(small, cst.Import)
        or (
            isinstance(small, cst.ImportFrom)
            and not (isinstance(small.module, cst.Name) and small.module.value == "__future__")
        )
        for small in statement.body
    )


def blank_lines(module: cst.Module, index: int, following: int) -> tuple[int, int]:
    """The blank lines that set off our import line, if it stands (or is to stand) at `index` of the
    body, before the statement `following`: above it and below it.

    None among other imports; one below a docstring or `__future__`; below it where it comes first.
    """
    after = module.body[following] if following < len(module.body) else None
    if after is None or is_import(after):
        return 0, 0
    if index == 0:
        return 0, 2 if isinstance(after, cst.FunctionDef | cst.ClassDef) else 1
    return 0 if is_import(module.body[index - 1]) else 1, 0


def _own_blank_lines(module: cst.Module, index: int, following: int) -> tuple[int, int]:
    """`blank_lines`, and those that keep our line apart where it is a section of sorted imports."""
    after = module.body[following] if following < len(module.body) else None
    above, below = blank_lines(module, index, following)
    if after is not None and is_import(after):
        apart = int(_is_blank_led(after))
        return (0, apart) if index == 0 else (apart * int(_is_blank_led(module.body[index])), 0)
    if index and _is_blank_led(module.body[index]):
        return 1, below
    return above, below


def without(module: cst.Module, gone: Collection[int]) -> cst.Module:
    """The module without these statements (indices) and the blank lines that set them off."""
    body: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    loose: list[cst.EmptyLine] = []
    skip = 0
    for index, statement in enumerate(module.body):
        if index in gone:
            above = 0
            if index - 1 not in gone:
                following = next(n for n in range(index, len(module.body) + 1) if n not in gone)
                above, skip = _own_blank_lines(module, index, following)
            loose += _fewer_blanks(lead(statement), above)
        elif loose or skip:
            above_it = [*loose, *_fewer_blanks(lead(statement), skip)]
            body.append(statement.with_changes(leading_lines=above_it))
            loose, skip = [], 0
        else:
            body.append(statement)
    return module.with_changes(body=body, footer=[*loose, *module.footer])


def _fewer_blanks(lines: Sequence[cst.EmptyLine], number: int) -> Sequence[cst.EmptyLine]:
    """Without the first `number` lines, as far as they are blank."""
    blank = next((n for n, line in enumerate(lines[:number]) if line.comment), len(lines[:number]))
    return lines[blank:]
