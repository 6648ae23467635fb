"""The command line: finds the command and turns what goes wrong into exit codes.

Exit codes: 0 fine; 1 `check` found something, or there are problems and `--strict` is given; 2
wrong usage or configuration, or what was asked for could not be written; 130 interrupted.

Nothing is imported before it is needed: `--version` does not even import typer. Nor is a command
looked into that the command line does not name.
"""

from __future__ import annotations

import os
import sys

from autospan import __version__

_COMPLETING = "_AUTOSPAN_COMPLETE"
"""Set where a shell asks how a command line, which stands elsewhere, might go on."""


def main() -> None:
    """Run the command that `sys.argv` names; exits through `SystemExit`."""
    try:
        words = sys.argv[1:]
        if words in (["--version"], ["-V"]):
            sys.stdout.write(f"autospan {__version__}\n")
            return
        from autospan.application import application
        from autospan.commands import COMMANDS, GROUPS

        if not words or not {*words}.isdisjoint(("--help", "-h")):
            from autospan.panels import load_panels

            load_panels()
        named = None if _COMPLETING in os.environ else words
        application(*COMMANDS, groups=GROUPS, named=named)(prog_name="autospan")
    except KeyboardInterrupt:
        sys.stderr.write("autospan: interrupted\n")
        sys.exit(130)
    except Exception as error:
        from autospan.session import refuse

        refuse(error)
