"""The options of `diff` that make it a series of patches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

_PANEL = "Patch series"


class SplitBy(str, Enum):
    """What makes functions go together."""

    entrypoint = "entrypoint"
    package = "package"
    owner = "owner"


@dataclass(frozen=True, slots=True)
class Splitting:
    """How to split the diff; not at all, if nothing is given."""

    split_by: Annotated[
        SplitBy | None,
        typer.Option(
            help="One patch for what each entry point reaches, each package, or each owner "
            "(CODEOWNERS), in mailbox format.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    max_changes: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="At most N functions in a patch.", rich_help_panel=_PANEL
        ),
    ] = None
    output_dir: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="FOLDER",
            help="Write 0001-….patch and so on there, for `git am`.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    @property
    def given(self) -> bool:
        """Whether there is to be a series."""
        return any(each is not None for each in (self.split_by, self.max_changes, self.output_dir))
