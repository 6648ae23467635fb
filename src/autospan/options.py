"""The options that commands share: each written once, as a field of a dataclass.

`@expanded` lets a command take such a dataclass as one parameter; on the command line, every field
of it is an option of its own.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

_SELECTION = "Selection"
_SETTINGS = "Settings (each is also a key of \\[tool.autospan] in pyproject.toml)"

Folder = Annotated[
    Path, typer.Argument(exists=True, metavar="[PATH]", help="The project: a folder, or one file.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what is asked for.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 if there are problems, such as syntax errors.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, not stdout.")
]


class Style(str, Enum):
    """How spans are written: with the project's helper, or as OpenTelemetry API lines only."""

    helper = "helper"
    native = "native"


class Confidence(str, Enum):
    """How well a call is known."""

    exact = "exact"
    inferred = "inferred"
    guessed = "guessed"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which functions: the options of `autospan.model.Selection`."""

    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Until the best N functions have spans. Default: the setting `top`, 15.",
            rich_help_panel=_SELECTION,
        ),
    ] = None
    function: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Functions with such a name, like shop.pay.* or charge; repeatable.",
            rich_help_panel=_SELECTION,
        ),
    ] = None
    entrypoints: Annotated[
        bool,
        typer.Option(
            "--entrypoints",
            help="Entry points that nobody opens a root span for.",
            rich_help_panel=_SELECTION,
        ),
    ] = False
    min_score: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="X",
            help="Functions that score at least X.",
            rich_help_panel=_SELECTION,
        ),
    ] = None
    all: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Every function that can carry a span.",
            rich_help_panel=_SELECTION,
        ),
    ] = False
    plan: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="What `suggest --format json` selected, perhaps edited.",
            rich_help_panel=_SELECTION,
        ),
    ] = None

    def conflict(self) -> str:
        """In words, why these options do not go together; "" if they do."""
        narrowing = (self.top, self.function, self.entrypoints, self.min_score is not None)
        if (self.all or self.plan) and any(narrowing):
            alone = "--all takes every function" if self.all else "--plan says which functions"
            return f"{alone}: leave the other selection options out"
        if self.all and self.plan:
            return "choose one of --all and --plan"
        return ""


def _setting(help_text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=_SETTINGS, **more)


@dataclass(frozen=True, slots=True)
class Settings:
    """What overrides `[tool.autospan]`, key by key (`autospan.config.Config`)."""

    exclude: Annotated[
        list[str] | None,
        _setting("Leave these files out (gitignore patterns); repeatable.", metavar="GLOB"),
    ] = None
    include: Annotated[
        list[str] | None,
        _setting("Read these though a default leaves them out; repeatable.", metavar="GLOB"),
    ] = None
    default_excludes: Annotated[
        bool | None, _setting("Leave out tests, migrations, generated and vendored code.")
    ] = None
    root: Annotated[
        list[Path] | None, _setting("A folder that is on sys.path; repeatable.", metavar="FOLDER")
    ] = None
    style: Annotated[Style | None, _setting("How spans are written.")] = None
    helper: Annotated[
        str | None, _setting("The module that gives `traced`, like shop.tracing.", metavar="MODULE")
    ] = None
    namespace: Annotated[
        str | None, _setting("Prefix of attribute keys, like acme.shop.", metavar="PREFIX")
    ] = None
    capture: Annotated[bool | None, _setting("Whether parameters become span attributes.")] = None
    secret: Annotated[
        list[str] | None,
        _setting("A parameter never to capture; repeatable.", metavar="NAME"),
    ] = None
    traced_by: Annotated[
        list[str] | None,
        _setting("A decorator that opens a span already; repeatable.", metavar="NAME"),
    ] = None
    pack: Annotated[
        list[Path] | None,
        _setting("One more knowledge pack (TOML); repeatable.", metavar="FILE"),
    ] = None

    def overrides(self) -> dict[str, object]:
        """Configuration keys and values, None for what was not given."""
        return {
            "exclude": self.exclude or None,
            "include": self.include or None,
            "default_excludes": self.default_excludes,
            "roots": [str(each) for each in self.root or ()] or None,
            "style": self.style.value if self.style else None,
            "helper": self.helper,
            "namespace": self.namespace,
            "capture": self.capture,
            "secrets": self.secret or None,
            "traced_by": self.traced_by or None,
            "packs": [str(each) for each in self.pack or ()] or None,
        }


# --- a dataclass as many options


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each dataclass among its parameters replaced by the fields of it."""
    hints = get_type_hints(command, include_extras=True)
    bundles = {name: kind for name, kind in hints.items() if is_dataclass(kind)}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for name, kind in bundles.items():
            given[name] = kind(**{each.name: given.pop(each.name) for each in fields(kind)})
        command(**given)

    parameters = list(_parameters(command, hints, bundles))
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    vars(run)["__signature__"] = inspect.Signature(parameters)
    return run


def _parameters(
    command: Callable[..., None], hints: dict[str, Any], bundles: dict[str, Any]
) -> Iterator[inspect.Parameter]:
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in bundles:
            keyword = inspect.Parameter.KEYWORD_ONLY
            yield parameter.replace(kind=keyword, annotation=hints[name])
            continue
        options = get_type_hints(bundles[name], include_extras=True)
        for each in fields(bundles[name]):
            yield inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=_default(each),
                annotation=options[each.name],
            )


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default
