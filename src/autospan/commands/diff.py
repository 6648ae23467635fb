"""`autospan diff`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.model import Patch, Plan
    from autospan.options import Choice, Folder, Manner, Means, Rendering, Settings, Splitting
    from autospan.pipeline import Analysis

_HERE = Path()


def diff(
    choice: Choice,
    splitting: Splitting,
    rendering: Rendering,
    settings: Settings,
    means: Means,
    manner: Manner,
    path: Folder = _HERE,
) -> None:
    """Print what `apply` would write, as a unified diff that `git apply` takes in PATH.

    Split, it is a series of mails for `git am` (`git am --keep-cr`, if files end lines with CR LF):
    each has its reasons in its message and leaves the project working.

    \b
    Examples:
      autospan diff --top 15
      autospan diff src --function 'shop.payments.*'
      autospan diff --entrypoints | git apply
      autospan diff --split-by package --max-changes 20 --output-dir patches
      autospan diff --split-by owner | git am
      autospan diff -f markdown -o body.md        the words of the pull request
    """
    from autospan import pipeline, session
    from autospan.present import _terminal as terminal
    from autospan.present import codetf, diff, markdown
    from autospan.worktree import below_top

    start, style = time.perf_counter(), rendering.format.value
    if splitting.given and style != "diff":
        raise session.wrong(f"a patch series is made of diffs, not of {style}", "give one of them")
    config, analysis = session.analyzed(path, settings, means, manner.quiet)
    plan, vain = session.chosen(choice, analysis, config)
    patches, problems = session.patched(analysis, plan, manner.quiet)
    colors = terminal.colors(data=True) and rendering.output is None
    if splitting.given:
        shown = _series(splitting, analysis, plan, patches, manner.quiet)
    elif style == "codetf":
        elapsed = int(1000 * (time.perf_counter() - start))
        shown = codetf.present(analysis, patches, (*vain, *problems), str(path), elapsed)
    elif style == "markdown":
        outlook = pipeline.make_outlook(analysis, plan)
        shown = markdown.present(analysis, patches, outlook, (*vain, *problems))
    else:
        shown = diff.present(patches, below_top(Path(analysis.tree.root)), colors)
    terminal.show(shown, rendering.output)
    session.complain((*vain, *problems), manner.quiet)
    session.finish((*analysis.problems, *vain, *problems), manner.strict)


def _series(
    splitting: Splitting, analysis: Analysis, plan: Plan, patches: Sequence[Patch], quiet: bool
) -> str | bytes:
    """The mails; or, if they go to a folder, what is said of that."""
    from autospan import mailing, session
    from autospan.present import _terminal as terminal
    from autospan.present import written

    commits, mails = mailing.mailed(splitting, analysis, plan, patches, quiet)
    folder = splitting.output_dir
    if folder is None:
        return b"".join(each.data for each in mails)
    if failed := mailing.saved(folder, mails):
        session.complain(failed)
        sys.exit(2)
    colors = terminal.colors()
    return "" if quiet else written.present(commits, mails, str(folder), terminal.width(), colors)
