"""The options of the commands: each written once, as a type or as a field of a dataclass.

`autospan.application` makes every field of such a dataclass an option of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autospan.options.changes import Rendering
from autospan.options.drawing import Drawing
from autospan.options.gating import Gating
from autospan.options.means import Means
from autospan.options.output import Output
from autospan.options.series import SplitBy, Splitting
from autospan.options.settings import Settings, Style

if TYPE_CHECKING:
    from autospan.model import Selection

__all__ = [
    "AllowDirty",
    "Choice",
    "Destination",
    "Drawing",
    "Fixtures",
    "Folder",
    "Gating",
    "Interactive",
    "Manner",
    "Means",
    "Name",
    "Removing",
    "Rendering",
    "Reported",
    "Reporting",
    "Settings",
    "SplitBy",
    "Splitting",
    "Style",
    "Writing",
    "crowded",
]

_FEWEST = "The fewest with one on every way from an entry point to I/O."
_BEST = "Until the best N functions have spans. Default: the setting `top`, 15."


class ReportFormat(str, Enum):
    """The formats of `suggest`."""

    text = "text"
    markdown = "markdown"
    json = "json"
    html = "html"


Folder = Annotated[
    Path, typer.Argument(exists=True, metavar="PATH", help="The project: a folder, or one file.")
]
Name = Annotated[
    str,
    typer.Argument(
        help="A function: its dotted name, the end of it, or PATH:LINE. Or a rule.", metavar="NAME"
    ),
]
AllowDirty = Annotated[
    bool, typer.Option("--allow-dirty", help="Write although git has changes not committed.")
]
Interactive = Annotated[
    bool,
    typer.Option(
        "--interactive", "-i", help="Ask about each span; what you say no to is remembered."
    ),
]


@dataclass(frozen=True, slots=True)
class Manner:
    """How much to say, and what to make of problems."""

    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say no more than what is asked for.")
    ] = False
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 if there are problems, like syntax errors."),
    ] = False


@dataclass(frozen=True, slots=True)
class Reporting:
    """How `suggest` reports."""

    format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="For people, or for machines.")
    ] = ReportFormat.text
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help=_BEST)] = None
    coverage: Annotated[bool, typer.Option("--coverage", help=_FEWEST)] = False
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List everything, cut nothing.")
    ] = False
    output: Output = None

    def selection(self, default: int) -> tuple[tuple[str, ...], Selection]:
        """The options that choose the same functions again, and what they are."""
        from autospan.model import Selection

        if self.coverage:
            return ("--coverage",), Selection(coverage=True)
        options = ("--top", str(self.top)) if self.top else ()
        return options, Selection(top=self.top or default)


@dataclass(frozen=True, slots=True)
class Reported:
    """What `check` reports on."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True,
            metavar="FILES",
            help="Report on these files or folders only. The whole project is read all the same: "
            "the folder with pyproject.toml or .git around each of them.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the output goes."""

    output: Output = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Whether to write what is shown otherwise."""

    write: Annotated[
        bool, typer.Option("--write", help="Write the files, instead of the diff.")
    ] = False


@dataclass(frozen=True, slots=True)
class Removing:
    """What `remove` takes out, and whether it does."""

    hot: Annotated[
        bool,
        typer.Option("--hot", help="Only spans that the --evidence shows to be hot and tiny."),
    ] = False
    diff: Annotated[
        bool, typer.Option("--diff", help="Print what would be taken out, and write nothing.")
    ] = False


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The annotated files to try packs on."""

    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, metavar="FILE...", help="Annotated Python."),
    ]


def _choosing(help_text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="Selection", **more)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which functions: the options of `autospan.model.Selection`."""

    top: Annotated[int | None, _choosing(_BEST, min=1, metavar="N")] = None
    function: Annotated[
        list[str] | None,
        _choosing(
            "Functions with such a name, like shop.pay.* or charge; repeatable.", metavar="GLOB"
        ),
    ] = None
    entrypoints: Annotated[
        bool, _choosing("Entry points that nobody opens a root span for.", "--entrypoints")
    ] = False
    min_score: Annotated[
        float | None,
        _choosing("Functions that score at least X.", min=0, max=1, metavar="X"),
    ] = None
    coverage: Annotated[
        bool,
        _choosing(_FEWEST, "--coverage"),
    ] = False
    all: Annotated[
        bool,
        _choosing("Every function in which a span is safe, also those not worth one.", "--all"),
    ] = False
    plan: Annotated[
        Path | None,
        _choosing(
            "What `suggest --format json` selected, perhaps edited.",
            exists=True,
            dir_okay=False,
            metavar="FILE",
        ),
    ] = None

    def conflict(self) -> str:
        """In words, why these options do not go together; "" if they do."""
        narrowing = (self.top, self.function, self.entrypoints, self.min_score is not None)
        if (self.all or self.plan) and any(narrowing):
            alone = "--all takes every function" if self.all else "--plan says which functions"
            return f"{alone}: leave the other selection options out"
        if (self.coverage, self.all, bool(self.plan)).count(True) > 1:
            return "choose one of --coverage, --all and --plan"
        return crowded(self.coverage, self.top)

    def selection(self, default: int, named: tuple[str, ...] | None = None) -> Selection:
        """The selection; the best `default` functions if nothing says otherwise."""
        from autospan.model import Selection

        whole = self.coverage or self.all or self.plan is not None
        given = whole or self.function or self.entrypoints or self.min_score is not None
        return Selection(
            top=self.top if given or self.top else default,
            functions=tuple(self.function or ()),
            min_score=self.min_score,
            entrypoints=self.entrypoints,
            named=named,
            everything=self.all or named is not None,
            coverage=self.coverage,
        )


def crowded(coverage: bool, top: int | None) -> str:
    """In words, why these options do not go together; "" if they do."""
    both = coverage and top is not None
    return "--coverage takes as many as it needs: leave --top out" if both else ""
