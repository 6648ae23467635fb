"""FREE: spans that a package gives, without a change to the code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import bullet, counted, heading, indent, literal, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from autospan.model import Agent, Free

_PREFIX = "opentelemetry-instrumentation-"
_BASE = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")


def free(view: View, width: int) -> Iterator[RenderableType]:
    """The instrumentation packages for the libraries that this code uses, and how to get them."""
    yield from _agents(view.analysis.survey.agents)
    found = sorted(view.analysis.survey.free, key=lambda each: (each.wired, -len(each.places)))
    if not found:
        yield heading("FREE", "no library used here has an instrumentation package that is known")
        return
    wired = sum(each.wired for each in found)
    state = f"{wired} wired already" if wired else "none wired yet"
    yield heading("FREE", f"{counted(len(found), 'package')} to install, no code; {state}")
    at = max(len(_label(each)) for each in found) + 3
    for each in found:
        yield bullet((_label(each), "cyan"), _gives(each), at)
    missing = [
        each for each in found if not (each.wired or each.required) and each.fits is not False
    ]
    if missing:
        yield from _install(tuple(each.package for each in missing), width)


def _agents(agents: tuple[Agent, ...]) -> Iterator[RenderableType]:
    """Other tracers: their spans and OpenTelemetry's are of different traces."""
    first = {each.api: each.place for each in reversed(agents)}
    for api, place in sorted(first.items()):
        words = f"{api} is started already ({place}): its spans do not join those of packages below"
        yield text((words, "yellow"))


def _label(each: Free) -> str:
    return each.package.removeprefix(_PREFIX)


def _gives(each: Free) -> Text:
    words = text(each.gives)
    if each.places:
        words.append_text(text((f" · {counted(len(each.places), 'place')}", "dim")))
    if each.version:
        words.append_text(text((f" · {each.version}", "dim")))
    if each.wired or each.required:
        words.append_text(text(("  wired" if each.wired else "  required, not wired", "green")))
    if each.fits is False:
        words.append_text(text((f"\n{_misfit(each)}", "yellow")))
    if each.lacks:
        words.append_text(text((f"\nbut {each.lacks}", "dim")))
    return words


def _misfit(each: Free) -> str:
    where = f" ({each.declared})" if each.declared else ""
    return f"does not support {each.version}{where}: it needs {each.requirement}"


def _install(packages: tuple[str, ...], width: int) -> Iterator[RenderableType]:
    yield text("")
    command = textwrap.wrap(
        " ".join(("pip install", *_BASE, *packages)),
        width - 6,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in command[:-1]:
        yield literal(f"  {line} \\", "cyan")
    yield literal(f"  {command[-1]}", "cyan")
    yield indent(text(("autospan init", "cyan"), ("  writes what starts them", "dim")), 2)
