"""The options of `check`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from autospan.options.output import Output


class CheckFormat(str, Enum):
    """The formats of `check`: the modules of `autospan.present.findings`."""

    text = "text"
    json = "json"
    markdown = "markdown"
    sarif = "sarif"
    github = "github"


def _accepting(help_text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="What counts", **more)


@dataclass(frozen=True, slots=True)
class Gating:
    """What `check` looks for, what it accepts, what it does about the rest, and how it reports."""

    select: Annotated[
        list[str] | None,
        _accepting("Only this rule: AS001, AS, untraced-entrypoint; repeatable.", metavar="RULE"),
    ] = None
    ignore: Annotated[
        list[str] | None, _accepting("Not this rule; repeatable.", metavar="RULE")
    ] = None
    baseline: Annotated[
        Path | None,
        _accepting(
            "The file of what is accepted. Default: .autospan-baseline.json beside pyproject.toml.",
            dir_okay=False,
            metavar="FILE",
        ),
    ] = None
    diff_base: Annotated[
        str | None,
        _accepting("Report only what is new since HEAD branched off from REV.", metavar="REV"),
    ] = None
    near: Annotated[
        bool,
        _accepting(
            "After an edit, look at the given files and those around them only; for hooks.",
            "--near",
        ),
    ] = False
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Accept all that is found now.")
    ] = False
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Write the spans of AS001; take out what is stale in the baseline."
        ),
    ] = False
    allow_dirty: Annotated[
        bool,
        typer.Option(
            "--allow-dirty", help="Let --fix write although git has changes not committed."
        ),
    ] = False
    format: Annotated[
        CheckFormat, typer.Option("--format", "-f", help="For people, machines, or a platform.")
    ] = CheckFormat.text
    output: Output = None

    def conflict(self) -> str:
        """In words, why these options do not go together; "" if they do."""
        if self.update_baseline and (self.fix or self.diff_base):
            other = "--fix" if self.fix else "--diff-base"
            return f"--update-baseline accepts what {other} is there to find: give one of them"
        if self.near and (self.fix or self.diff_base or self.update_baseline):
            return "--near leaves out what --fix, --diff-base and --update-baseline have to know"
        return ""

    def overrides(self) -> dict[str, object]:
        """Configuration keys and values, None for what was not given."""
        baseline = str(self.baseline) if self.baseline else None
        return {
            "select": self.select or None,
            "ignore": self.ignore or None,
            "baseline": baseline,
        }
