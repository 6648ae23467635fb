"""The console script, and `python -m autospan`."""

from __future__ import annotations

import gc
import os
import sys

from autospan.cli import main

_YOUNG = 50_000


def console() -> None:
    """The console script: `main`, and leave at once.

    The analysis of a large tree is millions of objects, which the interpreter would otherwise free
    one by one before it ends: a tenth of the time of `suggest`. Nor does it pay to look for garbage
    every few hundred objects, as Python does, while modules and packs are loaded.
    """
    gc.set_threshold(_YOUNG)
    try:
        main()
    except SystemExit as leaving:
        if not (leaving.code is None or isinstance(leaving.code, int)):
            raise
        _leave(leaving.code or 0)
    _leave(0)


def _leave(code: int) -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        sys.stderr.write(f"error: standard output: {error.strerror}\n")
        code = code or 2
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    console()
