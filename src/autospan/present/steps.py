"""What `init` writes, and what it leaves to do by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import bullet, commands, counted, heading, indent, render, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.wire import Step, Wiring


def present(wiring: Wiring, written: bool, width: int, colors: bool = False) -> str:
    """The report of `init`, for the error stream: the diff is the output."""
    return render(_parts(wiring, written), width, colors)


def _parts(wiring: Wiring, written: bool) -> Iterator[RenderableType]:
    if not wiring.patches:
        yield text(("Nothing to write", "bold"), ": the wiring is there as it would be written.")
    elif written:
        yield text((f"Wrote {counted(len(wiring.patches), 'file')}", "bold green"), ".")
        for patch in wiring.patches:
            yield indent(text(patch.path), 2)
    if wiring.steps:
        yield heading("BY HAND")
    for number, step in enumerate(wiring.steps, 1):
        yield from _step(number, step)
    yield heading("NEXT")
    environment = "OTEL_SERVICE_NAME=… OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318"
    lines = [(environment, "in the environment of every process")]
    if wiring.patches and not written:
        lines.insert(0, ("autospan init --write", "writes the files"))
    yield from commands(lines)


def _step(number: int, step: Step) -> Iterator[RenderableType]:
    first, *more = step.do.splitlines()
    yield bullet(str(number), text((first if not more else f"in {step.where}:", "bold")), 3)
    for line in step.do.splitlines() if more else ():
        yield indent(text((line, "cyan")), 9)
    place = "" if more else f"in {step.where}: "
    yield indent(text((f"{place}{step.why}", "dim")), 5)
