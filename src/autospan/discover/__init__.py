"""Find the Python files of a codebase, and what their modules are called.

Which files: `walk`, `ignore` and `needed`. What their bytes say: `decode`. How modules are named:
`names`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import sha256
from io import FileIO
from pathlib import Path

from autospan.beside import is_script
from autospan.config import Config
from autospan.discover import decode
from autospan.discover.ignore import EXCLUDES, Exclude
from autospan.discover.names import import_root, modules
from autospan.discover.needed import needed
from autospan.discover.walk import File, Found, unreadable, walk
from autospan.model import Document, Place, Problem, Source, Tree

__all__ = ["EXCLUDES", "LIMIT", "Exclude", "discover"]

LIMIT = 2_000_000
"""Bytes of the largest file that is read; nobody wrote a larger one."""
_HEAD = 100


def discover(root: Path, config: Config) -> Tree:
    """The Python files and the build files below a folder, or one Python file.

    Files are `*.py`, `*.pyw` and files without a suffix that start with `#!…python`, without those
    that a `.gitignore`, a default (`EXCLUDES`) or the configuration leaves out. `root` itself is
    read whatever excludes it. Of a file, the tree is its import root with this file alone. Nothing
    is raised: what cannot be read is a problem, also a `root` that is not there.
    """
    top = Path(os.path.realpath(root))
    read = _Read()
    if top.is_dir():
        found = walk(top, config)
    else:
        found, top = _alone(top, config)
    for file in found.files:
        _read(top, file, config, read)
    _read_needed(top, found, config, read)
    names = modules(top, found, config, read.imports)
    sources = tuple(
        Source(
            path,
            names[path],
            path.rpartition("/")[2] == "__init__.py",
            entry.data,
            entry.encoding,
            sha256(entry.data).hexdigest(),
        )
        for path, entry in read.python.items()
    )
    problems = sorted(found.problems + read.problems)
    return Tree(str(top), sources, tuple(read.documents), tuple(problems))


@dataclass(frozen=True, slots=True)
class _Python:
    data: bytes
    encoding: str
    imports: bytes


@dataclass(slots=True)
class _Read:
    """What has been read so far, in the order of the paths."""

    python: dict[str, _Python] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def imports(self) -> dict[str, bytes]:
        """The lines of each file that may be import statements."""
        return {path: each.imports for path, each in self.python.items()}


def _alone(file: Path, config: Config) -> tuple[Found, Path]:
    """A single file as a tree: what a walk over its import root would find, were it alone."""
    top = import_root(file, config)
    path = file.relative_to(top).as_posix()
    found = Found()
    if not file.exists():
        problem = Problem(Place(path), "there is no such file or folder", "check the path")
        found.problems.append(problem)
    elif file.suffix not in ("", ".py", ".pyw") or not file.is_file():
        problem = Problem(Place(path), "not a Python file", "name a .py file or a folder")
        found.problems.append(problem)
    else:
        found.files.append(File(path, "python", True))
    return found, top


def _read(top: Path, file: File, config: Config, read: _Read) -> None:
    """Reads one file, once, and sorts it where it belongs."""
    try:
        data = _bytes(f"{top}/{file.path}", file.kind == "perhaps")
    except OSError as error:
        read.problems.append(unreadable(file.path, error))
        return
    if data is None:
        return
    if len(data) > LIMIT:
        message = f"larger than {LIMIT:,} bytes, not read"
        read.problems.append(Problem(Place(file.path), message, "split it, or `exclude` it"))
        return
    name = file.path.rpartition("/")[2]
    if file.kind == "document" or name == "setup.py":
        read.documents.append(Document(file.path, decode.text(data)))
    if file.kind != "document":
        aside = decode.generated(data) or decode.is_packaging(name, data)
        if aside and config.default_excludes and not file.included:
            return
        encoding, trouble = decode.encoding(data)
        if trouble:
            place = Place(file.path, trouble.line)
            read.problems.append(Problem(place, trouble.message, trouble.hint))
        if encoding:
            read.python[file.path] = _Python(data, encoding, decode.imports(data))


def _read_needed(top: Path, found: Found, config: Config, read: _Read) -> None:
    """Reads those of the files named like tests that the program imports."""
    doubtful = {file.path: file for file in found.doubtful if file.kind == "python"}
    if not doubtful:
        return
    for path in needed([*doubtful], read.imports):
        _read(top, doubtful[path], config, read)
        found.files.append(doubtful[path])
    found.files.sort()
    read.python = dict(sorted(read.python.items()))


def _bytes(path: str, if_script: bool) -> bytes | None:
    """What a file holds, cut a byte above `LIMIT`; None if it had to be a script and is none."""
    with FileIO(path) as file:
        head = file.read(_HEAD) if if_script else b""
        if if_script and not is_script(head):
            return None
        if os.fstat(file.fileno()).st_size > LIMIT:
            return head + (file.read(LIMIT + 1 - len(head)) or b"")
        return head + file.readall()
