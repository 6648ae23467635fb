"""The ranking of a function, signal by signal, and what is planned for it, with the diff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._code import changed
from autospan.present._page import Span, counted, heading, indent, rows, text
from autospan.present.explain.subject import Subject
from autospan.signals import DISCOUNTS, SIGNALS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Capture, Edit, Reason

_WEIGHTS = {each.name: each.weight for each in (*SIGNALS, *DISCOUNTS)}
_FORMS = {
    "decorator": "a decorator, one line above `def`",
    "block": "a `with` in the body, which adds no frame",
}


def score(subject: Subject) -> Iterator[RenderableType]:
    """Every signal with its share, which is its value times its weight (a discount's: of what is
    left); the shares add up to the score."""
    candidate, total = subject.candidate, len(subject.analysis.candidates)
    if candidate is None:
        why = (
            "a module body runs once, at import" if _is_module(subject) else "a lambda has no name"
        )
        yield heading("RANK", f"never ranked: {why}; only `def`s can carry a span")
        return
    yield heading("RANK", f"{candidate.rank:,} of {counted(total, 'function')}")
    table: list[list[Span]] = [
        [
            (f"{reason.weight:+.4f}", "green" if reason.weight > 0 else "red"),
            (_product(reason), "dim"),
            reason.signal,
            reason.words,
        ]
        for reason in candidate.reasons
    ]
    table.append([(f"{candidate.score:.4f}", "bold"), "", ("score", "bold"), ("", "")])
    yield rows(table, right=(0,))


def _product(reason: Reason) -> str:
    """What a share is made of: value and weight, for a discount that of what is left."""
    weight = _WEIGHTS.get(reason.signal)
    if weight is None:
        return ""
    return f"{reason.value:.2f} x {weight:.3f}" + (" of the rest" if reason.weight < 0 else "")


def _is_module(subject: Subject) -> bool:
    return subject.function.kind == "module"


def plan(subject: Subject) -> Iterator[RenderableType]:
    """What would be inserted, or why nothing is."""
    for edit in subject.plan.edits:
        yield heading("PLAN", _FORMS[edit.form])
        yield from _edit(edit)
    for skip in subject.plan.skips:
        yield heading("PLAN", "no span")
        yield indent(text((skip.code, "yellow"), f"  {skip.why}"), 2)
    if _is_module(subject):
        yield heading("PLAN", "no span")
        yield indent(text("move what is worth a span into a function, and trace that"), 2)
    for problem in subject.problems:
        yield indent(text((str(problem.place), "red"), f"  {problem.message}"), 2)
    if subject.patches:
        yield heading("DIFF")
        yield from changed(subject.patches, _encoding(subject))


def _edit(edit: Edit) -> Iterator[RenderableType]:
    facts: list[list[Span]] = [
        [("span", "dim"), (edit.name, "bold")],
        [("helper", "dim"), edit.helper or "none: the API as it is"],
    ]
    if edit.against:
        facts.insert(0, [("why", "dim"), edit.against])
    yield rows(facts)
    if edit.captures:
        yield rows([_capture(each) for each in edit.captures])


def _capture(capture: Capture) -> list[Span]:
    verdict, _, why = capture.why.partition(": ")
    style = {"captured": "green", "withheld": "yellow"}.get(verdict, "dim")
    key = f"as {capture.key}" if capture.captured and capture.key != capture.parameter else ""
    return [capture.parameter, (verdict, style), (" ".join(filter(None, (why, key))), "dim")]


def _encoding(subject: Subject) -> str:
    path = subject.function.place.file
    found = (each.encoding for each in subject.analysis.tree.sources if each.path == path)
    return next(found, "utf-8")
