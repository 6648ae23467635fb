"""The files that `check` is given: which projects they belong to, and what lies in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def projects(files: Sequence[Path]) -> Mapping[Path, Sequence[Path]]:
    """The projects that files belong to, each with its files, in their order."""
    found: dict[Path, list[Path]] = {}
    for each in files:
        found.setdefault(_project_of(each.resolve()), []).append(each)
    return found


def _project_of(path: Path) -> Path:
    """The folder with a pyproject.toml or `.git` nearest above a file; failing that, the working
    directory if the file lies in it, else the file's folder."""
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    here = Path.cwd()
    return here if start.is_relative_to(here) else start


def scope(root: Path, files: Sequence[Path]) -> Callable[[str], bool]:
    """Whether a path below a folder is one of some files, or below one of some folders."""
    wanted = {Path(os.path.realpath(each)) for each in files}
    if root in wanted:
        return lambda path: True
    return lambda path: not wanted.isdisjoint({root / path, *(root / path).parents})
