"""What `check` does in one project: find, hold against what is accepted, repair."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autospan import pipeline, session
from autospan.baseline import (
    Baseline,
    Comparison,
    accepting,
    compare,
    load_baseline,
    renewed,
    written,
)
from autospan.config import Config, ConfigError, configure
from autospan.declined import baseline_file
from autospan.model import Finding, Patch, Place, Report, Selection
from autospan.rules import chosen
from autospan.rules.as005_stale_baseline_entry import Entry, stale
from autospan.scope import scope

if TYPE_CHECKING:
    from autospan.options import Gating, Manner, Means, Settings
    from autospan.pipeline import Audited, Surveyed


def gate(
    root: Path,
    files: Sequence[Path],
    gating: Gating,
    settings: Settings,
    means: Means,
    manner: Manner,
) -> Report:
    """The report on one project, after `--fix` or `--update-baseline` has been carried out.

    Raises:
        ConfigError: on wrong options or configuration, a broken baseline, an unknown revision.
    """
    if conflict := gating.conflict():
        raise session.wrong(conflict)
    config = configure(root, {**settings.overrides(), **gating.overrides()})
    rules = _rules(config)
    analysis = session.examined_as(root, config, means, manner.quiet) if gating.fix else None
    if analysis:
        audited = pipeline.audited(analysis, config, rules).audited
    else:
        near = scope(Path(os.path.realpath(root)), files) if gating.near else None
        audited = session.audited_as(root, config, rules, means, manner.quiet, near)
    checked = _checked(root, files, config, rules, audited)
    if gating.update_baseline:
        return _updated(checked)
    if gating.diff_base:
        checked = _since(checked, gating.diff_base, means)
    if analysis:
        return _repaired(checked, analysis, gating.allow_dirty)
    return _report(checked, (*checked.new, *_stale(checked)))


@dataclass(frozen=True, slots=True)
class _Checked:
    """A project (a folder) with its findings of some rules (ids), its baseline and where that is,
    and the files (a test on paths) that are reported on."""

    root: Path
    config: Config
    audited: Audited
    rules: frozenset[str]
    baseline: Baseline
    file: Path
    wanted: Callable[[str], bool]
    comparison: Comparison

    @property
    def new(self) -> tuple[Finding, ...]:
        """What is to be reported."""
        return tuple(each for each in self.comparison.new if self.wanted(each.place.file))

    @property
    def stale(self) -> tuple[Entry, ...]:
        """Entries of the baseline about files that are reported on, for nothing."""
        return tuple(each for each in self.comparison.stale if self.wanted(each.file))

    @property
    def place(self) -> str:
        """Where the baseline is, seen from the root of the project."""
        return Path(os.path.relpath(self.file, self.root)).as_posix()


def _rules(config: Config) -> frozenset[str]:
    rules, problems = chosen(config.select, config.ignore)
    if problems:
        raise ConfigError(problems)
    return rules


def _checked(
    root: Path, files: Sequence[Path], config: Config, rules: frozenset[str], audited: Audited
) -> _Checked:
    file = baseline_file(root, config)
    top = Path(os.path.realpath(root))
    baseline = load_baseline(file, top)
    comparison = _compared(audited.findings, baseline, rules, audited)
    wanted = scope(top, files)
    return _Checked(top, config, audited, rules, baseline, file, wanted, comparison)


def _compared(
    found: Iterable[Finding], baseline: Baseline, rules: frozenset[str], audited: Audited
) -> Comparison:
    """The findings held against what the baseline says of the rules that ran."""
    of_rules = {key: count for key, count in baseline.accepted.items() if key[0] in rules}
    present = dict(audited.present)
    return compare(found, replace(baseline, accepted=of_rules), present)


def _since(checked: _Checked, revision: str, means: Means) -> _Checked:
    """The findings that the commit where HEAD branched off did not have; the baseline is not asked
    to be without stale entries, for it may have had them then."""
    from autospan.revision import branched, laid_out

    root = checked.root
    above = Path(checked.config.folder or root)
    folder = above if root.is_relative_to(above) else root
    with laid_out(folder, branched(root, revision)) as temporary:
        config = replace(checked.config, folder=str(temporary) if checked.config.folder else "")
        there = temporary / root.relative_to(folder)
        before = session.audited_as(there, config, checked.rules, means, quiet=True)
    known = accepting(before.findings)
    comparison = _compared(checked.comparison.new, known, checked.rules, checked.audited)
    accepted = (*checked.comparison.accepted, *comparison.accepted)
    return replace(checked, comparison=Comparison(comparison.new, accepted, ()))


# --- reports


def _stale(checked: _Checked) -> Iterable[Finding]:
    return stale(checked.place, checked.stale) if "AS005" in checked.rules else ()


def _report(
    checked: _Checked,
    findings: Iterable[Finding],
    fixed: Iterable[Finding] = (),
    patches: Iterable[Patch] = (),
    **more: int,
) -> Report:
    """The report, its paths as one would type them in the working directory."""
    audited = checked.audited

    def from_here(path: str) -> str:
        return Path(os.path.relpath(checked.root / path)).as_posix()

    def here(place: Place) -> Place:
        return place._replace(file=from_here(place.file))

    return Report(
        findings=tuple(each._replace(place=here(each.place)) for each in findings),
        fixed=tuple(each._replace(place=here(each.place)) for each in fixed),
        created=tuple(here(Place(each.path)).file for each in patches if each.before is None),
        accepted=sum(checked.wanted(each.place.file) for each in checked.comparison.accepted),
        files=audited.files,
        root=from_here(""),
        baseline=from_here(checked.place),
        problems=tuple(each._replace(place=here(each.place)) for each in audited.problems),
        **more,
    )


# --- what is written


def _updated(checked: _Checked) -> Report:
    """Accept what is found in the files that are reported on."""
    outside = [each for each in checked.comparison.stale if not checked.wanted(each.file)]
    accepted = (*checked.comparison.accepted, *checked.new)
    baseline = renewed(checked.baseline, checked.rules, accepted, outside)
    _write(checked, [*_rewritten(checked, baseline)])
    after = replace(checked, comparison=Comparison((), accepted, ()))
    return _report(after, (), added=len(checked.new), dropped=len(checked.stale))


def _repaired(checked: _Checked, analysis: Surveyed, allow_dirty: bool) -> Report:
    """Write the spans of untraced entry points that are not accepted, and prune the baseline."""
    from autospan.worktree import work_tree

    root = checked.root
    untraced = [each for each in checked.new if each.rule == "AS001"]
    patches, problems = _spans(analysis, untraced, checked.config) if untraced else ((), ())
    done = {(edit.path, edit.function, edit.line) for patch in patches for edit in patch.edits}
    fixed = [each for each in untraced if (each.place.file, each.function, each.place.line) in done]
    if checked.stale:
        outside = [each for each in checked.comparison.stale if not checked.wanted(each.file)]
        kept = renewed(checked.baseline, checked.rules, checked.comparison.accepted, outside)
        patches = (*patches, *_rewritten(checked, kept))
    if patches:
        tree = work_tree(root)
        session.guarded(tree, allow_dirty)
        session.tracked(tree, str(root), patches, allow_dirty)
        _write(checked, patches)
    session.complain(problems)
    left = [each for each in checked.new if each not in fixed]
    return _report(checked, left, fixed, patches, dropped=len(checked.stale))


def _spans(examined: Surveyed, untraced: list[Finding], config: Config) -> pipeline.Patches:
    """The patches that trace exactly these functions."""
    analysis = pipeline.ranked(examined, config)
    names = tuple(each.qualified for each in untraced)
    plan = pipeline.make_plan(analysis, config, Selection(named=names))
    places = {(each.place.file, each.function, each.place.line) for each in untraced}
    edits = (each for each in plan.edits if (each.path, each.function, each.line) in places)
    return pipeline.make_patches(analysis, replace(plan, edits=tuple(edits)))


def _rewritten(checked: _Checked, baseline: Baseline) -> Iterable[Patch]:
    """The patch of the baseline's file; none where it would be new and empty, or stays as it is."""
    before = checked.file.read_bytes() if checked.file.exists() else None
    after = written(baseline, checked.file, checked.root)
    if after != before and (before is not None or baseline.accepted):
        yield Patch(checked.place, before, after)


def _write(checked: _Checked, patches: Sequence[Patch]) -> None:
    from autospan.write import write

    if failed := write(checked.root, patches):
        session.complain(failed)
        sys.exit(2)
