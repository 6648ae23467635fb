"""What `check` found, one a line as compilers print it, and the way out."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autospan.present._page import counted, render, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.untraced import Finding

_NAMED = 3


def present(
    findings: Sequence[Finding], places: Sequence[str], root: str, width: int, colors: bool = False
) -> str:
    """Findings at their places as the user would type them, then how to repair or to accept them.

    `root` is the project's folder, as seen from the working directory.
    """
    lines = [
        text(
            (f"{place}:{each.place.line}", "bold"),
            ": ",
            (each.code, "red"),
            f" untraced entry point {each.starts} ({each.function})",
        )
        for each, place in zip(findings, places, strict=True)
    ]
    listed = "".join(render([line], max(width, line.cell_len + 1), colors) for line in lines)
    return listed + render(_way_out(findings, root), width, colors)


def _way_out(findings: Sequence[Finding], root: str) -> list[RenderableType]:
    names = dict.fromkeys(each.function for each in findings)
    chosen = ["--entrypoints"]
    if len(names) <= _NAMED:
        chosen = [word for name in names for word in ("--function", name)]
    command = shlex.join(["autospan", "apply", *([] if root == "." else [root]), *chosen])
    found = counted(len(findings), "untraced entry point")
    return [
        text("\n", (found, "bold"), ". Nobody opens a root span there: what they do is not seen."),
        text("  trace:  ", (command, "cyan")),
        text("  accept: ", ("# autospan: ignore[why]", "cyan"), " on the `def` line or above it"),
    ]
