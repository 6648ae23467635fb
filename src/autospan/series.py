"""A change as a series of commits: each is verified as a whole change is, and works by itself.

After commit k every file is what `rewrite` makes of its original with the edits of commits 1 to k,
so each stage of the series is proven as the whole is, and the last is the whole, byte for byte. A
helper comes with the first commit that imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from autospan.grouping import Group, by_entry_point, by_owner, by_package, divided, together
from autospan.model import Commit, Edit, Patch, Plan, Source
from autospan.rewrite import rewrite

if TYPE_CHECKING:
    from autospan.pipeline import Analysis

Owners = Callable[[str], Sequence[str]]
"""Who owns a file (its path below the root)."""


def make_series(
    analysis: Analysis,
    plan: Plan,
    patches: Sequence[Patch],
    by: str,
    most: int,
    owners: Owners,
    tell: Callable[[str, int, int], None],
) -> tuple[Commit, ...]:
    """The commits that make up `patches`, which carry the plan out: `by` entrypoint, package, owner
    or (in any other case) not split, and of at most `most` functions each (0: any number)."""
    carried = {edit for patch in patches for edit in patch.edits}
    edits = [edit for edit in plan.edits if edit in carried]
    match by:
        case "entrypoint":
            groups = by_entry_point(edits, analysis.graph, analysis.survey)
        case "package":
            groups = by_package(edits)
        case "owner":
            groups = by_owner(edits, owners)
        case _:
            groups = together(edits)
    parts = [part for group in groups for part in divided(group, most)]
    sources = {source.path: source for source in analysis.tree.sources}
    return _commits(parts, plan, patches, sources, tell)


def _commits(
    groups: Sequence[Group],
    plan: Plan,
    whole: Sequence[Patch],
    sources: Mapping[str, Source],
    tell: Callable[[str, int, int], None],
) -> tuple[Commit, ...]:
    """The commits of the groups. A file that cannot be rewritten for a part of its edits changes
    with the last of them."""
    last = {patch.path: patch.after for patch in whole}
    left = {patch.path: len(patch.edits) for patch in whole}
    now: dict[str, bytes] = {}
    done: dict[str, list[Edit]] = {}
    commits: list[Commit] = []
    for number, group in enumerate(groups):
        tell("rewrite", number, len(groups))
        for edit in group.edits:
            done.setdefault(edit.path, []).append(edit)
            left[edit.path] -= 1
        touched = list(dict.fromkeys(edit.path for edit in group.edits))
        begun = [edit for path in touched if left[path] for edit in done[path]]
        complete = {*(path for path in touched if not left[path]), *_helpers(plan, group)}
        after = _partial(plan, begun, sources) | {path: last[path] for path in complete & {*last}}
        commits += _commit(group, after, sources, now)
    if rest := {path: data for path, data in last.items() if path not in now}:
        commits += _commit(_UPKEEP, rest, sources, now)
    return tuple(commits)


_UPKEEP = Group("with the helper of this autospan", "The tracing helper is brought up to date.", ())


def _helpers(plan: Plan, group: Group) -> set[str]:
    used = {edit.helper for edit in group.edits}
    return {each.path for each in plan.helpers if each.module in used}


def _partial(
    plan: Plan, edits: Sequence[Edit], sources: Mapping[str, Source]
) -> dict[str, bytes | None]:
    """The files with these edits."""
    patches, _ = rewrite(replace(plan, edits=tuple(edits), helpers=()), sources)
    return {patch.path: patch.after for patch in patches}


def _commit(
    group: Group,
    after: Mapping[str, bytes | None],
    sources: Mapping[str, Source],
    now: dict[str, bytes],
) -> list[Commit]:
    """The commit from the present state to that `after` it, which becomes the present; none if
    nothing differs."""
    patches = []
    for path, data in sorted(after.items()):
        source = sources.get(path)
        before = now.get(path, source.data if source else None)
        if data is not None and data != before:
            edits = tuple(edit for edit in group.edits if edit.path == path)
            patches.append(Patch(path, before, data, edits))
            now[path] = data
    return [Commit(group.title, group.about, tuple(patches))] if patches else []
