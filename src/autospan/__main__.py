"""The console script, and `python -m autospan`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from autospan.cli import main


def console() -> None:
    """The console script: `main`, and leave at once.

    The analysis of a large tree is millions of objects, which the interpreter would otherwise free
    one by one before it ends: a tenth of the time of `suggest`.
    """
    try:
        main()
    except SystemExit as leaving:
        if not (leaving.code is None or isinstance(leaving.code, int)):
            raise
        _leave(leaving.code or 0)
    _leave(0)


def _leave(code: int) -> None:
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    console()
