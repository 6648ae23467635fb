"""The command line: one short function a command, exit codes, nothing else.

Exit codes: 0 fine; 1 `check` found something, or there are problems and `--strict` is given; 2
wrong usage or configuration, or what was asked for could not be written; 130 interrupted.

Nothing is imported before it is needed: `--version` does not even import typer.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from autospan import __version__

if TYPE_CHECKING:
    from autospan.options import (
        AllowDirty,
        Choice,
        Destination,
        Drawing,
        Folder,
        Manner,
        Name,
        Reported,
        Reporting,
        Settings,
    )

_HERE = Path()


def main() -> None:
    """Run the command that `sys.argv` names; exits through `SystemExit`."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"autospan {__version__}\n")
        return
    from autospan.application import application
    from autospan.commands.init import init
    from autospan.commands.packs import packs, test

    try:
        commands = (suggest, diff, apply, check, explain, graph, remove, init)
        application(*commands, groups={packs: (test,)})()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from autospan.session import refuse

        refuse(error)


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


def explain(name: Name, settings: Settings, path: Folder = _HERE) -> None:
    """Tell everything about one function: who reaches it, its score, what would be written.

    \b
    Examples:
      autospan explain shop.orders.place_order
      autospan explain Client._post src           the end of a name is enough
      autospan explain src/shop/orders.py:47      whatever stands in that line
    """
    from autospan import session
    from autospan.lookup import lookup
    from autospan.present import _terminal as terminal
    from autospan.present import explain as explanation

    config, analysis = session.analyzed(path, settings)
    match = lookup(name, analysis)
    if len(match.functions) != 1:
        terminal.note(explanation.present_choice(name, match, analysis, terminal.width()).rstrip())
        sys.exit(2)
    subject = session.subject(match.functions[0], analysis, config)
    terminal.show(explanation.present(subject, terminal.width(), terminal.colors()))


def graph(drawing: Drawing, settings: Settings, manner: Manner, path: Folder = _HERE) -> None:
    """Print the call graph, or the part of it around a function.

    As JSON, each caller with its callees, in PyCG's names: a module for its body, <builtin>.print,
    <**PyDict**>.items for a method of a builtin type, dotted names outside the project.

    \b
    Examples:
      autospan graph src > calls.json
      autospan graph src -f text                  how large it is, what is called most
      autospan graph --from Client._post          what it calls, two steps deep
      autospan graph --from 'shop.pay.*' --depth 1 --direction both
      autospan graph src -f dot --min-confidence inferred | dot -Tsvg > calls.svg
    """
    from autospan import session
    from autospan.present import _terminal as terminal

    linked, shown = session.drawn(drawing, path, settings, manner.quiet)
    terminal.show(shown, drawing.output)
    session.finish(linked.problems, manner.strict)


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
