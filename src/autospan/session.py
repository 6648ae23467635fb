"""What commands have in common: a project is configured and analysed, functions are chosen, and
errors become exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from autospan import pipeline
from autospan.config import Config, ConfigError, configure
from autospan.equip import equipped
from autospan.model import Place, Plan, Problem
from autospan.present import problems as problem_lines
from autospan.present._terminal import note, progress

if TYPE_CHECKING:
    from autospan.model import Entry, Patch
    from autospan.options import Choice, Drawing, Means, Settings
    from autospan.pipeline import Analysis, Audited, Linked, Surveyed
    from autospan.present.explain import Subject
    from autospan.worktree import WorkTree


def analyzed(
    path: Path, settings: Settings, means: Means, quiet: bool = False
) -> tuple[Config, Analysis]:
    """The configuration and the analysis of a folder, with a progress line if it takes long."""
    config = configure(path, settings.overrides())
    return config, analyzed_as(path, config, means, quiet)


def analyzed_as(path: Path, config: Config, means: Means, quiet: bool = False) -> Analysis:
    """The analysis of a folder as it is configured, with a progress line if it takes long."""
    with equipped(means, quiet) as resources, progress(quiet) as tell:
        return pipeline.analyze(path, config, tell, resources)


def examined(path: Path, settings: Settings, means: Means, quiet: bool = False) -> Surveyed:
    """What there is to know of a folder without a ranking."""
    return examined_as(path, configure(path, settings.overrides()), means, quiet)


def examined_as(path: Path, config: Config, means: Means, quiet: bool = False) -> Surveyed:
    """What there is to know, without a ranking, of a folder as it is configured."""
    with equipped(means, quiet) as resources, progress(quiet) as tell:
        return pipeline.examine(path, config, tell, resources)


def audited_as(
    path: Path,
    config: Config,
    rules: frozenset[str],
    means: Means,
    quiet: bool = False,
    near: Callable[[str], bool] | None = None,
) -> Audited:
    """What rules (ids) find in a folder as it is configured; with `near`, see `pipeline.audit`."""
    with equipped(means, quiet) as resources, progress(quiet) as tell:
        return pipeline.audit(path, config, rules, tell, resources, near)


def chosen(choice: Choice, analysis: Analysis, config: Config) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan for the functions that the options choose, and what they ask for in vain.

    Raises:
        ConfigError: if the options contradict each other or no function matches them.
    """
    if conflict := choice.conflict():
        raise wrong(conflict)
    if choice.plan:
        from autospan.saved import amend, load_plan

        saved = load_plan(choice.plan)
        selection = choice.selection(config.top, tuple(saved.spans))
        return amend(pipeline.make_plan(analysis, config, selection), saved)
    plan = pipeline.make_plan(analysis, config, choice.selection(config.top))
    if choice.function and not plan.edits and not plan.skips:
        globs = ", ".join(choice.function)
        raise wrong(f"no function matches {globs}", _alike(choice.function, analysis))
    return plan, ()


def patched(analysis: Analysis, plan: Plan, quiet: bool = False) -> pipeline.Patches:
    """The patches that carry a plan out, with a progress line if it takes long."""
    with progress(quiet) as tell:
        tell("rewrite", 0, 0)
        return pipeline.make_patches(analysis, plan, tell)


def _alike(globs: Iterable[str], analysis: Analysis) -> str:
    from autospan.lookup import lookup

    found = [name for glob in globs for name in lookup(glob, analysis).instead]
    return f"did you mean {', '.join(found[:3])}?" if found else "* stands for any characters"


def wrong(message: str, hint: str = "") -> ConfigError:
    """The error of a command line."""
    return ConfigError((Problem(Place("command line"), message, hint),))


def drawn(
    drawing: Drawing, path: Path, settings: Settings, means: Means, quiet: bool = False
) -> tuple[Linked, str | bytes]:
    """The call graph, or what is asked for of it, as it is shown."""
    from autospan.neighbourhood import around, whole
    from autospan.present import _terminal as terminal
    from autospan.present import graph
    from autospan.present.graph import dot, text

    style = drawing.format.value if drawing.format else "text" if drawing.origins else "json"
    linked: Linked
    entries: tuple[Entry, ...] = ()
    if style == "json":
        linked = _connected(path, settings, means, quiet)
    else:
        _, linked = analyzed(path, settings, means, quiet)
        entries = linked.survey.entries
    part = whole(linked.graph, drawing.min_confidence.value)
    if drawing.origins:
        starts = _origins(drawing.origins, linked)
        part = around(part, starts, drawing.depth, drawing.direction.value)
    if style == "json":
        return linked, graph.present(part)
    if style == "dot":
        return linked, dot.present(part, entries)
    colors = terminal.colors() and drawing.output is None
    return linked, text.present(part, entries, terminal.width(), colors)


