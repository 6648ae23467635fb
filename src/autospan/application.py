"""The typer application: commands whose parameters have the types of `autospan.options`."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Annotated, Any, get_args, get_type_hints

import typer
from typer.models import OptionInfo

from autospan import __version__, options
from autospan.present._terminal import note

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


def application(
    *commands: Callable[..., None],
    groups: Mapping[Callable[..., None], Sequence[Callable[..., None]]],
    named: Collection[str] | None = None,
) -> typer.Typer:
    """The typer application of these commands; a group is a command with commands below it.

    Only those that are `named` (None: all) take parameters; the others are there to be listed.
    """
    app = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=_ABOUT)(_globally)
    for command in commands:
        app.command()(expanded(command) if _is_named(command, named) else _listed(command))
    for group, members in groups.items():
        if _is_named(group, named):
            app.add_typer(_group(group, members), name=group.__name__)
        else:
            app.command()(_listed(group))
    return app


def _is_named(command: Callable[..., None], named: Collection[str] | None) -> bool:
    return named is None or command.__name__ in named


def _listed(command: Callable[..., None]) -> Callable[..., None]:
    """What the list of commands shows of a command."""

    def run() -> None:
        raise NotImplementedError

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def _group(group: Callable[..., None], members: Sequence[Callable[..., None]]) -> typer.Typer:
    """A command that does something of its own where none of its members is named."""
    below = typer.Typer(invoke_without_command=True, rich_markup_mode="rich")
    alone = expanded(group)

    @functools.wraps(alone)
    def run(context: typer.Context, **given: Any) -> None:
        if context.invoked_subcommand is None:
            alone(**given)

    signature = inspect.signature(alone)
    keyword = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("context", keyword, annotation=typer.Context)
    parameters = [context, *signature.parameters.values()]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    vars(run)["__signature__"] = signature.replace(parameters=parameters)
    below.callback(help=inspect.getdoc(group))(run)
    for member in members:
        below.command()(expanded(member))
    return below


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

    Its annotations are looked up among the names of `autospan.options`.
    """
    hints = get_type_hints(command, vars(options), include_extras=True)
    bundles: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for name, kind in bundles.items():
            given[name] = kind(**{each.name: given.pop(each.name) for each in fields(kind)})
        try:
            command(**given)
        except KeyboardInterrupt:  # some releases of typer would exit with 1
            note("autospan: interrupted")
            sys.exit(130)

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
            yield parameter.replace(kind=keyword, annotation=_flag(hints[name]))
            continue
        hinted = get_type_hints(bundles[name], include_extras=True)
        for each in fields(bundles[name]):
            yield inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=_default(each),
                annotation=_flag(hinted[each.name]),
            )


def _flag(annotation: Any) -> Any:
    """The annotation of an option; a flag takes no value, and so its help names no type."""
    kind, *details = get_args(annotation) or (annotation,)
    if kind in (bool, bool | None):
        for each in details:
            if isinstance(each, OptionInfo):
                each.metavar = ""
    return annotation


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default
