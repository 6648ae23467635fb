"""`autospan check`."""

from __future__ import annotations

import functools
import operator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Gating, Manner, Means, Reported, Settings

_HERE = Path()


def check(
    reported: Reported, gating: Gating, settings: Settings, means: Means, manner: Manner
) -> None:
    """Exit with 1 where tracing is missing or wrong and nothing accepts it, for hooks and CI.

    Accept one finding with a comment in its line, `# autospan: ignore\\[AS001: why]`; all that is
    there today with a baseline, a file to commit.

    \b
    Examples:
      autospan check                              the project around this folder
      autospan check src/shop/views.py            findings in one file, for hooks
      autospan check --near src/shop/views.py     the same after an edit, at once
      autospan check --update-baseline            from now on, only what is new
      autospan check --diff-base origin/main      only what this branch adds
      autospan check --fix                        write the spans that are missing
      autospan check -f sarif -o autospan.sarif   for code scanning
      autospan explain AS001                      what a rule means
    """
    from autospan import session
    from autospan.gate import gate
    from autospan.present import _terminal as terminal
    from autospan.present import findings
    from autospan.scope import projects

    found = projects(reported.files or [_HERE])
    reports = (gate(root, files, gating, settings, means, manner) for root, files in found.items())
    report = functools.reduce(operator.add, reports)
    style, colors = gating.format.value, terminal.colors() and gating.output is None
    if report.findings or style != "text" or not manner.quiet:
        shown = findings.present(report, style, terminal.width(), colors)
        terminal.show(shown, gating.output)
    session.complain(report.problems, manner.quiet or not manner.strict)
    session.finish(report.problems, manner.strict, int(bool(report.findings)))
