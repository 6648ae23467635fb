"""`autospan remove`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Folder, Manner, Settings

_HERE = Path()


def remove(settings: Settings, manner: Manner, path: Folder = _HERE) -> None:
    """Take out everything that autospan wrote, and nothing else.

    Files come back to the byte. A helper that was edited, or that other code imports, stays.

    \b
    Examples:
      autospan remove
      autospan remove src/shop
    """
    from autospan import pipeline, session
    from autospan.config import configure
    from autospan.present import _terminal as terminal
    from autospan.present import outcome
    from autospan.write import write

    config = configure(path, settings.overrides())
    tree, patches, problems = pipeline.make_removal(path, config)
    if failed := write(Path(tree.root), patches):
        session.complain(failed)
        sys.exit(2)
    if not manner.quiet:
        report = outcome.present_removal(patches, problems, terminal.width(), terminal.colors())
        terminal.show(report)
    session.finish(problems, manner.strict)
