"""The command line: finds the command and turns what goes wrong into exit codes.

Exit codes: 0 fine; 1 `check` found something, or there are problems and `--strict` is given; 2
wrong usage or configuration, or what was asked for could not be written; 130 interrupted.

Nothing is imported before it is needed: `--version` does not even import typer.
"""

from __future__ import annotations

import sys

from autospan import __version__


def main() -> None:
    """Run the command that `sys.argv` names; exits through `SystemExit`."""
    try:
        if sys.argv[1:] in (["--version"], ["-V"]):
            sys.stdout.write(f"autospan {__version__}\n")
            return
        from autospan.application import application
        from autospan.commands import COMMANDS, GROUPS

        application(*COMMANDS, groups=GROUPS)(prog_name="autospan")
    except KeyboardInterrupt:
        sys.stderr.write("autospan: interrupted\n")
        sys.exit(130)
    except Exception as error:
        from autospan.session import refuse

        refuse(error)
