"""`autospan graph`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Drawing, Folder, Manner, Means, Settings

_HERE = Path()


def graph(
    drawing: Drawing, settings: Settings, means: Means, manner: Manner, path: Folder = _HERE
) -> None:
    """Print the call graph, or the part of it around a function.

    As JSON, each caller with its callees, in PyCG's names: a module for its body, <builtin>.print,
    <**PyDict**>.items for a method of a builtin type, dotted names outside the project.

    \b
    Examples:
      autospan graph src > calls.json
      autospan graph src -f text                  how large it is, what is called
      autospan graph --from Client._post          what it calls, two steps deep
      autospan graph --from 'shop.pay.*' --depth 1 --direction both
      autospan graph src -f dot --min-confidence inferred | dot -Tsvg > calls.svg
    """
    from autospan import session
    from autospan.present import _terminal as terminal

    linked, shown = session.drawn(drawing, path, settings, means, manner.quiet)
    terminal.show(shown, drawing.output)
    session.finish(linked.problems, manner.strict)
