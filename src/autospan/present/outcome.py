"""What `apply` and `remove` did, what they left alone and why, and what to run next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from autospan.present._page import (
    Span,
    bullet,
    commands,
    counted,
    heading,
    indent,
    render,
    rows,
    text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.interview import Verdicts
    from autospan.model import Patch, Plan, Problem, Skip

_NAMED = 4
_WORDS = {
    "traced": "traced already",
    "free": "auto-instrumentation opens their span",
    "trivial": "nothing to measure",
    "special": "called implicitly: too often, or too early, for a span",
    "stub": "abstract or overloaded",
    "typing": "only for type checkers",
    "native": "generators whose body has no room for a block",
    "frames": "they look at frames, and would see the wrapper",
    "endless": "endless: their span would never end",
    "unsafe": "a span could do harm",
    "ignored": "marked with `# autospan: ignore`",
    "declined": "declined in the review",
    "lambda": "a lambda has no line for a decorator",
}
_LOOSE = (
    ": nothing shows that a script would find a module beside it (nobody imports it, it has no main"
    " guard), so OpenTelemetry's API is used as it is; `helper` or `roots` in the configuration"
    " says otherwise."
)


class Outcome(NamedTuple):
    """What was planned and written below `path` (as the user wrote it); whether git is there; and
    what was said where somebody was asked."""

    plan: Plan
    patches: Sequence[Patch]
    problems: Sequence[Problem]
    path: str
    git: bool
    verdicts: Verdicts | None = None


def present(outcome: Outcome, width: int, colors: bool = False) -> str:
    """The report after `apply`."""
    return render(_applied(outcome), width, colors)


class Removal(NamedTuple):
    """What was taken out; `hot`: only spans that are hot and tiny were to be."""

    patches: Sequence[Patch]
    problems: Sequence[Problem]
    hot: bool = False


def present_removal(removal: Removal, width: int, colors: bool = False) -> str:
    """The report after `remove`."""
    return render(_removed(removal), width, colors)


def _applied(outcome: Outcome) -> Iterator[RenderableType]:
    edited = [patch for patch in outcome.patches if patch.edits]
    helpers = [patch for patch in outcome.patches if not patch.edits]
    spans = sum(len(patch.edits) for patch in edited)
    if not outcome.patches and outcome.verdicts:
        yield text(("Wrote nothing", "bold"), ".")
    elif not outcome.patches:
        yield text(("Nothing to do", "bold"), ": every function chosen has a span, or none fits.")
    elif edited:
        done = f"Wrote {counted(spans, 'span')} in {counted(len(edited), 'file')}"
        yield text((done, "bold green"), ".")
    else:
        yield text(("Wrote no span", "bold"), ": every function chosen has one, or none fits.")
    lines: list[Sequence[Span]] = [(patch.path, _names(patch)) for patch in edited]
    for helper in helpers:
        state = "new" if helper.before is None else "brought up to date"
        lines.append((helper.path, (f"the helper, {state}; yours to keep", "dim")))
    if lines:
        yield rows(lines)
    if loose := [patch.path for patch in edited if patch.path in outcome.plan.loose]:
        yield text((f"{counted(len(loose), 'file')} without the helper", "bold"), _LOOSE)
    yield from _said(outcome.verdicts)
    yield from _skipped(outcome.plan.skips)
    yield from _troubles(outcome.problems)
    if outcome.patches:
        yield heading("NEXT")
        yield from commands(_next(outcome))


def _said(verdicts: Verdicts | None) -> Iterator[RenderableType]:
    """What was not agreed to."""
    if verdicts and verdicts.declined:
        number = counted(len(verdicts.declined), "function")
        yield text((f"Declined {number}", "bold"), ": remembered in the baseline.")
    if verdicts and verdicts.undecided:
        number = counted(len(verdicts.undecided), "function")
        yield text((f"Left {number} undecided", "bold"), ": the same command asks again.")


def _names(patch: Patch) -> str:
    return ", ".join(edit.function.partition(":")[2] for edit in patch.edits)


def _skipped(skips: Sequence[Skip]) -> Iterator[RenderableType]:
    if not skips:
        return
    groups: dict[str, list[Skip]] = {}
    for skip in skips:
        groups.setdefault(skip.code, []).append(skip)
    yield heading("LEFT ALONE", counted(len(skips), "function"))
    for code, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        named = ", ".join(skip.function.partition(":")[2] for skip in members[:_NAMED])
        more = ", …" if len(members) > _NAMED else ""
        words = text(_WORDS.get(code, code), (f": {named}{more}", "dim"))
        yield bullet(f"{len(members):>4}", words, 6, indentation=0)


def _troubles(problems: Sequence[Problem]) -> Iterator[RenderableType]:
    if problems:
        yield heading("PROBLEMS")
    for problem in problems:
        yield indent(text((str(problem.place), "red"), f"  {problem.message}"), 2)
        if problem.hint:
            yield indent(text((problem.hint, "dim")), 4)


def _next(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if any(patch.edits for patch in outcome.patches):
        yield "pip install opentelemetry-api", "the only thing the new lines import"
    yield "python -m pytest", "or however the tests are run"
    if outcome.git:
        yield "git diff", "read every line before it is merged"
    path = [] if outcome.path == "." else [outcome.path]
    yield shlex.join(["autospan", "remove", *path]), "takes all of it out again, to the byte"


def _removed(removal: Removal) -> Iterator[RenderableType]:
    deleted = [patch for patch in removal.patches if patch.after is None]
    restored = [patch for patch in removal.patches if patch.after is not None]
    if not removal.patches:
        why = "no span of autospan is hot and tiny" if removal.hot else ""
        yield text(("Nothing to do", "bold"), f": {why or 'no span here was written by autospan'}.")
    elif removal.hot:
        spans = counted(sum(len(patch.edits) for patch in restored), "hot and tiny span")
        yield text((f"Took {spans} out of {counted(len(restored), 'file')}", "bold green"), ".")
    else:
        done = f"Took the spans out of {counted(len(restored), 'file')}"
        yield text((done, "bold green"), ".")
    for patch in restored:
        yield indent(text(patch.path, (f"  {_names(patch)}", "dim")), 2)
    for patch in deleted:
        yield indent(text(patch.path, ("  deleted: nothing imports it any more", "dim")), 2)
    yield from _troubles(removal.problems)
