"""Spans that were declined: in the baseline file, beside what `check` accepts.

    {"version": 1,
     "declined": {"shop/jobs.py": ["reconcile", "Batch.run"]}}

Files are relative to the folder of the baseline, which is committed. An entry whose function is not
in its file any more stands for those of its name in other files: the file may have moved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autospan.config import Config, ConfigError
from autospan.model import Edit, Function, Patch, Place, Problem

NAME = ".autospan-baseline.json"
VERSION = 1
Declined = Mapping[str, Iterable[str]]
"""Functions (`Class.method`) by file."""


def baseline_file(root: Path, config: Config) -> Path:
    """Where the baseline of a project is: where the configuration says, else beside the
    pyproject.toml that configures it, else in the folder with a pyproject.toml or `.git` nearest
    above; in `root`, if there is none."""
    if config.baseline:
        return Path(config.baseline)
    start = Path(config.folder) if config.folder else Path(os.path.realpath(root))
    start = start.parent if start.is_file() else start
    marks = ("pyproject.toml", ".git")
    above = (each for each in (start, *start.parents) if any((each / m).exists() for m in marks))
    return Path(config.folder or next(above, start), NAME)


def declined_functions(
    file: Path, root: Path, functions: Iterable[Function]
) -> tuple[tuple[int, str], ...]:
    """The functions (indices) for which a baseline has a no, and where that is taken back.

    Raises:
        ConfigError: if the file is there and is no baseline.
    """
    entries = [(path, name) for path, names in declined_in(file).items() for name in names]
    if not entries:
        return ()
    known: dict[tuple[str, str], list[int]] = {}
    named: dict[str, list[int]] = {}
    for number, each in enumerate(functions):
        path, name = seen_from(file, root, each.place.file), each.name.partition(":")[2]
        known.setdefault((path, name), []).append(number)
        named.setdefault(name, []).append(number)
    meant = (known.get((path, name), named.get(name, [])) for path, name in entries)
    why = f"declined; {file.name} says so, and is where to take that back"
    return tuple((number, why) for number in sorted({each for found in meant for each in found}))


def declined_in(file: Path) -> Mapping[str, list[str]]:
    """The functions for which a baseline has a no, as it has them.

    Raises:
        ConfigError: if the file is there and is no baseline.
    """
    return _entries(file, load_document(file))


def declining(file: Path, root: Path, edits: Iterable[Edit]) -> Patch:
    """The patch of the baseline that adds these edits to what is declined.

    Raises:
        ConfigError: if the file is there and is no baseline.
    """
    document = load_document(file)
    entries = {path: {*names} for path, names in _entries(file, document).items()}
    for edit in edits:
        name = edit.function.partition(":")[2]
        entries.setdefault(seen_from(file, root, edit.path), set()).add(name)
    listed = {path: sorted(entries[path]) for path in sorted(entries)}
    whole = {"version": VERSION, **document, "declined": listed}
    before = file.read_bytes() if file.exists() else None
    after = (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()
    return Patch(Path(os.path.relpath(file, root)).as_posix(), before, after)


def seen_from(file: Path, root: Path, path: str) -> str:
    """A path below a root as the baseline has it: relative to its own folder."""
    return Path(os.path.relpath(root / path, file.parent)).as_posix()


def load_document(file: Path) -> dict[str, Any]:
    """What stands in a baseline; nothing, if there is no such file.

    Raises:
        ConfigError: if the file is there and is no baseline.
    """
    try:
        document = json.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise refused(file, f"not valid JSON: {error.msg}", error.lineno) from error
    except (OSError, ValueError) as error:
        raise refused(file, f"cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise refused(file, f"no baseline of version {VERSION}")
    return document


def _entries(file: Path, document: Mapping[str, Any]) -> Mapping[str, list[str]]:
    entries = document.get("declined", {})
    if not isinstance(entries, dict) or not all(
        _is_list_of_names(each) for each in entries.values()
    ):
        raise refused(file, "`declined` is not {file: [function]}")
    return entries


def _is_list_of_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def refused(file: Path, message: str, line: int = 0) -> ConfigError:
    """The error of a file that is no baseline."""
    return ConfigError(
        (Problem(Place(str(file), line), message, "correct the file, or delete it"),)
    )
