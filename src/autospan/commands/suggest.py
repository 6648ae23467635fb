"""`autospan suggest`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Folder, Manner, Reporting, Settings

_HERE = Path()


def suggest(reporting: Reporting, settings: Settings, manner: Manner, path: Folder = _HERE) -> None:
    """Report what tracing is free, what is cheap and what takes effort; rank the functions.

    \b
    Examples:
      autospan suggest                            this folder
      autospan suggest src --top 30               the best thirty functions
      autospan suggest -f json -o plan.json       everything, for machines and for --plan
      autospan suggest -q | head                  rank, score, name, place
    """
    from autospan import pipeline, session
    from autospan.model import Selection
    from autospan.present import _terminal as terminal
    from autospan.present import json, text

    start = time.perf_counter()
    config, analysis = session.analyzed(path, settings, manner.quiet)
    top = reporting.top or config.top
    best = pipeline.make_plan(analysis, config, Selection(top=top))
    if reporting.format.value == "json":
        whole = pipeline.make_plan(analysis, config, Selection(everything=True))
        terminal.show(json.present(analysis, whole, best), reporting.output)
    else:
        seconds = time.perf_counter() - start
        view = text.View(analysis, best, str(path), top, seconds, reporting.verbose, manner.quiet)
        colors = terminal.colors() and reporting.output is None
        terminal.show(text.present(view, terminal.width(), colors), reporting.output)
    session.finish(analysis.problems, manner.strict)
