"""`lookup`: from a name as people type it to the functions that may be meant."""

from __future__ import annotations

import difflib
import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from autospan.discover import EXCLUDES
from autospan.model import Function

if TYPE_CHECKING:
    from autospan.pipeline import Linked

_MOST = 10


@dataclass(frozen=True, slots=True)
class Match:
    """The functions (indices) that a name may mean; if it is not just one, in words what it is
    instead, and the names to try."""

    functions: tuple[int, ...] = ()
    why: str = ""
    instead: tuple[str, ...] = ()


def lookup(name: str, analysis: Linked) -> Match:
    """The functions called `name`: dotted or `pkg.mod:Class.method`, whole or its end, or PATH:LINE
    (relative to the root or to the working directory)."""
    if found := re.fullmatch(r"(.+\.pyw?):(\d+)", name):
        return _at(found[1], int(found[2]), analysis)
    if re.search(r"\.pyw?$", name):
        return _file(name, analysis)
    wanted = name.replace(":", ".").strip(".")
    names = [function.qualified for function in analysis.graph.functions]
    for fits in (wanted.__eq__, lambda each: each.endswith("." + wanted)):
        if numbers := tuple(number for number, each in enumerate(names) if fits(each)):
            return Match(numbers)
    return (
        _module(wanted, analysis) or _class(wanted, analysis) or _unknown(wanted, names, analysis)
    )


# --- paths


def _at(path: str, line: int, analysis: Linked) -> Match:
    here = _known(path, analysis)
    if not here:
        return Match(why=_unread(path, analysis))
    around = [
        (function.end_line - function.first_line, number)
        for number, function in enumerate(analysis.graph.functions)
        if function.place.file == here
        and (function.kind == "module" or function.first_line <= line <= function.end_line)
    ]
    return Match((min(around)[1],)) if around else Match(why=_trouble(here, analysis))


def _file(path: str, analysis: Linked) -> Match:
    here = _known(path, analysis)
    if not here:
        return Match(why=_unread(path, analysis))
    inside = _best(analysis, lambda function: function.place.file == here)
    return Match(why=_trouble(here, analysis) or "a file", instead=inside)


def _known(path: str, analysis: Linked) -> str:
    """A path as the sources have it; "" if it is none of theirs."""
    known = {source.path for source in analysis.tree.sources}
    return next((each for each in _spellings(path, analysis) if each in known), "")


def _spellings(path: str, analysis: Linked) -> tuple[str, str]:
    """A path relative to the root: as it is, and as seen from the working directory."""
    from_here = os.path.relpath(Path(path).resolve(), analysis.tree.root)
    return PurePosixPath(path).as_posix(), Path(from_here).as_posix()


def _trouble(path: str, analysis: Linked) -> str:
    """Why a file that was found gave no functions."""
    found = next((each for each in analysis.problems if each.place.file == path), None)
    return f"{found.place}: {found.message}" if found else ""


def _unread(path: str, analysis: Linked) -> str:
    """Why a file is not among those that were read."""
    spellings = _spellings(path, analysis)
    there = next((each for each in spellings if Path(analysis.tree.root, each).exists()), "")
    if not there:
        return f"there is no file {path}"
    for pattern, reason, _ in EXCLUDES:
        if any(
            PurePosixPath(part).match(pattern.strip("/")) for part in PurePosixPath(there).parts
        ):
            return f"{there} is not read, for it is {reason} (`{pattern}`; try --include {there})"
    return f"{there} is not read: a .gitignore, `exclude` or a problem keeps it out"


# --- names that are no function


def _module(wanted: str, analysis: Linked) -> Match | None:
    source = next((each for each in analysis.tree.sources if each.module == wanted), None)
    if source is None:
        return None
    for number, function in enumerate(analysis.graph.functions):
        if function.kind == "module" and function.module == wanted:
            return Match((number,))
    return Match(why=_trouble(source.path, analysis) or "a module without functions")


def _class(wanted: str, analysis: Linked) -> Match | None:
    for klass in analysis.graph.classes:
        dotted = klass.name.replace(":", ".")
        if f".{dotted}".endswith(f".{wanted}"):
            inside = functools.partial(_inside, dotted)
            return Match(why=f"a class ({klass.place})", instead=_best(analysis, inside))
    return None


def _inside(klass: str, function: Function) -> bool:
    return function.qualified.startswith(f"{klass}.")


def _unknown(wanted: str, names: list[str], analysis: Linked) -> Match:
    sources = {source.module: source.path for source in analysis.tree.sources}
    parts = wanted.split(".")
    for end in range(len(parts) - 1, 0, -1):
        path = sources.get(".".join(parts[:end]), "")
        if path and (trouble := _trouble(path, analysis)):
            return Match(why=trouble)
        file = "/".join(parts[:end]) + ".py"
        if not path and Path(analysis.tree.root, file).exists():
            return Match(why=_unread(file, analysis))
    return Match(why="no function of that name", instead=_close(wanted, names))


def _close(wanted: str, names: list[str]) -> tuple[str, ...]:
    """Names that are spelled alike, as a whole or in their last part."""
    short: dict[str, list[str]] = {}
    for name in names:
        short.setdefault(name.rpartition(".")[2].lower(), []).append(name)
    found = difflib.get_close_matches(wanted, names, n=3, cutoff=0.75)
    for last in difflib.get_close_matches(wanted.rpartition(".")[2].lower(), short, n=3):
        found += short[last]
    return tuple(dict.fromkeys(found))[:_MOST]


def _best(analysis: Linked, fits: Callable[[Function], bool]) -> tuple[str, ...]:
    """The best among some functions."""
    functions = (analysis.graph.functions[each] for each in analysis.best_first)
    return tuple(function.qualified for function in functions if fits(function))[:_MOST]
