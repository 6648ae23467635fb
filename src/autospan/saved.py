"""Plans that were saved as JSON (`suggest --format json`), perhaps edited, and are carried out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autospan.config import ConfigError
from autospan.model import Capture, Edit, Place, Plan, Problem


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """The functions (dotted names) that a file asks for, each with its span as the file has it, by
    line where several have one name (a property and its setter)."""

    path: str
    spans: Mapping[str, Mapping[int, Mapping[str, Any]]]


def load_plan(path: Path) -> SavedPlan:
    """Read a plan: of the functions listed, those with `"selected": true` or no such key; an entry
    whose `span` is null is left out.

    Raises:
        ConfigError: if the file cannot be read or is no plan.
    """
    try:
        found = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        raise _refused(path, f"not valid JSON: {error.msg}", line=error.lineno) from error
    except (OSError, ValueError) as error:
        raise _refused(path, f"cannot be read: {error}") from error
    listed = found.get("functions") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise _refused(path, "no plan: it has no list `functions`")
    if found.get("version", 1) != 1:
        raise _refused(path, f"a plan of version {found['version']}; this autospan knows version 1")
    spans: dict[str, dict[int, Mapping[str, Any]]] = {}
    for name, line, span in _wanted(path, listed):
        spans.setdefault(name, {})[line] = span
    return SavedPlan(str(path), spans)


def _wanted(path: Path, listed: list[Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    for number, each in enumerate(listed):
        if not isinstance(each, dict) or not isinstance(each.get("qualname"), str):
            raise _refused(path, f"functions[{number}] has no `qualname`")
        span = each.get("span", {})
        if span is not None and not isinstance(span, dict):
            raise _refused(path, f"functions[{number}]: `span` must be an object or null")
        if span is not None and each.get("selected", True) is True:
            line = each.get("line")
            yield each["qualname"], line if isinstance(line, int) else 0, span


def _refused(path: Path, message: str, line: int = 0) -> ConfigError:
    hint = "write one with `autospan suggest --format json --output plan.json`"
    return ConfigError((Problem(Place(str(path), line), message, hint),))


def amend(plan: Plan, saved: SavedPlan) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan with the span names and attributes that the file gives, and what it asks in vain."""
    problems: list[Problem] = []
    edits = tuple(_amended(edit, saved, problems) for edit in plan.edits)
    known = {_dotted(each.function) for each in plan.edits}
    known.update(_dotted(each.function) for each in plan.skips)
    lost = [name for name in saved.spans if name not in known]
    problems += [
        Problem(Place(saved.path), f"not in the code: {name}", "renamed?") for name in lost
    ]
    problems += _alike(edits, saved.path)
    return replace(plan, edits=edits), tuple(problems)


def _alike(edits: Sequence[Edit], path: str) -> Iterator[Problem]:
    """Spans that the file gives one name."""
    first: dict[str, Edit] = {}
    for edit in edits:
        other = first.setdefault(edit.name, edit)
        if (other.path, other.function) != (edit.path, edit.function):
            both = f"`{_dotted(other.function)}` and `{_dotted(edit.function)}`"
            what = f"{both} have spans of one name, `{edit.name}`"
            yield Problem(Place(path), what, "nobody can tell them apart in a trace; rename one")


def _dotted(function: str) -> str:
    return function.replace(":", ".")


def _amended(edit: Edit, saved: SavedPlan, problems: list[Problem]) -> Edit:
    listed = saved.spans[_dotted(edit.function)]
    span = listed.get(edit.line) or next(iter(listed.values()))
    name = span.get("name") if len(listed) == 1 or edit.line in listed else ""
    wanted = {
        each["parameter"]: each
        for each in span.get("attributes", ())
        if isinstance(each, dict) and isinstance(each.get("parameter"), str)
    }
    captures = tuple(
        _capture(each, wanted.get(each.parameter, {}), edit, saved, problems)
        for each in edit.captures
    )
    return replace(edit, captures=captures).called(name if isinstance(name, str) else "")


def _capture(
    found: Capture,
    wanted: Mapping[str, Any],
    edit: Edit,
    saved: SavedPlan,
    problems: list[Problem],
) -> Capture:
    captured, key = wanted.get("captured", found.captured), wanted.get("key", found.key)
    if captured and found.why.startswith("withheld: secret"):
        message = f"{_dotted(edit.function)}: `{found.parameter}` stays out, it looks secret"
        problems.append(Problem(Place(saved.path), message))
        captured = False
    return replace(found, captured=captured is True, key=key if isinstance(key, str) else found.key)
