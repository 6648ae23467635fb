"""A change as CodeTF, the JSON in which codemods tell what they did: `docs/changes.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autospan import __version__
from autospan.present import diff
from autospan.present._candidates import Candidates, reasons
from autospan.present._page import counted

if TYPE_CHECKING:
    from autospan.model import Edit, Patch, Problem
    from autospan.pipeline import Analysis

_HELPER = "the tracing helper that the other files import; one file, yours to keep"


def present(
    analysis: Analysis,
    patches: Sequence[Patch],
    problems: Sequence[Problem],
    folder: str,
    milliseconds: int,
) -> bytes:
    """One object in UTF-8: one result, one change set a file, one change a span."""
    spans = sum(len(patch.edits) for patch in patches)
    candidates = Candidates(analysis)
    result = {
        "codemod": "autospan:python/add-span",
        "summary": f"Trace {counted(spans, 'function')}",
        "description": "Each function gets an OpenTelemetry span: one line at the function, one "
        "import in its file. Nothing else changes; `autospan remove` takes all of it out again.",
        "references": [{"url": "https://opentelemetry.io/docs/languages/python/"}],
        "failedFiles": sorted({each.place.file for each in problems}),
        "changeset": [_file(patch, candidates) for patch in patches],
    }
    run = {
        "vendor": "autospan",
        "tool": "autospan",
        "version": __version__,
        "commandLine": f"autospan diff {folder}",
        "elapsed": milliseconds,
        "directory": folder,
    }
    shown = json.dumps({"run": run, "results": [result]}, indent=1, ensure_ascii=False)
    return f"{shown}\n".encode("utf-8", "backslashreplace")


def _file(patch: Patch, candidates: Candidates) -> dict[str, Any]:
    changes = [_change(edit, line, candidates) for edit, line in placed(patch)]
    helper = {"lineNumber": 1, "description": _HELPER, "diffSide": "right"}
    return {
        "path": patch.path,
        "diff": diff.present((patch,)).decode("utf-8", "backslashreplace"),
        "changes": changes or [helper],
        "strategy": "deterministic",
    }


def _change(edit: Edit, line: int, candidates: Candidates) -> dict[str, Any]:
    candidate = candidates.of(edit)
    return {
        "lineNumber": line,
        "description": reasons(candidate).plain,
        "diffSide": "right",
        "properties": {
            "qualname": edit.function.replace(":", "."),
            "span": edit.name,
            "form": edit.form,
            "attributes": [each.key for each in edit.captures if each.captured],
            "withheld": [
                each.parameter for each in edit.captures if each.why.startswith("withheld")
            ],
            "rank": candidate.rank,
            "score": candidate.score,
        },
    }


def placed(patch: Patch) -> Iterator[tuple[Edit, int]]:
    """The edits of a patch with the lines of the new file that open their spans."""
    added = [*_added(patch)]
    for edit in patch.edits:
        sign = b"@" if edit.form == "decorator" else b"with "
        lines = [
            line
            for line, text, before in added
            if text.lstrip().startswith(sign)
            and (before == edit.line if edit.form == "decorator" else before > edit.line)
        ]
        yield edit, min(lines, default=edit.line)


def _added(patch: Patch) -> Iterator[tuple[int, bytes, int]]:
    """Lines that only the new file has: number, text, and the old line that they stand above."""
    old, at = (patch.before or b"").splitlines(), 0
    for number, text in enumerate((patch.after or b"").splitlines(), 1):
        if at < len(old) and text == old[at]:
            at += 1
        else:
            yield number, text, at + 1
