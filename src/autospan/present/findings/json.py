"""Findings for machines, version 1: `docs/check.schema.json`, explained in `docs/check.md`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from autospan import __version__
from autospan.present.findings._identity import fingerprinted
from autospan.rules import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autospan.model import Finding, Report

VERSION = 1


def present(report: Report, width: int = 0, colors: bool = False) -> bytes:
    """One object in UTF-8; the same code gives the same bytes."""
    document = {
        "version": VERSION,
        "findings": _findings(report.findings),
        "fixed": _findings(report.fixed),
        "problems": [
            {"file": p.place.file, "line": p.place.line, "message": p.message, "hint": p.hint}
            for p in report.problems
        ],
        "summary": {
            "autospan": __version__,
            "files": report.files,
            "findings": len(report.findings),
            "fixed": len(report.fixed),
            "accepted": report.accepted,
            "added": report.added,
            "dropped": report.dropped,
        },
    }
    shown = json.dumps(document, indent=1, ensure_ascii=False)
    return f"{shown}\n".encode("utf-8", "backslashreplace")


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    names = {each.code: each.name for each in known()}
    return [
        {
            "rule": each.rule,
            "name": names[each.rule],
            "file": each.place.file,
            "line": each.place.line,
            "column": max(each.place.column, 1),
            "qualname": each.qualified,
            "message": each.words,
            "fix": each.fix,
            "fingerprint": fingerprint,
        }
        for each, fingerprint in fingerprinted(findings)
    ]
