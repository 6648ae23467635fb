"""`autospan explain`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Folder, Means, Name, Settings

_HERE = Path()


def explain(name: Name, settings: Settings, means: Means, path: Folder = _HERE) -> None:
    """Tell everything about one function: who reaches it, its score, what would be written. Or
    what a rule of `check` means.

    \b
    Examples:
      autospan explain shop.orders.place_order
      autospan explain Client._post src           the end of a name is enough
      autospan explain src/shop/orders.py:47      whatever stands in that line
      autospan explain AS001                      a rule of `check`
    """
    from autospan import session
    from autospan.lookup import lookup
    from autospan.present import _terminal as terminal
    from autospan.present import explain as explanation
    from autospan.present import rule as manual
    from autospan.rules import named

    if rule := named(name):
        terminal.show(manual.present(rule, terminal.colors()))
        return
    config, analysis = session.analyzed(path, settings, means)
    match = lookup(name, analysis)
    if len(match.functions) != 1:
        terminal.note(explanation.present_choice(name, match, analysis, terminal.width()).rstrip())
        sys.exit(2)
    subject = session.subject(match.functions[0], analysis, config)
    terminal.show(explanation.present(subject, terminal.width(), terminal.colors()))
