"""`autospan apply`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.config import Config
    from autospan.interview import Verdicts
    from autospan.model import Patch, Plan
    from autospan.options import AllowDirty, Choice, Folder, Interactive, Manner, Means, Settings
    from autospan.pipeline import Analysis

_HERE = Path()


def apply(
    choice: Choice,
    settings: Settings,
    means: Means,
    manner: Manner,
    path: Folder = _HERE,
    interactive: Interactive = False,
    allow_dirty: AllowDirty = False,
) -> None:
    """Write the spans: a decorator each, and once the helper module that they import.

    Refuses a git work tree with uncommitted changes. All files are written, or none.

    \b
    Examples:
      autospan apply --top 15                     the best fifteen functions
      autospan apply --top 30 --interactive       asks about each; remembers a no
      autospan apply --function charge            one, by the end of its name
      autospan apply --entrypoints                all that start without a span
      autospan apply --plan plan.json             what `suggest -f json` selected
    """
    from autospan import session
    from autospan.interview import attended
    from autospan.present import _terminal as terminal
    from autospan.present import outcome
    from autospan.worktree import work_tree
    from autospan.write import write

    if interactive:
        attended()
    tree = work_tree(path)
    session.guarded(tree, allow_dirty)
    config, analysis = session.analyzed(path, settings, means, manner.quiet)
    plan, vain = session.chosen(choice, analysis, config)
    verdicts = _asked(plan, analysis) if interactive else None
    if verdicts:
        plan = replace(plan, edits=verdicts.accepted)
    patches, problems = session.patched(analysis, plan, manner.quiet)
    root = Path(analysis.tree.root)
    session.tracked(tree, str(root), patches, allow_dirty)
    remembered = _remembered(verdicts, path, root, config)
    if failed := write(root, (*patches, *remembered)):
        session.complain(failed)
        sys.exit(2)
    told = (*vain, *problems)
    done = outcome.Outcome(plan, patches, told, str(path), bool(tree.top), verdicts)
    if not manner.quiet:
        terminal.show(outcome.present(done, terminal.width(), terminal.colors()))
    session.finish((*analysis.problems, *told), manner.strict)


def _asked(plan: Plan, analysis: Analysis) -> Verdicts:
    from autospan.interview import interview
    from autospan.present import _terminal as terminal

    try:
        size, colors = terminal.width(), terminal.colors()
        return interview(plan, analysis, terminal.ask, terminal.show, size, colors)
    except KeyboardInterrupt:
        terminal.note("\nautospan: interrupted, nothing was written")
        sys.exit(130)


def _remembered(
    verdicts: Verdicts | None, path: Path, root: Path, config: Config
) -> tuple[Patch, ...]:
    """The patch of the baseline with what was declined, if anything was."""
    from autospan.declined import baseline_file, declining

    if not verdicts or not verdicts.declined:
        return ()
    return (declining(baseline_file(path, config), root, verdicts.declined),)
