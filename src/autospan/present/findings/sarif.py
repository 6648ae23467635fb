"""Findings as SARIF 2.1.0, which code scanning services take (OASIS, errata 01)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from autospan import __version__
from autospan.present.findings._identity import fingerprinted
from autospan.rules import Rule, known

if TYPE_CHECKING:
    from autospan.model import Finding, Place, Problem, Report

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_HOME = "https://github.com/autospan/autospan"


def present(report: Report, width: int = 0, colors: bool = False) -> bytes:
    """One run: the rules, the findings, and what could not be read as notifications of the tool."""
    rules = known()
    run = {
        "tool": {
            "driver": {
                "name": "autospan",
                "semanticVersion": __version__,
                "informationUri": _HOME,
                "rules": [_rule(each) for each in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(each) for each in report.problems],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(*each, rules) for each in fingerprinted(report.findings)],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    shown = json.dumps(document, indent=1, ensure_ascii=False)
    return f"{shown}\n".encode("utf-8", "backslashreplace")


def _rule(rule: Rule) -> dict[str, Any]:
    words = "".join(word.capitalize() for word in rule.name.split("-"))
    return {
        "id": rule.code,
        "name": words,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.page.split("\n\n")[1].replace("\n", " ")},
        "help": {"text": rule.page, "markdown": rule.page},
        "helpUri": f"{_HOME}/blob/main/docs/rules/{rule.code}.md",
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding, fingerprint: str, rules: tuple[Rule, ...]) -> dict[str, Any]:
    where: dict[str, Any] = {"physicalLocation": _physical(finding.place)}
    if finding.qualified:
        where["logicalLocations"] = [{"fullyQualifiedName": finding.qualified, "kind": "function"}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": [each.code for each in rules].index(finding.rule),
        "level": "error",
        "message": {"text": f"{finding.words}. Way out: {finding.fix}"},
        "locations": [where],
        "partialFingerprints": {"autospanFinding/v1": fingerprint},
    }


def _notification(problem: Problem) -> dict[str, Any]:
    hint = f" ({problem.hint})" if problem.hint else ""
    return {
        "level": "warning",
        "message": {"text": f"{problem.message}{hint}"},
        "locations": [{"physicalLocation": _physical(problem.place)}],
    }


def _physical(place: Place) -> dict[str, Any]:
    """A place in a file below the folder of the checkout; a whole file has no region."""
    uri = quote(place.file, safe="/", errors="surrogateescape")
    found: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if place.line:
        found["region"] = {"startLine": place.line}
        if place.column:
            found["region"]["startColumn"] = place.column
    return found
