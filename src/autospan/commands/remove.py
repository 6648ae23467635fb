"""`autospan remove`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.config import Config
    from autospan.model import Patch, Problem, Tree
    from autospan.options import Folder, Manner, Means, Removing, Settings

_HERE = Path()


def remove(
    removing: Removing, settings: Settings, means: Means, manner: Manner, path: Folder = _HERE
) -> None:
    """Take out everything that autospan wrote, and nothing else.

    Files come back to the byte. A helper that was edited, or that other code imports, stays.

    \b
    Examples:
      autospan remove
      autospan remove src/shop --diff              what would be taken out
      autospan remove --hot --evidence shop.prof   what costs more than it tells
    """
    from autospan import session
    from autospan.config import configure
    from autospan.present import _terminal as terminal
    from autospan.present import diff, outcome
    from autospan.worktree import below_top
    from autospan.write import write

    config = configure(path, settings.overrides())
    if removing.hot and not config.evidence:
        raise session.wrong("--hot needs to know what is hot", "give --evidence FILE")
    removal = _cooled if removing.hot else _removed
    tree, patches, problems = removal(path, config, means, manner.quiet)
    if removing.diff:
        terminal.show(diff.present(patches, below_top(Path(tree.root)), terminal.colors(data=True)))
        session.complain(problems, manner.quiet)
        session.finish(problems, manner.strict)
        return
    if failed := write(Path(tree.root), patches):
        session.complain(failed)
        sys.exit(2)
    if not manner.quiet:
        told = outcome.Removal(patches, problems, removing.hot)
        report = outcome.present_removal(told, terminal.width(), terminal.colors())
        terminal.show(report)
    session.finish(problems, manner.strict)


_Removal = tuple["Tree", tuple["Patch", ...], tuple["Problem", ...]]


def _removed(path: Path, config: Config, means: Means, quiet: bool) -> _Removal:
    from autospan import pipeline

    return pipeline.make_removal(path, config)


def _cooled(path: Path, config: Config, means: Means, quiet: bool) -> _Removal:
    from autospan import pipeline, session

    analysis = session.analyzed_as(path, config, means, quiet)
    return analysis.tree, *pipeline.make_cooling(analysis, config)
