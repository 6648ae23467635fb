"""What has changed since the last whole audit, and the files in which that may be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autospan.config import Config
from autospan.helper import is_helper
from autospan.model import Facts, Source, Tree
from autospan.pipeline.past import Past, with_bytes
from autospan.reading import read_all
from autospan.resources import Resources, source_key
from autospan.vicinity import importers, vicinity

LIMIT = 400_000
"""Bytes of files around the wanted ones that are looked at; of these themselves, at most; and of
what may have changed in a small project."""
_SHARE = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: what rules (ids) find in a tree, in the wanted files (a test on paths)."""

    tree: Tree
    root: Path
    config: Config
    rules: frozenset[str]
    wanted: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """The files (paths) that are new, gone or not as they were, as they were (by path, as far as
    they were there), and the facts of them before and after."""

    files: frozenset[str]
    old: Mapping[str, Source]
    before: Mapping[str, Facts]
    after: Mapping[str, Facts]


def change_since(past: Past, asked: Asked, resources: Resources) -> Change | None:
    """What has changed. None where it would not pay to look at that alone: the project is small, or
    much is asked for or has changed; or where what is needed of the past is gone."""
    known = {each.path: source_key(each) for each in past.sources}
    new = [each for each in asked.tree.sources if known.get(each.path) != source_key(each)]
    wanted = [each for each in asked.tree.sources if asked.wanted(each.path)]
    gone = known.keys() - {each.path for each in asked.tree.sources}
    total, files = _size(asked.tree.sources), gone | {each.path for each in new}
    little = _size(wanted) <= LIMIT and _size(new) <= max(LIMIT, total // _SHARE)
    if not resources.cache or total <= 2 * LIMIT or not little:
        return None
    old = with_bytes(resources.cache, (each for each in past.sources if each.path in files))
    if old is None:
        return None
    as_was = {each.path: each for each in old}
    return Change(frozenset(files), as_was, _facts(old, resources), _facts(new, resources))


def around(
    change: Change, past: Past, asked: Asked, resources: Resources
) -> tuple[Mapping[str, Facts], Mapping[str, Facts]]:
    """The facts of the wanted files and of those around them, by path: as they were, and as they
    are. Around them are the files that showed their entry points, those that have changed and
    import them, and what they import or imported themselves."""
    wanted = [each for each in asked.tree.sources if asked.wanted(each.path)]
    facts = _facts(wanted, resources)
    beside = [file for path, files in past.elsewhere if asked.wanted(path) for file in files]
    beside += importers((each.module for each in wanted), change.after.values())
    start = (*facts.values(), *(each for path, each in change.before.items() if path in facts))
    sources = {each.path: each for each in asked.tree.sources}
    near = vicinity(start, beside, sources, lambda some: _facts(some, resources).values(), LIMIT)
    after = {**facts, **{each.path: each for each in near}}
    same = {path: each for path, each in after.items() if path not in change.files}
    return {**same, **{p: each for p, each in change.before.items() if p in after}}, after


def _facts(sources: Iterable[Source], resources: Resources) -> Mapping[str, Facts]:
    own = [each for each in sources if not is_helper(each)]
    alone = replace(resources, workers=1, executor="")
    return {each.path: each for each in read_all(own, alone, lambda done: None)}


def _size(sources: Iterable[Source]) -> int:
    return sum(len(each.data) for each in sources)
