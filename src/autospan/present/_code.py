"""A change to be read: its diff, line by line, in colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autospan.present._page import counted, literal, text
from autospan.present.diff import present as diff

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Patch


def changed(
    patches: Sequence[Patch], encoding: str, names: bool = True
) -> Iterator[RenderableType]:
    """The diff of patches to files in some encoding, with the `names` of the files or without; a
    new file by its name and length."""
    written = diff([each for each in patches if each.before is not None])
    for line in written.decode(encoding, "replace").rstrip("\n").split("\n"):
        if names or not line.startswith(_NAMES):
            yield literal(line, _style(line))
    for patch in patches:
        if patch.before is None:
            lines = counted((patch.after or b"").count(b"\n"), "line")
            yield text((f"and a new file, {patch.path}: the helper, {lines}", "dim"))


_NAMES = ("diff --git ", "--- ", "+++ ")


def _style(line: str) -> str:
    if line.startswith(_NAMES):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
