"""Findings for the comment on a pull request, or the summary of a CI job."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import counted
from autospan.rules import known

if TYPE_CHECKING:
    from autospan.model import Finding, Report

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~@])")


def present(report: Report, width: int = 0, colors: bool = False) -> str:
    """GitHub's and GitLab's Markdown: a table for each rule, and its way out."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    accepted = f", {report.accepted:,} accepted by the baseline" if report.accepted else ""
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
        yield from (f"- {_code(each.qualified)}" for each in report.fixed)
    if report.findings:
        yield "\nTo accept one, write why in its line: `# autospan: ignore[RULE: why]`."


def _row(each: Finding) -> str:
    command = each.fix.startswith("autospan ")
    fix = _code(each.fix) if command else _plain(each.fix)
    return f"| {_code(f'{each.place.file}:{each.place.line}')} | {_plain(each.words)} | {fix} |"


def _code(text: str) -> str:
    """Text in a fixed width, in a cell of a table: HTML, for there a backtick may stand in it."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"


def _plain(text: str) -> str:
    """Text in which nothing is Markdown, but for pairs of backticks, which stay."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return _ACTIVE.sub(r"\\\1", "`".join(parts))
    return "".join(
        _code(part) if number % 2 else _ACTIVE.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    )
