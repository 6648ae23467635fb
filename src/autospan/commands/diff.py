"""`autospan diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Choice, Destination, Folder, Manner, Settings

_HERE = Path()


def diff(
    choice: Choice,
    destination: Destination,
    settings: Settings,
    manner: Manner,
    path: Folder = _HERE,
) -> None:
    """Print what `apply` would write, as a unified diff that `git apply` takes in PATH.

    \b
    Examples:
      autospan diff --top 15
      autospan diff src --function 'shop.payments.*'
      autospan diff --entrypoints | git apply
    """
    from autospan import pipeline, session
    from autospan.present import _terminal as terminal
    from autospan.present import diff
    from autospan.worktree import below_top

    config, analysis = session.analyzed(path, settings, manner.quiet)
    plan, vain = session.chosen(choice, analysis, config)
    patches, problems = pipeline.make_patches(analysis, plan)
    colors = terminal.colors() and destination.output is None
    folder = below_top(Path(analysis.tree.root))
    terminal.show(diff.present(patches, folder, colors), destination.output)
    session.complain((*vain, *problems), manner.quiet)
    session.finish((*analysis.problems, *vain, *problems), manner.strict)