def _connected(path: Path, settings: Settings, means: Means, quiet: bool) -> Linked:
    """The call graph alone: nothing of a framework is recognized, nothing ranked."""
    with equipped(means, quiet) as resources, progress(quiet) as tell:
        return pipeline.connect(path, configure(path, settings.overrides()), tell, resources)


def _origins(names: Iterable[str], linked: Linked) -> tuple[int, ...]:
    """The functions that names or globs stand for; several that a name may mean are all taken.

    Exits with 2, and with the names that come near, if one stands for none.
    """
    from fnmatch import fnmatchcase

    from autospan.lookup import lookup
    from autospan.present import _terminal as terminal
    from autospan.present.explain import present_choice

    found: set[int] = set()
    for name in names:
        match = lookup(name, linked)
        numbers = match.functions
        if not numbers and any(sign in name for sign in "*?["):
            every = enumerate(linked.graph.functions)
            numbers = tuple(number for number, each in every if fnmatchcase(each.qualified, name))
        if not numbers:
            note(present_choice(name, match, linked, terminal.width()).rstrip())
            sys.exit(2)
        found.update(numbers)
    return tuple(sorted(found))


# --- git


def guarded(tree: WorkTree, allow_dirty: bool) -> None:
    """Refuse to write into a work tree with changes that are not committed.

    Raises:
        ConfigError: with the changed files, or git's own trouble.
    """
    if allow_dirty or not (tree.changed or tree.trouble):
        return
    if tree.trouble:
        message = f"cannot tell whether the git work tree is clean: {tree.trouble}"
        raise wrong(message, "give --allow-dirty to write all the same")
    message = f"the git work tree has uncommitted changes: {_few(tree.changed)}"
    raise wrong(message, "commit or stash them first, or give --allow-dirty")


def tracked(tree: WorkTree, root: str, patches: Iterable[Patch], allow_dirty: bool) -> None:
    """Refuse to write over files that git could not give back.

    Raises:
        ConfigError: with those files.
    """
    paths = {Path(os.path.realpath(Path(root, each.path))) for each in patches if each.before}
    if not allow_dirty and (unsafe := tree.unsafe(paths)):
        message = f"git does not track {_few(unsafe)}, which would be written over"
        raise wrong(message, "add and commit them first, or give --allow-dirty")


def _few(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


# --- exit codes


def finish(problems: Iterable[Problem], strict: bool, code: int = 0) -> NoReturn:
    """Exit with `code`, with 1 if there are problems and that counts; with 0 else, rather than
    return: what the exception has passed keeps what it holds, which need not be freed then."""
    sys.exit(code or int(strict and any(True for _ in problems)))


def complain(problems: Iterable[Problem], quiet: bool = False) -> None:
    """Show problems on standard error."""
    found = tuple(problems)
    if found and not quiet:
        note(problem_lines.present(found, "note"))


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # or gone


def refuse(error: Exception) -> NoReturn:
    """Exit with 2 on what the user can put right; anything else is a bug, and is raised."""
    from autospan.knowledge import PackError

    if isinstance(error, ConfigError | PackError):
        note(problem_lines.present(error.problems, "error"))
    elif isinstance(error, OSError) and error.filename is not None:
        note(f"error: {error.filename}: {error.strerror}")
    elif isinstance(error, OSError) and error.errno in _FULL:
        note(f"error: standard output: {error.strerror}")
    else:
        raise error
    sys.exit(2)


def subject(number: int, analysis: Analysis, config: Config) -> Subject:
    """A function with the plan for it alone, and the patches that would carry that out."""
    from autospan.model import Selection
    from autospan.present.explain import Subject

    function = analysis.graph.functions[number]
    plan = pipeline.make_plan(analysis, config, Selection(named=(function.qualified,)))
    this = (function.name, function.place.file, function.place.line)
    plan = replace(
        plan,
        edits=tuple(each for each in plan.edits if (each.function, each.path, each.line) == this),
        skips=tuple(each for each in plan.skips if (each.function, each.path, each.line) == this),
    )
    patches, problems = pipeline.make_patches(analysis, plan)
    return Subject(analysis, number, plan, patches, problems)
