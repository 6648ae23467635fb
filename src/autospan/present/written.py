"""A patch series that was written to a folder: its files, and how they are taken."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autospan.present._page import commands, counted, heading, render, rows, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Commit
    from autospan.present.mailbox import Mail


def present(
    commits: Sequence[Commit], mails: Sequence[Mail], folder: str, width: int, colors: bool = False
) -> str:
    """The report after `diff --output-dir`."""
    return render(_parts(commits, mails, folder), width, colors)


def _parts(
    commits: Sequence[Commit], mails: Sequence[Mail], folder: str
) -> Iterator[RenderableType]:
    if not mails:
        yield text(
            ("Nothing to write", "bold"), ": every function chosen has a span, or none fits."
        )
        return
    yield text((f"Wrote {counted(len(mails), 'patch', 'patches')}", "bold green"), f" to {folder}.")
    spans = [sum(len(patch.edits) for patch in commit.patches) for commit in commits]
    yield rows(
        [(mail.name, counted(count, "span")) for mail, count in zip(mails, spans, strict=True)]
    )
    yield heading("NEXT")
    yield from commands(
        [
            (_am(commits, folder), "commits them, one after the other"),
            (f"git apply {shlex.quote(folder)}/{mails[0].name}", "or each without a commit"),
        ]
    )


def _am(commits: Sequence[Commit], folder: str) -> str:
    """git takes the carriage returns out of mails, unless it is told not to."""
    contents = (patch.after or b"" for commit in commits for patch in commit.patches)
    keep = "--keep-cr " if any(b"\r" in each for each in contents) else ""
    return f"git am {keep}{shlex.quote(folder)}/*.patch"
