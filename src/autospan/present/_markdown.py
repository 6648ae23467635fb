"""Text in Markdown that says what it says, whatever it holds."""

from __future__ import annotations

import html
import re

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~@])")


def code(text: str) -> str:
    """Text in a fixed width, in a cell of a table: HTML, for there a backtick may stand in it."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"


def plain(text: str) -> str:
    """Text in which nothing is Markdown, but for pairs of backticks, which stay."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return _ACTIVE.sub(r"\\\1", "`".join(parts))
    return "".join(
        code(part) if number % 2 else _ACTIVE.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    )
