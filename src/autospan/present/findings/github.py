"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autospan.rules import known

if TYPE_CHECKING:
    from autospan.model import Report


def present(report: Report, width: int = 0, colors: bool = False) -> str:
    """A line `::error file=…,line=…,col=…,title=…::message` for each finding."""
    names = {each.code: each.name for each in known()}
    return "".join(
        f"::error file={_property(each.place.file)},line={each.place.line},"
        f"col={max(each.place.column, 1)},title={_property(f'{each.rule} {names[each.rule]}')}"
        f"::{_data(f'{each.words}{chr(10)}{each.fix}')}\n"
        for each in report.findings
    )


def _data(text: str) -> str:
    """Text as the runner unescapes it behind `::`."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Text as the runner unescapes it in the value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
