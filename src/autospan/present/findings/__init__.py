"""What `check` found, one file a format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autospan.catalog import presenter

if TYPE_CHECKING:
    from autospan.model import Report


def present(report: Report, style: str, width: int, colors: bool = False) -> str | bytes:
    """The report in a format, which is the name of a module here."""
    shown: str | bytes = presenter(f"findings.{style}").present(report, width, colors)
    return shown
