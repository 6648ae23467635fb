"""CHEAP: the ranked functions, each one decorator away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from autospan.present._candidates import Candidates, attributes, reasons
from autospan.present._page import counted, heading, indent, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Candidate, Edit

_INDENT = 12


def cheap(view: View, width: int) -> Iterator[RenderableType]:
    """The functions that `apply` would give a span, best first, with reasons and attributes."""
    edits = view.plan.edits
    able = len(view.analysis.candidates)
    traced = sum(skip.code == "traced" for skip in view.plan.skips)
    if not edits:
        words = f"the best {traced} are traced already" if traced else "nothing to add"
        yield heading("CHEAP", words)
        return
    best = f"the best {len(edits)} of {counted(able, 'function')}, one decorator each"
    yield heading("CHEAP", best + (f"; {traced} better ones are traced" if traced else ""))
    known = Candidates(view.analysis)
    for edit in edits:
        candidate = known.of(edit)
        yield text("") if view.verbose else text()
        yield from _function(edit, candidate, view, width)


def names_only(view: View) -> str:
    """Rank, score, name and place of each function, one a line, for pipes."""
    known = Candidates(view.analysis)
    lines = []
    for edit in view.plan.edits:
        candidate = known.of(edit)
        name = edit.function.replace(":", ".")
        lines.append(f"{candidate.rank}\t{candidate.score:.4f}\t{name}\t{edit.path}:{edit.line}\n")
    return "".join(lines)


def _function(edit: Edit, candidate: Candidate, view: View, width: int) -> Iterator[RenderableType]:
    yield _headline(edit, candidate, width)
    if view.verbose:
        for reason in candidate.reasons:
            yield indent(text((f"{reason.weight:+.3f} ", "dim"), reason.words), _INDENT)
    else:
        yield indent(reasons(candidate), _INDENT)
    taken = attributes(edit)
    if taken.plain:
        yield indent(taken, _INDENT)


def _headline(edit: Edit, candidate: Candidate, width: int) -> Text:
    """Rank, score, name and, at the right or in a line of its own, the place."""
    name, place = edit.function.replace(":", "."), f"{edit.path}:{edit.line}"
    kind = "" if edit.kind == "sync" else f" ({edit.kind})"
    head = text(
        (f"{candidate.rank:>4}", "cyan"),
        (f"  {candidate.score:.2f}  ", "green"),
        (name, "bold"),
        (kind, "dim"),
    )
    room = width - head.cell_len - len(place)
    gap = " " * room if room >= 2 else "\n" + " " * _INDENT
    return text(head, gap, (place, "dim"))
