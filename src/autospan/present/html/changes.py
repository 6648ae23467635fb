"""The diff of one span: what a patch does for one of its edits, and for it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from autospan.model import Patch
from autospan.present.diff import present as diff

if TYPE_CHECKING:
    from autospan.model import Edit, Function


def alone(patch: Patch, edit: Edit, functions: Mapping[tuple[str, int], Function]) -> Patch:
    """The patch that gives a span to one function only: what the file needs for any span (the
    import), and what is added in that function.

    `functions` are those of the file, by name and ordinal. A patch that does more than to add lines
    is given whole.
    """
    before, after = _lines(patch.before), _lines(patch.after)
    added = _added(before, after)
    if added is None or len(patch.edits) == 1:
        return patch
    edited = [functions[each.function, each.ordinal] for each in patch.edits]
    own = functions[edit.function, edit.ordinal]
    kept = {above for above in added if _innermost(above, edited) in (own, None)}
    lines = [
        line
        for number in range(len(before) + 1)
        for line in (*(added[number] if number in kept else ()), *before[number : number + 1])
    ]
    return Patch(patch.path, patch.before, b"".join(lines), (edit,))


def written(patch: Patch, encoding: str) -> str:
    """The hunks of the unified diff of a patch."""
    _, mark, hunks = diff([patch]).partition(b"\n@@")
    return (mark + hunks).decode(encoding, "replace").strip("\n") if mark else ""


def _lines(data: bytes | None) -> list[bytes]:
    return (data or b"").splitlines(keepends=True)


def _added(before: list[bytes], after: list[bytes]) -> dict[int, list[bytes]] | None:
    """The lines added above each line (0-based) of the original; None if one of these is gone."""
    added: dict[int, list[bytes]] = {}
    at = 0
    for line in after:
        if at < len(before) and line == before[at]:
            at += 1
        else:
            added.setdefault(at, []).append(line)
    return added if at == len(before) else None


def _innermost(above: int, functions: list[Function]) -> Function | None:
    """The smallest of the functions, decorators included, that a line added there is part of."""
    around = [each for each in functions if each.first_line <= above + 1 <= each.end_line]
    return min(around, key=lambda each: each.end_line - each.first_line, default=None)
