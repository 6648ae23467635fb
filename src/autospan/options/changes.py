"""The options of `diff`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import typer

from autospan.options.output import Output


class DiffFormat(str, Enum):
    """The formats of `diff`: the modules of `autospan.present` of these names."""

    diff = "diff"
    codetf = "codetf"
    markdown = "markdown"


@dataclass(frozen=True, slots=True)
class Rendering:
    """In which form the change is told, and where it goes."""

    format: Annotated[
        DiffFormat,
        typer.Option(
            "--format", "-f", help="For git, for programs, or for a pull request's description."
        ),
    ] = DiffFormat.diff
    output: Output = None
