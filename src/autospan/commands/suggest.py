"""`autospan suggest`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.config import Config
    from autospan.model import Selection
    from autospan.options import Folder, Manner, Means, Reporting, Settings
    from autospan.pipeline import Analysis
    from autospan.present.html import View

_HERE = Path()


def suggest(
    reporting: Reporting, settings: Settings, means: Means, manner: Manner, path: Folder = _HERE
) -> None:
    """Report what tracing is free, what is cheap and what takes effort; rank the functions.

    \b
    Examples:
      autospan suggest                            this folder
      autospan suggest src --top 30               the best thirty functions
      autospan suggest --coverage                 the fewest on every way to I/O
      autospan suggest -f json -o plan.json       everything, also for --plan
      autospan suggest -f html -o report.html     one page to look at and share
      autospan suggest -f markdown                for an issue or a wiki
      autospan suggest -q | head                  rank, score, name, place
    """
    from autospan import pipeline, session
    from autospan.options import crowded
    from autospan.present import _terminal as terminal

    if reporting.format.value == "html" and not reporting.output and sys.stdout.isatty():
        raise session.wrong("a page is not for a terminal", "give --output report.html")
    if conflict := crowded(reporting.coverage, reporting.top):
        raise session.wrong(conflict)
    start = time.perf_counter()
    config, analysis = session.analyzed(path, settings, means, manner.quiet)
    options, selection = reporting.selection(config.top)
    if reporting.format.value == "json":
        terminal.show(_everything(analysis, config, selection), reporting.output)
    elif reporting.format.value == "html":
        from autospan.present import html

        view = viewed(analysis, config, selection, str(path), options)
        terminal.show(html.present(view), reporting.output)
        if reporting.output and not manner.quiet:
            terminal.note(f"{reporting.output}: open it in a browser")
    else:
        from autospan.present import report, text

        best = pipeline.make_plan(analysis, config, selection)
        outlook = pipeline.make_outlook(analysis, best)
        shown = (str(path), options, time.perf_counter() - start, reporting.verbose, manner.quiet)
        told = text.View(analysis, best, outlook, *shown)
        if reporting.format.value == "markdown":
            terminal.show(report.present(told), reporting.output)
            session.finish(analysis.problems, manner.strict)
        colors = terminal.colors() and reporting.output is None
        terminal.show(text.present(told, terminal.width(), colors), reporting.output)
    session.finish(analysis.problems, manner.strict)


def _everything(analysis: Analysis, config: Config, selection: Selection) -> bytes:
    """The JSON report, in which what is selected is marked."""
    from autospan import pipeline
    from autospan.model import Selection
    from autospan.present import json

    best, whole = pipeline.make_plans(analysis, config, selection, Selection())
    return json.present(analysis, whole, best, pipeline.make_outlook(analysis, best))


def viewed(
    analysis: Analysis,
    config: Config,
    selection: Selection,
    path: str,
    options: tuple[str, ...] = (),
) -> View:
    """What the HTML report is about; `options` are those that make the same selection again."""
    from autospan import pipeline
    from autospan.model import Plan, Selection
    from autospan.present.html import View, shown

    chosen, whole = pipeline.make_plans(analysis, config, selection, Selection())
    patches, problems = pipeline.make_patches(analysis, shown(whole, chosen))
    wired = {each.package for each in analysis.survey.free if each.wired}
    today, free, planned = (
        pipeline.make_outlook(analysis, plan, packages)
        for plan, packages in ((Plan(()), wired), (Plan(()), None), (chosen, None))
    )
    return View(analysis, chosen, whole, patches, today, free, planned, path, options, problems)
