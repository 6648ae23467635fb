"""Around the report: the summary above it, the problems and the next steps below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import commands, counted, heading, indent, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

_PROBLEMS = 8


def summary(view: View) -> Iterator[RenderableType]:
    """What was read, in how long, and what was found in it."""
    analysis = view.analysis
    survey = analysis.survey
    own = sum(function.kind != "module" for function in analysis.graph.functions)
    read = ", ".join(
        (
            counted(len(analysis.facts), "file"),
            counted(analysis.lines, "line"),
            counted(own, "function"),
        )
    )
    if not analysis.facts:
        yield text(f"No Python files found in {view.path}.")
        yield text("Tests, vendored and ignored files are left out; --include reads them.")
        return
    yield text((read, "bold"), f" read in {view.seconds:.1f} s, none of them run.")
    found = ", ".join(
        (
            counted(len(survey.entries), "entry point"),
            counted(len(survey.effects), "I/O call"),
            counted(len(survey.traced), "function") + " traced already",
        )
    )
    reasons = (reason.signal for each in analysis.candidates for reason in each.reasons)
    learned = "; the ranking learned from these" if "team" in reasons else ""
    yield text((f"Found {found}{learned}.", "dim"))


def problems(view: View) -> Iterator[RenderableType]:
    """What could not be read or planned, each with the way out."""
    found = (*view.analysis.problems, *view.problems)
    if not found:
        return
    yield heading("PROBLEMS", "the rest of the report does not know what is in these places")
    shown = found if view.verbose else found[:_PROBLEMS]
    for problem in shown:
        yield indent(text((str(problem.place), "red"), f"  {problem.message}"), 2)
        if problem.hint:
            yield indent(text((problem.hint, "dim")), 4)
    if len(found) > len(shown):
        yield indent(text((f"… and {len(found) - len(shown)} more: --verbose", "dim")), 2)


def following(view: View) -> Iterator[RenderableType]:
    """The exact commands that come next."""
    yield heading("NEXT")
    edits = view.plan.edits
    lines = []
    if edits:
        first = edits[0].function.replace(":", ".")
        these = counted(len(edits), "span")
        explain = view.command("explain").replace("explain", f"explain {first}", 1)
        lines = [
            (explain, "why this one"),
            (view.command("diff", *view.options), f"the change of {these}, as a diff"),
            (
                view.command("apply", *view.options),
                "write them; `autospan remove` takes them out again",
            ),
        ]
    else:
        more = str(max(30, 2 * len(view.plan.skips)))
        lines = [(view.command("suggest", "--top", more), "the next functions")]
    page = view.command("suggest", "--format", "html", "--output", "report.html")
    lines.append((page, "the same as a page"))
    lines.append((view.command("suggest", "--format", "json"), "all functions, for machines"))
    yield from commands(lines)
