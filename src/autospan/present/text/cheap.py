"""CHEAP: the ranked functions, each one decorator away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._candidates import Candidates, attributes, reasons
from autospan.present._page import counted, heading, indent, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Candidate, Edit

_INDENT = 12
_NARROW, _NARROW_INDENT = 60, 4


def cheap(view: View, width: int) -> Iterator[RenderableType]:
    """The functions that `apply` would give a span, best first, with reasons and attributes."""
    edits = view.plan.edits
    able = len(view.analysis.candidates)
    traced = sum(skip.code == "traced" for skip in view.plan.skips)
    if not edits:
        words = f"the best {traced} are traced already" if traced else "nothing to add"
        yield heading("CHEAP", words)
        return
    which = "fewest that cover the I/O:" if "--coverage" in view.options else "best"
    best = f"the {which} {len(edits)} of {counted(able, 'function')}, one decorator each"
    yield heading("CHEAP", best + (f"; {traced} better ones are traced" if traced else ""))
    known = Candidates(view.analysis)
    for number, edit in enumerate(edits, 1):
        yield text("") if view.verbose else text()
        yield from _function(edit, (number, known.of(edit)), view, width)


def names_only(view: View) -> str:
    """Rank, score, name and place of each function, one a line, for pipes."""
    known = Candidates(view.analysis)
    lines = []
    for edit in view.plan.edits:
        candidate = known.of(edit)
        name = edit.function.replace(":", ".")
        lines.append(f"{candidate.rank}\t{candidate.score:.4f}\t{name}\t{edit.path}:{edit.line}\n")
    return "".join(lines)


def _function(
    edit: Edit, numbered: tuple[int, Candidate], view: View, width: int
) -> Iterator[RenderableType]:
    number, candidate = numbered
    at = _INDENT if width >= _NARROW else _NARROW_INDENT
    yield from _headline(edit, number, candidate.score, width, at)
    if view.verbose:
        for reason in candidate.reasons:
            yield indent(text((f"{reason.weight:+.3f} ", "dim"), reason.words), at)
    else:
        yield indent(reasons(candidate), at)
    taken = attributes(edit)
    if taken.plain:
        yield indent(taken, at)


def _headline(
    edit: Edit, number: int, score: float, width: int, at: int
) -> Iterator[RenderableType]:
    """Number, score, name and place: the place at the right or, like a long name, below."""
    name, place = edit.function.replace(":", "."), f"{edit.path}:{edit.line}"
    kind = "" if edit.kind == "sync" else f" ({edit.kind})"
    head = text((f"{number:>4}", "cyan"), (f"  {score:.2f}  ", "green"))
    named = text((name, "bold"), (kind, "dim"))
    room = width - head.cell_len - named.cell_len - len(place)
    if room >= 2:
        yield text(head, named, " " * room, (place, "dim"))
        return
    fits = head.cell_len + named.cell_len <= width
    yield text(head, named) if fits else head
    if not fits:
        yield indent(named, at)
    yield indent(text((place, "dim")), at)
