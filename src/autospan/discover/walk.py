"""The walk over the folders: which files there are to read, in the order of their paths."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from autospan.config import Config
from autospan.discover.ignore import Admission, Rule, Sieve, ignores_above, read_patterns, sieve
from autospan.model import Place, Problem

Kind = Literal["python", "perhaps", "document"]

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py")
"""The files that say: this folder is on the import path."""

_DOCUMENT = re.compile(
    r"pyproject\.toml|setup\.(?:cfg|py)|requirements.*\.(?:txt|in)|Pipfile(?:\.lock)?|poetry\.lock"
    r"|uv\.lock|Procfile.*|Dockerfile.*|.*\.Dockerfile|(?:docker-)?compose.*\.ya?ml|.*crontab.*"
    r"|.*\.cron|.*\.service|supervisord?.*\.conf|.*(?:cron|worker|deployment).*\.ya?ml|app\.ya?ml"
    r"|fly\.toml|serverless.*\.ya?ml|(?:.*[-_.])?(?:template|sam)\.(?:ya?ml|json)|.*\.tf"
    r"|function\.(?:ya?ml|json)|zappa_settings\.json"
    r"|.*newrelic.*\.ini|.*\.zcml|(?:.*[-_.])?(?:api|spec)\.(?:ya?ml|json)"
    r"|.*(?:openapi|swagger).*\.(?:ya?ml|json)"
)


class File(NamedTuple):
    """A file to read: "perhaps" is Python if its first line says so. `included`: whatever it is."""

    path: str
    kind: Kind
    included: bool


@dataclass(slots=True)
class Found:
    """What a walk has come across: files, those named like tests apart; folders with `__init__.py`,
    with a marker, and all of them."""

    files: list[File] = field(default_factory=list)
    doubtful: list[File] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


class _Folder(NamedTuple):
    path: str
    ignores: tuple[Rule, ...]
    admission: Admission


def walk(top: Path, config: Config) -> Found:
    """All files below `top` to read. Links are not followed: what is in the tree counts once."""
    found = Found()
    rules = sieve(top, config)
    pending = [_Folder("", ignores_above(top, found.problems.append), "included")]
    while pending:
        folder = pending.pop()
        entries = _listed(top, folder.path, found)
        siblings = {entry.name for entry in entries}
        if "pyvenv.cfg" in siblings and config.default_excludes and folder.admission != "included":
            continue
        _note(folder.path, siblings, found)
        if ".gitignore" in siblings:
            place = folder.path + ".gitignore"
            patterns = read_patterns(top / place, place, found.problems.append)
            if patterns:
                rule = Rule(patterns, cut=len(folder.path))
                folder = folder._replace(ignores=(*folder.ignores, rule))
        pending.extend(_sorted_out(top, folder, entries, siblings, rules, found))
    found.files.sort()
    found.folders.sort()
    return found


def kind_of(path: str) -> Kind | None:
    """What a file is by its name, None if it is of no interest."""
    folder, _, name = path.rpartition("/")
    if name.endswith(".txt") and folder.rpartition("/")[2] == "requirements":
        return "document"
    return _kind_of(name)


@lru_cache(maxsize=10_000)
def _kind_of(name: str) -> Kind | None:
    if name.endswith((".py", ".pyw")):
        return "python"
    if _DOCUMENT.fullmatch(name):
        return "document"
    return None if "." in name else "perhaps"


def unreadable(path: str, error: OSError) -> Problem:
    """The problem of a file or folder that the operating system does not give."""
    match error:
        case FileNotFoundError():
            message, hint = "vanished while the tree was read", "run again when it is at rest"
        case PermissionError():
            message, hint = "no permission to read it", "allow reading, or add it to `exclude`"
        case _:
            message, hint = f"cannot be read: {error.strerror or error}", "or add it to `exclude`"
    return Problem(Place(path.rstrip("/") or "."), message, hint)


def _listed(top: Path, folder: str, found: Found) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(top / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.problems.append(unreadable(folder, error))
        return []


def _note(folder: str, siblings: set[str], found: Found) -> None:
    found.folders.append(folder)
    if "__init__.py" in siblings:
        found.packages.add(folder)
    if not siblings.isdisjoint(MARKERS):
        found.projects.add(folder)


def _sorted_out(
    top: Path,
    folder: _Folder,
    entries: list[os.DirEntry[str]],
    siblings: set[str],
    rules: Sieve,
    found: Found,
) -> Iterator[_Folder]:
    """Notes the files of a folder that are to be read, and gives the folders to go into."""
    for entry in entries:
        path = folder.path + entry.name
        kind = "folder" if _is_folder(entry) else kind_of(path)
        if kind is None or entry.name == ".git":
            continue
        slashed = path + "/" if kind == "folder" else path
        passing = folder.admission == "passage"
        admission = rules.admits(slashed, siblings, folder.ignores, passing)
        if admission == "no" or _unfit(top, path, entry, kind, found):
            continue
        if kind == "folder":
            yield _Folder(slashed, folder.ignores, admission)
        elif admission == "doubtful":
            found.doubtful.append(File(path, kind, False))
        else:
            found.files.append(File(path, kind, admission == "included"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _unfit(
    top: Path, path: str, entry: os.DirEntry[str], kind: Kind | Literal["folder"], found: Found
) -> bool:
    """Whether an entry cannot be read; a problem, if it looks like something to read."""
    problem = None
    regular = kind == "folder" or entry.is_symlink() or entry.is_file()
    if shown := _unspeakable(path):
        problem = Problem(Place(shown), "the name is not valid UTF-8", "rename it")
    elif entry.is_symlink():
        problem = _bad_link(top, path)
    elif not regular:
        problem = Problem(Place(path), "not a regular file", "remove it, or add it to `exclude`")
    if problem and kind != "perhaps":
        found.problems.append(problem)
    return problem is not None or entry.is_symlink()


def _unspeakable(path: str) -> str:
    """The path with its bad bytes escaped, "" if it has none."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    return ""


def _bad_link(top: Path, path: str) -> Problem | None:
    """The problem of a symbolic link; None if it leads into the tree, where its target counts."""
    target = Path(os.path.realpath(top / path))
    if not target.exists():
        if path.rpartition("/")[2].startswith(".#"):  # an Emacs lock
            return None
        return Problem(Place(path), "a symbolic link to nothing", "remove it or mend it")
    if target.is_relative_to(top):
        return None
    message = f"a symbolic link out of the tree, not followed: {target}"
    return Problem(Place(path), message, "analyse a folder that holds both, or `exclude` it")
