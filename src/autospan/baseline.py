"""The baseline: what `check` accepts for now, in a file that is committed and should only shrink.

    {"version": 1,
     "accepted": {"AS001": {"shop/jobs.py": ["reconcile"]}}}

An entry is a rule, a file (relative to the folder of the baseline) and a function
(`Class.method`), once for every finding there: lines may shift. A function that is gone from its
file is looked for elsewhere by its name, for its file may have moved; failing that, as many
findings of the rule are accepted in its file as there were, for it may have been renamed. What is
left of the baseline after that is stale.

git is not asked about moves: it knows of those that are committed, and of the history that a clone
has, while a baseline has to hold in a work tree, in a hook and in a clone of depth 1 alike.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from autospan.declined import VERSION, load_document, refused, seen_from
from autospan.model import Finding
from autospan.rules.as005_stale_baseline_entry import Entry

_Key = tuple[str, str, str]
"""Rule, file, anchor."""
Present = Mapping[str, Collection[str]]
"""The functions (`Class.method`) that there are in each file."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each (rule, file, anchor) is accepted, the line of each in the file, entries about
    files outside of the project, and what else the file holds; both are kept as they are.

    Files are relative to the root of the project here, and in the file to its own folder."""

    accepted: Mapping[_Key, int] = field(default_factory=dict)
    lines: Mapping[_Key, int] = field(default_factory=dict)
    outside: tuple[_Key, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)


class Comparison(NamedTuple):
    """The findings that are not in a baseline, those that are, and what is in it for nothing."""

    new: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    stale: tuple[Entry, ...]


def compare(findings: Iterable[Finding], baseline: Baseline, present: Present) -> Comparison:
    """Findings held against a baseline; files moved and functions renamed are seen through."""
    left, accepted = Counter(baseline.accepted), list[Finding]()

    def matched(
        waiting: Iterable[Finding], candidates: Callable[[Finding], Iterable[_Key]]
    ) -> list[Finding]:
        """The findings that none of their candidates accepts any more."""
        new: list[Finding] = []
        for each in waiting:
            key = next((key for key in candidates(each) if left[key] > 0), None)
            if key:
                left[key] -= 1
            (accepted if key else new).append(each)
        return new

    new = matched(findings, lambda each: [_key(each)])
    moved, renamed = _orphans(left, present)
    new = matched(new, lambda each: moved.get((each.rule, each.anchor), ()))
    new = matched(new, lambda each: renamed.get((each.rule, each.place.file), ()))
    stale = [Entry(*key, baseline.lines.get(key, 1)) for key in sorted((+left).elements())]
    return Comparison(tuple(new), tuple(sorted(accepted)), tuple(stale))


def _key(finding: Finding) -> _Key:
    return finding.rule, finding.place.file, finding.anchor


_Orphans = Mapping[tuple[str, str], list[_Key]]


def _orphans(left: Counter[_Key], present: Present) -> tuple[_Orphans, _Orphans]:
    """Entries whose function is not in their file any more, by rule and anchor, and by rule and
    file."""
    moved: dict[tuple[str, str], list[_Key]] = {}
    renamed: dict[tuple[str, str], list[_Key]] = {}
    for key in sorted(+left):
        rule, file, anchor = key
        if anchor.partition("[")[0] not in present.get(file, ()):
            moved.setdefault((rule, anchor), []).append(key)
            renamed.setdefault((rule, file), []).append(key)
    return moved, renamed


def accepting(findings: Iterable[Finding]) -> Baseline:
    """The baseline that accepts exactly these findings."""
    return Baseline(Counter(_key(each) for each in findings))


def renewed(
    baseline: Baseline,
    rules: Collection[str],
    accepted: Iterable[Finding],
    outside: Iterable[Entry],
) -> Baseline:
    """The baseline with exactly these findings of these rules, and entries about other files; what
    it says of other rules stays."""
    kept = Counter({key: n for key, n in baseline.accepted.items() if key[0] not in rules})
    kept.update(_key(each) for each in accepted)
    kept.update((each.rule, each.file, each.anchor) for each in outside)
    return replace(baseline, accepted=kept)


# --- the file


def written(baseline: Baseline, path: Path, root: Path) -> bytes:
    """What stands in the file: sorted, a line an entry, so that branches that change it merge."""
    keys = [
        (rule, seen_from(path, root, file), anchor)
        for rule, file, anchor in Counter(baseline.accepted).elements()
    ]
    accepted: dict[str, dict[str, list[str]]] = {}
    for rule, file, anchor in sorted((*keys, *baseline.outside)):
        accepted.setdefault(rule, {}).setdefault(file, []).append(anchor)
    document = {"version": VERSION, **baseline.rest, "accepted": accepted}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def load_baseline(path: Path, root: Path) -> Baseline:
    """The baseline in a file; an empty one if there is none.

    Raises:
        ConfigError: if the file cannot be read or is no baseline.
    """
    document = load_document(path)
    accepted = document.pop("accepted", {})
    if not _well_formed(accepted):
        raise refused(path, "`accepted` is not {rule: {file: [function]}}")
    lines = _lines(path.read_text(encoding="utf-8-sig") if accepted else "", accepted)
    document.pop("version", None)
    within, outside, at = list[_Key](), list[_Key](), dict[_Key, int]()
    for (rule, file, anchor), line in lines:
        here = Path(os.path.relpath(path.parent / file, root)).as_posix()
        if here.startswith("../"):
            outside.append((rule, file, anchor))
        else:
            within.append((rule, here, anchor))
            at[within[-1]] = line
    return Baseline(Counter(within), at, tuple(outside), document)


def _well_formed(accepted: object) -> bool:
    return isinstance(accepted, dict) and all(
        isinstance(files, dict)
        and all(
            isinstance(anchors, list) and all(isinstance(each, str) for each in anchors)
            for anchors in files.values()
        )
        for files in accepted.values()
    )


def _lines(
    text: str, accepted: Mapping[str, Mapping[str, list[str]]]
) -> Iterator[tuple[_Key, int]]:
    """The entries with their lines, in a file as `written` writes it; elsewhere, about there."""
    rows, at = [row.strip().rstrip(",") for row in text.splitlines()], 0
    for rule, files in accepted.items():
        for file, anchors in files.items():
            for anchor in anchors:
                quoted = json.dumps(anchor, ensure_ascii=False)
                at = next((n for n in range(at, len(rows)) if rows[n] == quoted), at)
                yield (rule, file, anchor), at + 1
                at += 1
