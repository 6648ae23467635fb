"""`autospan packs` and `autospan packs test`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.options import Fixtures, Settings

_HERE = Path()


def packs(settings: Settings) -> None:
    """List the knowledge packs: what autospan knows of which library.

    Your own are named by the setting `packs`, or by --pack.

    \b
    Examples:
      autospan packs
      autospan packs test fixtures/pigeon.py --pack pigeon.toml
    """
    from autospan import pipeline
    from autospan.config import configure
    from autospan.present import _terminal as terminal
    from autospan.present import packs

    known = pipeline.known_packs(configure(_HERE, settings.overrides()))
    terminal.show(packs.present(known, terminal.width(), terminal.colors()))


def test(fixtures: Fixtures, settings: Settings) -> None:
    """Hold annotated fixtures against what is found in them; exit with 1 where they differ.

    A comment says what must be found in its line (`# entry: http GET /`, `# effect: db sqlite`,
    `# none`), and nothing else may be: docs/packs.md has all of them.

    \b
    Example:
      autospan packs test fixtures/pigeon.py --pack pigeon.toml
    """
    from autospan import pipeline, session
    from autospan.config import configure

    wrong = 0
    for each in fixtures.files:
        problems = pipeline.try_fixture(each, configure(each, settings.overrides()))
        session.complain(problems)
        wrong += len(problems)
    sys.exit(int(wrong > 0))
