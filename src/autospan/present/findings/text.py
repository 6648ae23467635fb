"""Findings for people: one a line as compilers print them, then what to do."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import commands, counted, heading, render, rows, text
from autospan.rules import known

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from autospan.model import Finding, Report

_NAMED = 3


def present(report: Report, width: int, colors: bool = False) -> str:
    """Findings at their places, in lines that are not wrapped, then the ways out."""
    lines = [line for each in report.findings for line in _finding(each)]
    listed = "".join(render([line], max(width, line.cell_len + 1), colors) for line in lines)
    return listed + render(_rest(report), width, colors)


def _finding(each: Finding) -> Iterator[Text]:
    place = f"{each.place.file}:{each.place.line}:{max(each.place.column, 1)}"
    yield text((place, "bold"), ": ", (each.rule, "red"), f" {each.words}")
    if not each.fix.startswith("autospan "):
        yield text(("  help: ", "dim"), each.fix)


def _rest(report: Report) -> Iterator[RenderableType]:
    counts = Counter(each.rule for each in report.findings)
    if counts:
        yield heading("FOUND", counted(len(report.findings), "finding"))
        found = [each for each in known() if each.code in counts]
        yield rows(
            [(each.code, str(counts[each.code]), each.summary) for each in found], right=(1,)
        )
    for line in _done(report):
        yield text(line)
    if counts:
        yield heading("NEXT")
        yield from commands(_ways_out(report, counts))


def _done(report: Report) -> Iterator[str]:
    """What was written, or that all is well."""
    if report.fixed:
        yield f"Traced {counted(len(report.fixed), 'function')}: {_names(report)}."
    yield from (f"{path} is new: add it too." for path in report.created)
    if report.added or report.dropped:
        told = [(report.added, "added"), (report.dropped, "taken out")]
        words = ", ".join(f"{counted(n, 'entry', 'entries')} {what}" for n, what in told if n)
        yield f"{report.baseline}: {words}."
    accepted = f", {report.accepted:,} accepted" if report.accepted else ""
    if not report.findings:
        read = counted(report.files, "file")
        yield f"Nothing {'else ' if report.fixed else ''}found in {read}{accepted}."
    elif accepted:
        yield f"{report.accepted:,} more accepted."


def _names(report: Report) -> str:
    names = [each.qualified for each in report.fixed]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _ways_out(report: Report, counts: Counter[str]) -> Iterator[tuple[str, str]]:
    root = [] if report.root == "." else [report.root]
    if counts["AS001"] or counts["AS005"]:
        repairs = [
            *[f"write {counted(counts['AS001'], 'span')}"] * bool(counts["AS001"]),
            *["prune the baseline"] * bool(counts["AS005"]),
        ]
        yield shlex.join(["autospan", "check", *root, "--fix"]), " and ".join(repairs)
    rule = min(counts)
    yield shlex.join(["autospan", "check", *root, "--update-baseline"]), "accept all that is there"
    yield f"# autospan: ignore[{rule}: why]", "in the line, or on the `def`: accept this one"
    yield f"autospan explain {rule}", "what the rule means, and examples"
