"""`autospan init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Destination, Folder, Manner, Means, Settings, Writing

_HERE = Path()


def init(
    writing: Writing,
    destination: Destination,
    settings: Settings,
    means: Means,
    manner: Manner,
    path: Folder = _HERE,
) -> None:
    """Print the diff that starts tracing: the wiring module and the requirement lines.

    It wires the instrumentation packages that `suggest` calls free, for the ways in which the
    project is started (Procfile, Dockerfile, compose, units). What is left to do is said below it.

    \b
    Examples:
      autospan init                               the diff, nothing is written
      autospan init | git apply
      autospan init --write
    """
    from autospan import pipeline, session
    from autospan.present import _terminal as terminal
    from autospan.present import diff, steps
    from autospan.worktree import below_top
    from autospan.write import write

    analysis = session.examined(path, settings, means, manner.quiet)
    wiring = pipeline.make_wiring(analysis)
    root = Path(analysis.tree.root)
    if not writing.write:
        colors = terminal.colors(data=True) and destination.output is None
        terminal.show(diff.present(wiring.patches, below_top(root), colors), destination.output)
    elif failed := write(root, wiring.patches):
        session.complain(failed)
        sys.exit(2)
    if not manner.quiet:
        terminal.note(steps.present(wiring, writing.write, terminal.width(), terminal.colors()))
    session.finish(analysis.problems, manner.strict)
