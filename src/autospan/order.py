"""Where an import belongs among sorted ones, as isort and Ruff sort them.

Sections (`__future__`, the standard library, other people's, the project's own, relative) in that
order, a blank line between; in a section `import x` before `from x import y`, by name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import libcst as cst
from libcst.helpers import get_full_name_for_node

from autospan.model import Sorting

_Key = tuple[int, int, str, int]
_FUTURE, _STANDARD, _OTHERS, _OWN, _RELATIVE = range(5)


class Spot(NamedTuple):
    """Before which statement (`at`) of a block an import goes, and whether it opens a section there
    (before the rest of it), or is one by itself."""

    at: int
    opens: bool = False
    alone: bool = False


def spot(block: Sequence[cst.CSTNode], line: cst.SimpleStatementLine, sorting: Sorting) -> Spot:
    """The spot of an import line among the statements of a block of imports."""
    ours = _sort_key(line, sorting)
    keys = [_sort_key(statement, sorting) for statement in block]
    index = next((n for n, key in enumerate(keys) if key > ours), len(keys))
    if index and keys[index - 1][0] == ours[0]:
        return Spot(index)
    opens = index < len(keys) and keys[index][0] == ours[0]
    return Spot(index, opens=opens, alone=not opens)


def inferred(block: Sequence[cst.CSTNode], own: str) -> Sorting | None:
    """How a block of imports is sorted that nobody says it of: as isort does it by default, with
    `own` for the project's package, if it is in sections and agrees with that."""
    for mixed in (False, True):
        sorting = Sorting((own,), mixed)
        keys = [_sort_key(statement, sorting) for statement in block]
        opens = [one[0] != other[0] for one, other in pairwise(keys)]
        if any(opens) and keys == sorted(keys) and opens == [*map(_is_set_off, block[1:])]:
            return sorting
    return None


def _is_set_off(statement: cst.CSTNode) -> bool:
    lines: Sequence[cst.EmptyLine] = getattr(statement, "leading_lines", ())
    return any(line.comment is None for line in lines)


def is_sortable(statement: cst.CSTNode) -> bool:
    """Whether this is a line with one import statement, nothing else."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Import() | cst.ImportFrom()]):
            return True
        case _:
            return False


def _sort_key(statement: cst.CSTNode, sorting: Sorting) -> _Key:
    small = cst.ensure_type(statement, cst.SimpleStatementLine).body[0]
    match small:
        case cst.Import(names=[first, *_]):
            return _key(get_full_name_for_node(first.name) or "", 0, True, sorting)
        case cst.ImportFrom(module=module, relative=dots):
            name = (get_full_name_for_node(module) or "") if module else ""
            return _key(name, len(dots), False, sorting)
        case _:
            return _key("", 0, True, sorting)


def _key(name: str, dots: int, straight: bool, sorting: Sorting) -> _Key:
    section = _RELATIVE if dots else _section(name.partition(".")[0], sorting)
    kind = 0 if straight else 1
    return section, 0 if sorting.mixed else kind, name.lower(), kind


def _section(top: str, sorting: Sorting) -> int:
    if top == "__future__":
        return _FUTURE
    if top in sorting.first_party:
        return _OWN
    return _STANDARD if top in sys.stdlib_module_names else _OTHERS
