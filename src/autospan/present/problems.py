"""Problems and errors, each with its place and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.model import Problem


def present(problems: Iterable[Problem], title: str = "autospan") -> str:
    """One problem in two lines: what and where, and (indented) what to do."""
    lines = []
    for problem in problems:
        lines.append(f"{title}: {problem.place}: {problem.message}")
        if problem.hint:
            lines.append(f"  help: {problem.hint}")
    return "\n".join(lines)
