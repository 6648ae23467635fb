"""`autospan check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Manner, Reported, Settings

_HERE = Path()


def check(reported: Reported, settings: Settings, manner: Manner) -> None:
    """Exit with 1 if there are entry points for which nobody opens a root span.

    Accept one with a comment on its `def` line or above: `# autospan: ignore\\[why]`.

    \b
    Examples:
      autospan check                              the project around this folder
      autospan check src/shop/views.py            findings in one file only, as pre-commit asks
    """
    from autospan import pipeline, session
    from autospan.present import _terminal as terminal
    from autospan.present import findings as lines

    root = session.project_of(reported.files or [_HERE])
    _, analysis = session.analyzed(root, settings, manner.quiet)
    found = session.within(pipeline.make_findings(analysis), analysis, reported.files)
    if found:
        places = [session.from_here(analysis, each.place.file) for each in found]
        shown = session.from_here(analysis, "")
        colors = terminal.colors()
        terminal.show(lines.present(found, places, shown, terminal.width(), colors))
    session.complain(analysis.problems, manner.quiet or not manner.strict)
    session.finish(analysis.problems, manner.strict, int(bool(found)))
