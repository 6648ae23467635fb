"""The options that stand for settings: each overrides a key of `[tool.autospan]`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

_SETTINGS = "Settings, each also a key of \\[tool.autospan] in pyproject.toml"


class Style(str, Enum):
    """How spans are written: with the project's helper, or as OpenTelemetry API lines only."""

    helper = "helper"
    native = "native"


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
    budget: Annotated[
        int | None,
        _setting("Internal spans that one trace may have, loops as three rounds; 0: any.", min=0),
    ] = None
    span_name: Annotated[
        str | None,
        _setting(
            "What spans are called, of {module} {short} {package} {class} {qualname} {function}. "
            "Default: {module}.{qualname}.",
            metavar="TEMPLATE",
        ),
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
    evidence: Annotated[
        list[Path] | None,
        _setting(
            "What the running program showed: a cProfile, speedscope, coverage.py or OTLP file; "
            "repeatable.",
            metavar="FILE",
        ),
    ] = None
    link_budget: Annotated[
        int | None,
        _setting("Million steps of following calls, then report what is known; 0: by size.", min=0),
    ] = None

    learn: Annotated[
        bool | None, _setting("Whether what is traced already changes the ranking.")
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
            "budget": self.budget,
            "span_name": self.span_name,
            "namespace": self.namespace,
            "capture": self.capture,
            "secrets": self.secret or None,
            "traced_by": self.traced_by or None,
            "packs": [str(each) for each in self.pack or ()] or None,
            "evidence": [str(each) for each in self.evidence or ()] or None,
            "link_budget": self.link_budget,
            "learn": self.learn,
        }
