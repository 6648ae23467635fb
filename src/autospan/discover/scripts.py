"""Folders of scripts: what their program puts on the import path by running a file in them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping

_RELATIVE = re.compile(rb"^[ \t]*from[ \t]+\.", re.MULTILINE)
_NAMES = rb"^[ \t]*(?:from|import)[ \t]+(?:%b)(?![\w])"


def run_in(folder: str, name: str, files: Mapping[str, bytes]) -> bool:
    """Whether a folder with an `__init__.py` is one of scripts all the same.

    It is if a file below it imports what stands in the folder by its bare name (`from models.user
    import User` in "src/train.py"), no file in the folder imports relatively, and nobody imports
    the folder by its name.

    `folder` is "" or "src/", `name` what it is called, `files` the imports of all files by path.
    Import statements are found by pattern, not by parser.
    """
    beside = _beside(folder, files)
    inside = [path for path in files if path.startswith(folder)]
    direct = [path for path in inside if "/" not in path[len(folder) :]]
    if not beside or any(_RELATIVE.search(files[path]) for path in direct):
        return False
    if _imports([name], files.values()):
        return False
    return any(_imports(beside - {_stem(path[len(folder) :])}, [files[path]]) for path in inside)


def _beside(folder: str, files: Mapping[str, bytes]) -> set[str]:
    """The names of what stands in a folder, without those that mean something else as well."""
    around = folder[: folder.rstrip("/").rfind("/") + 1]
    found = {_stem(path[len(folder) :]) for path in files if path.startswith(folder)}
    if folder:
        found -= {_stem(path[len(around) :]) for path in files if path.startswith(around)}
    return found - sys.stdlib_module_names - {"__init__", "__main__"}


def _stem(path: str) -> str:
    return path.partition("/")[0].removesuffix(".py")


def _imports(names: Iterable[str], texts: Iterable[bytes]) -> bool:
    """Whether an import statement of a text begins with one of the names."""
    spelled = [re.escape(name.encode()) for name in sorted(names)]
    if not spelled:
        return False
    statement = re.compile(_NAMES % b"|".join(spelled), re.MULTILINE)
    return any(statement.search(text) for text in texts)
