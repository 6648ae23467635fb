"""The report as JSON, version 1; `docs/json.md` explains it, `docs/suggest.schema.json` checks it.

The same code gives the same bytes: no times, no absolute paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from autospan import __version__

if TYPE_CHECKING:
    from autospan.model import (
        Candidate,
        Coverage,
        Edit,
        Effort,
        Entry,
        Free,
        Function,
        Outlook,
        Plan,
        Problem,
        Reason,
        Skip,
        Traced,
    )
    from autospan.pipeline import Analysis

VERSION = 1
_Address = tuple[str, str, int]


def present(
    analysis: Analysis,
    whole: Plan,
    chosen: Plan,
    outlook: Outlook,
    problems: tuple[Problem, ...] = (),
) -> bytes:
    """Everything as one JSON document in UTF-8.

    `whole` is the plan for every function, `chosen` the one for those that `apply` would take, and
    `outlook` what traces look like with that.
    """
    report = {
        "version": VERSION,
        "functions": _functions(analysis, whole, chosen),
        "entrypoints": [_entry(each, analysis) for each in analysis.survey.entries],
        "free": [_free(each) for each in analysis.survey.free],
        "agents": [
            {"api": each.api, "file": each.place.file, "line": each.place.line}
            for each in analysis.survey.agents
        ],
        "effort": [_effort(each, analysis) for each in analysis.survey.effort],
        "problems": [_problem(each) for each in (*analysis.problems, *problems)],
        "summary": _summary(analysis, whole, outlook),
    }
    return b"{\n" + b",\n".join(_lines(report)) + b"\n}\n"


def _lines(report: Mapping[str, Any]) -> Iterator[bytes]:
    """One line an element of each list, so that two reports can be compared line by line; the
    standard library indents an order of magnitude slower."""
    for key, value in report.items():
        shown = _encoded(value) if isinstance(value, int | Mapping) else _listed(value)
        yield f" {_encoded(key)}: {shown}".encode("utf-8", "backslashreplace")


class _Row(str):
    """What is encoded already."""

    __slots__ = ()


def _listed(values: Iterable[Any]) -> str:
    rows = [each if isinstance(each, _Row) else _encoded(each) for each in values]
    return "[\n  " + ",\n  ".join(rows) + "\n ]" if rows else "[]"


_encoded = json.JSONEncoder(ensure_ascii=False).encode


def _functions(analysis: Analysis, whole: Plan, chosen: Plan) -> Iterator[_Row]:
    """A row each, encoded when it is made: the objects of all would take much memory."""
    spans = {_address(each): each for each in whole.edits}
    skips = {_address(each): each for each in whole.skips}
    selected = {_address(each) for each in chosen.edits}
    traced = {each.function: each for each in analysis.survey.traced}
    for candidate in analysis.candidates:
        function = analysis.graph.functions[candidate.function]
        address = (function.place.file, function.name, function.ordinal)
        rest = {
            "span": _span(spans[address]) if address in spans else None,
            "traced": _traced(traced[candidate.function]) if candidate.function in traced else None,
            "skip": _skip(skips[address]) if address in skips else None,
            "selected": address in selected,
        }
        reasons = ", ".join([_reason(each) for each in candidate.reasons])
        scored = _encoded(_scored(candidate, function))
        yield _Row(f'{scored[:-1]}, "reasons": [{reasons}], {_encoded(rest)[1:]}')


def _address(each: Edit | Skip) -> _Address:
    return each.path, each.function, each.ordinal


def _scored(candidate: Candidate, function: Function) -> dict[str, Any]:
    return {
        "qualname": function.qualified,
        "file": function.place.file,
        "line": function.place.line,
        "kind": function.kind,
        "rank": candidate.rank,
        "score": candidate.score,
    }


@cache
def _reason(reason: Reason) -> str:
    """A reason, encoded: most of a row are reasons, and most of them recur."""
    return _encoded(
        {
            "signal": reason.signal,
            "weight": reason.weight,
            "words": reason.words,
            "evidence": [{"file": file, "line": line} for file, line, _ in reason.evidence],
        }
    )


def _traced(traced: Traced) -> dict[str, Any]:
    return {"api": traced.api, "file": traced.place.file, "line": traced.place.line}


def _skip(skip: Skip) -> dict[str, str]:
    return {"code": skip.code, "why": skip.why}


def _span(edit: Edit) -> dict[str, Any]:
    return {
        "name": edit.name,
        "form": edit.form,
        "helper": edit.helper,
        "attributes": [
            {
                "parameter": each.parameter,
                "key": each.key,
                "captured": each.captured,
                "why": each.why,
            }
            for each in edit.captures
        ],
    }


def _entry(entry: Entry, analysis: Analysis) -> dict[str, Any]:
    place = analysis.graph.functions[entry.function].place
    return {
        "qualname": _name(entry.function, analysis),
        "kind": entry.kind,
        "file": place.file,
        "line": place.line,
        "name": entry.name,
        "evidence": entry.evidence,
        "shown": {"file": entry.place.file, "line": entry.place.line},
        "root_span": entry.root_span,
    }


def _name(number: int, analysis: Analysis) -> str:
    """The dotted name of a function, of a module for its body."""
    function = analysis.graph.functions[number]
    return function.module if function.kind == "module" else function.qualified


def _free(each: Free) -> dict[str, Any]:
    return {
        "package": each.package,
        "library": each.library,
        "requirement": each.requirement,
        "version": each.version,
        "fits": each.fits,
        "pin": each.pin,
        "required": each.required,
        "gives": each.gives,
        "lacks": each.lacks,
        "wired": each.wired,
        "places": [{"file": file, "line": line} for file, line, _ in each.places],
    }


def _effort(each: Effort, analysis: Analysis) -> dict[str, Any]:
    return {
        "qualname": _name(each.function, analysis),
        "file": each.place.file,
        "line": each.place.line,
        "what": each.what,
        "why": each.why,
        "fix": each.fix,
    }


def _problem(each: Problem) -> dict[str, Any]:
    return {
        "file": each.place.file,
        "line": each.place.line,
        "message": each.message,
        "hint": each.hint,
    }


def _summary(analysis: Analysis, whole: Plan, outlook: Outlook) -> Mapping[str, Any]:
    survey = analysis.survey
    roots = [each.root_span for each in survey.entries]
    return {
        "autospan": __version__,
        "files": len(analysis.facts),
        "lines": analysis.lines,
        "functions": len(analysis.candidates),
        "calls": len(analysis.graph.edges),
        "effects": len(survey.effects),
        "entrypoints": len(roots),
        "without_root_span": roots.count(None),
        "traced": len(survey.traced),
        "traceable": len(whole.edits),
        "problems": len(analysis.problems),
        "coverage": {
            "before": _coverage(outlook.before),
            "after": _coverage(outlook.after),
            "noisy": sum(each.noisy for each in outlook.traces),
            "most_internal": max((each.tally.internal for each in outlook.traces), default=0),
        },
    }


def _coverage(each: Coverage) -> dict[str, int]:
    return {
        "entries": each.entries,
        "rooted": each.rooted,
        "effects": each.effects,
        "covered": each.covered,
        "named": each.named,
    }
