"""The checks that need environments of their own: `nox` runs all of them, `nox -s lint` one.

Interpreters that are not installed are skipped; `.ci/run` calls this file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
HERE = Path(__file__).parent

nox.options.error_on_missing_interpreters = False
nox.options.sessions = ("lint", "tests", "wheel")  # `hooks` needs what is committed


def _show_every_pyenv_version() -> None:
    """Let pyenv offer every version it has installed, not only the one that is switched on."""
    if pyenv := shutil.which("pyenv"):
        listed = subprocess.run(
            [pyenv, "versions", "--bare"], capture_output=True, text=True, check=False
        )
        os.environ["PYENV_VERSION"] = ":".join(listed.stdout.split())


_show_every_pyenv_version()


@nox.session(python=VERSIONS)
def tests(session: nox.Session) -> None:
    """The test suite; arguments behind `--` go to pytest."""
    session.install("-q", "-e", ".", "--group", "test")
    session.run("python", "-m", "pytest", *(session.posargs or ("-n", "auto")))


@nox.session(python=sys.executable)
def lint(session: nox.Session) -> None:
    """Style, types and the layers."""
    session.install("-q", "-e", ".", "--group", "dev")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-logo")


@nox.session(python=sys.executable)
def report(session: nox.Session) -> None:
    """The HTML report in a browser, which must be there (Debian: `apt install chromium`), and what
    it costs."""
    session.install("-q", "-e", ".", "--group", "test")
    session.run("python", "-m", "pytest", "tests/test_html_browser.py", env={"REPORT": "1"})
    session.run("python", "benchmarks/report.py", *(session.posargs or ("legacy",)))


@nox.session(python=sys.executable)
def wheel(session: nox.Session) -> None:
    """Source archive -> wheel -> an environment with nothing in it -> the command, as pipx does."""
    session.install("-q", "build")
    folder = Path(session.create_tmp()).absolute()
    dist, empty = folder / "dist", folder / "empty"
    for old in (dist, empty):
        shutil.rmtree(old, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(dist), str(HERE), silent=True)
    (built,) = dist.glob("*.whl")
    session.run("python", "-m", "venv", str(empty))
    binaries = empty / ("Scripts" if os.name == "nt" else "bin")
    session.run(str(binaries / "python"), "-m", "pip", "install", "-q", str(built), external=True)
    legacy = str(HERE / "fixtures" / "legacy")
    session.chdir(folder)
    for arguments in (["--version"], ["suggest", legacy], ["diff", legacy, "--top", "15"]):
        session.run(str(binaries / "autospan"), *arguments, external=True, silent=True)


@nox.session(python=sys.executable)
def hooks(session: nox.Session) -> None:
    """The hook as users get it: pre-commit builds its environment from the committed state."""
    session.install("-q", "pre-commit")
    project = Path(session.create_tmp()).absolute() / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    (project / "job.py").write_text(
        "import schedule\n\n\n@schedule.repeat(1)\ndef f():\n    print(1)\n    print(2)\n"
    )
    session.chdir(project)
    session.run("git", "init", "-q", external=True)
    session.run("git", "add", "-A", external=True)
    tried = ("pre-commit", "try-repo", str(HERE), "autospan-check", "--verbose", "--all-files")
    session.run(*tried, success_codes=[1])
