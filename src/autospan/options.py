"""The options of the commands: each written once, as a type or as a field of a dataclass.

`application` gives commands whose parameters have these types; of a parameter that is a dataclass,
every field becomes an option of its own.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from autospan import __version__

if TYPE_CHECKING:
    from autospan.model import Selection

_SELECTION = "Selection"
_SETTINGS = "Settings, each also a key of \\[tool.autospan] in pyproject.toml"
_ABOUT = """Find out where tracing pays in a Python codebase, and write the spans.

Nothing of the code is run. What is written can be taken out again, to the byte.

\b
  autospan suggest src          what is free, what is cheap, what takes effort
  autospan explain charge       why a function is suggested, or not
  autospan diff --top 15        the best fifteen spans, as a diff
  autospan apply --top 15       write them
  autospan check                fail where an entry point is not traced
  autospan remove               take everything out again
"""


class ReportFormat(str, Enum):
    """The formats of `suggest`."""

    text = "text"
    json = "json"


class GraphFormat(str, Enum):
    """The formats of `graph`."""

    json = "json"
    dot = "dot"


class Style(str, Enum):
    """How spans are written: with the project's helper, or as OpenTelemetry API lines only."""

    helper = "helper"
    native = "native"


class Confidence(str, Enum):
    """How well a call is known."""

    exact = "exact"
    inferred = "inferred"
    guessed = "guessed"


Folder = Annotated[
    Path, typer.Argument(exists=True, metavar="PATH", help="The project: a folder, or one file.")
]
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        exists=True,
        metavar="FILES",
        help="Report on these files or folders only. The whole project is read all the same: the "
        "folder with pyproject.toml or .git around the first of them.",
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        help="A function: its dotted name, the end of it, or PATH:LINE.", metavar="NAME"
    ),
]
AllowDirty = Annotated[
    bool, typer.Option("--allow-dirty", help="Write although git has changes not committed.")
]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, metavar="FILE", help="Write to a file."),
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
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Until the best N functions have spans. Default: the setting `top`, 15.",
        ),
    ] = None
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List everything, cut nothing.")
    ] = False
    output: _Output = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """How `graph` draws."""

    format: Annotated[
        GraphFormat, typer.Option("--format", "-f", help="For tools, or for Graphviz.")
    ] = GraphFormat.json
    min_confidence: Annotated[
        Confidence, typer.Option(help="Leave out calls that are known less well.")
    ] = Confidence.guessed
    output: _Output = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the output goes."""

    output: _Output = None


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

    def selection(self, default: int, named: tuple[str, ...] | None = None) -> Selection:
        """The selection; the best `default` functions if nothing says otherwise."""
        from autospan.model import Selection

        given = (self.function, self.entrypoints, self.min_score is not None, self.all, self.plan)
        return Selection(
            top=self.top if any(given) or self.top else default,
            functions=tuple(self.function or ()),
            min_score=self.min_score,
            entrypoints=self.entrypoints,
            named=named,
            everything=self.all,
        )


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


# --- the application


def application(*commands: Callable[..., None]) -> typer.Typer:
    """The typer application of these commands."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=_ABOUT)(_globally)
    for command in commands:
        app.command()(expanded(command))
    return app


def _globally(
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", is_eager=True)
    ] = False,
) -> None:
    if version:
        sys.stdout.write(f"autospan {__version__}\n")
        raise typer.Exit


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each dataclass among its parameters replaced by the fields of it.

    Its annotations are looked up among the names of this module.
    """
    hints = get_type_hints(command, globals(), include_extras=True)
    bundles: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}

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
