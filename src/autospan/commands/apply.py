"""`autospan apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import AllowDirty, Choice, Folder, Manner, Settings

_HERE = Path()


def apply(
    choice: Choice,
    settings: Settings,
    manner: Manner,
    path: Folder = _HERE,
    allow_dirty: AllowDirty = False,
) -> None:
    """Write the spans: a decorator each, and once the helper module that they import.

    Refuses a git work tree with uncommitted changes. All files are written, or none.

    \b
    Examples:
      autospan apply --top 15                     the best fifteen functions
      autospan apply --function charge            one function, by the end of its name
      autospan apply --entrypoints                what `check` complains of
      autospan apply --plan plan.json             what `suggest -f json` selected
    """
    from autospan import pipeline, session
    from autospan.present import _terminal as terminal
    from autospan.present import outcome
    from autospan.worktree import work_tree
    from autospan.write import write

    tree = work_tree(path)
    session.guarded(tree, allow_dirty)
    config, analysis = session.analyzed(path, settings, manner.quiet)
    plan, vain = session.chosen(choice, analysis, config)
    patches, problems = pipeline.make_patches(analysis, plan)
    root = analysis.tree.root
    session.tracked(tree, root, patches, allow_dirty)
    if failed := write(Path(root), patches):
        session.complain(failed)
        sys.exit(2)
    done = outcome.Outcome(plan, patches, (*vain, *problems), str(path), bool(tree.top))
    if not manner.quiet:
        terminal.show(outcome.present(done, terminal.width(), terminal.colors()))
    session.finish((*analysis.problems, *vain, *problems), manner.strict)
