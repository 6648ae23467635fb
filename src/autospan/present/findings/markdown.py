"""Findings for the comment on a pull request, or the summary of a CI job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._markdown import code, plain
from autospan.present._page import counted
from autospan.rules import known

if TYPE_CHECKING:
    from autospan.model import Finding, Report


def present(report: Report, width: int = 0, colors: bool = False) -> str:
    """GitHub's and GitLab's Markdown: a table for each rule, and its way out."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    accepted = f", {report.accepted:,} accepted" if report.accepted else ""
    found = counted(len(report.findings), "finding") if report.findings else "nothing found"
    yield f"### autospan: {found}{accepted}"
    for rule in known():
        findings = [each for each in report.findings if each.rule == rule.code]
        if findings:
            yield f"\n**{rule.code} {rule.name}**  {rule.summary}\n"
            yield "| where | what | way out |"
            yield "|---|---|---|"
            yield from map(_row, findings)
    if report.fixed:
        yield f"\nTraced {counted(len(report.fixed), 'function')}:\n"
        yield from (f"- {code(each.qualified)}" for each in report.fixed)
    if report.findings:
        yield "\nTo accept one, write why in its line: `# autospan: ignore[RULE: why]`."


def _row(each: Finding) -> str:
    command = each.fix.startswith("autospan ")
    fix = code(each.fix) if command else plain(each.fix)
    return f"| {code(f'{each.place.file}:{each.place.line}')} | {plain(each.words)} | {fix} |"
