"""A change in words, for the description of its pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autospan.present._candidates import Candidates, attributes, reasons
from autospan.present._markdown import code, plain
from autospan.present._page import counted

if TYPE_CHECKING:
    from autospan.model import Outlook, Patch, Problem
    from autospan.pipeline import Analysis


def present(
    analysis: Analysis,
    patches: Sequence[Patch],
    outlook: Outlook,
    problems: Sequence[Problem] = (),
) -> str:
    """GitHub's and GitLab's Markdown: the functions, best first, each with its reasons, and what is
    seen of entry points and I/O without and with them."""
    return "\n".join(_lines(analysis, patches, outlook, problems)) + "\n"


def _lines(
    analysis: Analysis, patches: Sequence[Patch], outlook: Outlook, problems: Sequence[Problem]
) -> Iterator[str]:
    candidates = Candidates(analysis)
    edits = [edit for patch in patches for edit in patch.edits]
    edits.sort(key=lambda each: candidates.of(each).rank)
    if not edits:
        yield "Nothing to trace."
        return
    files = len({each.path for each in edits})
    yield f"### Trace {counted(len(edits), 'function')} in {counted(files, 'file')}\n"
    yield "Each gets an OpenTelemetry span: one line at the function, one import in its file."
    yield "No other line changes, and `autospan remove` takes all of it out again.\n"
    yield "| function | why | attributes |"
    yield "|---|---|---|"
    for each in edits:
        where = f"{code(each.function.replace(':', '.'))}<br>{each.path}:{each.line}"
        why = plain(reasons(candidates.of(each)).plain)
        yield f"| {where} | {why} | {plain(attributes(each).plain)} |"
    yield from _coverage(outlook)
    new = [patch.path for patch in patches if patch.before is None]
    if new:
        yield f"\nNew: {', '.join(map(code, new))}, the helper that the other files import."
    if problems:
        yield "\nNot done:\n"
        yield from (f"- {code(str(each.place))} {plain(each.message)}" for each in problems)


def _coverage(outlook: Outlook) -> Iterator[str]:
    before, after = outlook.before, outlook.after
    rows = [
        ("entry points with a root span", before.rooted, after.rooted, after.entries),
        ("I/O calls under a span", before.covered, after.covered, after.effects),
        ("I/O calls under a function's span", before.named, after.named, after.effects),
    ]
    if after.entries:
        yield "\n| coverage, with all free packages | before | after | of |\n|---|---|---|---|"
        yield from (f"| {what} | {now} | {then} | {whole} |" for what, now, then, whole in rows)
