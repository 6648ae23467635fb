"""What git says of the files around a folder, so that only what it could restore is written."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WorkTree:
    """The git work tree around a folder: its top ("": there is none), the changed and the
    untracked files (relative to the top), and why git could not tell ("": it could)."""

    top: str = ""
    changed: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    trouble: str = ""

    def unsafe(self, paths: set[Path]) -> tuple[str, ...]:
        """Those of the paths (absolute) that git does not track, as they are below the top."""
        top = Path(self.top)
        return tuple(each for each in self.untracked if top / each in paths)


def work_tree(folder: Path) -> WorkTree:
    """The work tree around a folder. Nothing is raised; git is not asked where no `.git` is."""
    folder = folder.resolve()
    if _top(folder) is None:
        return WorkTree()
    top = git(folder, "rev-parse", "--show-toplevel")
    if isinstance(top, str):
        return WorkTree(str(folder), trouble=top)
    where = top.decode("utf-8", "surrogateescape").removesuffix("\n")
    status = git(Path(where), "status", "--porcelain=v1", "-z", "--untracked-files=all")
    if isinstance(status, str):
        return WorkTree(where, trouble=status)
    changed, untracked = _sorted(status.decode("utf-8", "surrogateescape"))
    return WorkTree(where, changed, untracked)


def below_top(folder: Path) -> str:
    """A folder as seen from the top of the work tree around it; "" if it is the top, or in none."""
    top = _top(folder.resolve())
    below = folder.resolve().relative_to(top).as_posix() if top else "."
    return "" if below == "." else below


def author(folder: Path) -> str:
    """`Name <address>` of whoever commits there, as git knows it; else autospan's own name."""
    found = git(folder, "var", "GIT_AUTHOR_IDENT") if _top(folder.resolve()) else ""
    name = found.decode("utf-8", "replace") if isinstance(found, bytes) else ""
    return name.rpartition(">")[0] + ">" if ">" in name else "autospan <autospan@localhost>"


def top_of(folder: Path) -> Path | None:
    """The top of the work tree around a folder."""
    return _top(folder.resolve())


def _top(folder: Path) -> Path | None:
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def git(folder: Path, *arguments: str, given: bytes | None = None) -> bytes | str:
    """What git prints in a folder (`given`: its standard input), or in words why nothing."""
    command = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)
    except OSError as error:
        return f"git cannot be run: {error.strerror}"
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        return lines[0] if lines else f"git exits with {done.returncode}"
    return done.stdout


def _sorted(status: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Changed and untracked files of `git status --porcelain=v1 -z`."""
    changed: list[str] = []
    untracked: list[str] = []
    records = iter(status.split("\0"))
    for record in records:
        state, path = record[:2], record[3:]
        if state == "??":
            untracked.append(path)
        elif state.strip():
            changed.append(path)
        if state[:1] in ("R", "C"):
            next(records, None)  # where it came from
    return tuple(changed), tuple(untracked)
