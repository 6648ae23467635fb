"""`lookup`: from a name as people type it to the functions that may be meant."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autospan.discover import EXCLUDES
from autospan.model import Candidate, Graph, Problem, Source

_MOST = 10


@dataclass(frozen=True, slots=True)
class Match:
    """The functions (indices) that a name may mean; if it is not just one, in words what it is
    instead, and the names to try."""

    functions: tuple[int, ...] = ()
    why: str = ""
    instead: tuple[str, ...] = ()


def lookup(
    name: str,
    graph: Graph,
    sources: Sequence[Source],
    candidates: Sequence[Candidate],
    problems: Sequence[Problem],
    root: Path,
) -> Match:
    """The functions called `name`: dotted or `pkg.mod:Class.method`, whole or its end, or PATH:LINE
    (relative to the root or to the working directory)."""
    if found := re.fullmatch(r"(.+\.pyw?):(\d+)", name):
        return _at(found[1], int(found[2]), graph, sources, problems, root)
    if re.search(r"\.pyw?$", name):
        line = next((n for n in _paths(name, root) if any(s.path == n for s in sources)), name)
        return Match(why="a file", instead=_best(graph, candidates, lambda f: f == line))
    wanted = name.replace(":", ".").strip(".")
    names = [function.qualified for function in graph.functions]
    for fits in (wanted.__eq__, lambda each: each.endswith("." + wanted)):
        if numbers := tuple(number for number, each in enumerate(names) if fits(each)):
            return Match(numbers)
    return _elsewhere(wanted, names, graph, sources, candidates, problems, root)


# --- path:line


def _at(
    path: str,
    line: int,
    graph: Graph,
    sources: Sequence[Source],
    problems: Sequence[Problem],
    root: Path,
) -> Match:
    known = {source.path for source in sources}
    here = next((each for each in _paths(path, root) if each in known), None)
    if here is None:
        return Match(why=_unread(path, root))
    around = [
        (function.end_line - function.first_line, number)
        for number, function in enumerate(graph.functions)
        if function.place.file == here
        and (function.kind == "module" or function.first_line <= line <= function.end_line)
    ]
    if around:
        return Match((min(around)[1],))
    return Match(why=_trouble(here, problems) or f"{here} holds no function")


def _paths(path: str, root: Path) -> tuple[str, ...]:
    """How a path may be spelled relative to the root: as it is, or from the working directory."""
    from_here = os.path.relpath(Path(path).resolve(), root)
    return PurePosixPath(path).as_posix(), Path(from_here).as_posix()


def _trouble(path: str, problems: Sequence[Problem]) -> str:
    """Why a file that was found gave no functions."""
    found = next((each for each in problems if each.place.file == path), None)
    return f"{found.place}: {found.message}" if found else ""


def _unread(path: str, root: Path) -> str:
    """Why a file is not among those that were read."""
    if not any(Path(root, each).exists() for each in _paths(path, root)):
        return f"there is no file {path}"
    parts = PurePosixPath(_paths(path, root)[-1]).parts
    for pattern, reason, _ in EXCLUDES:
        if any(PurePosixPath(each).match(pattern.rstrip("/")) for each in parts):
            return f"{path} is not read: {reason} (pattern {pattern}; --include {path} reads it)"
    return f"{path} is not read: .gitignore, `exclude` or a problem keeps it out"


# --- names that are no function


def _elsewhere(
    wanted: str,
    names: Sequence[str],
    graph: Graph,
    sources: Sequence[Source],
    candidates: Sequence[Candidate],
    problems: Sequence[Problem],
    root: Path,
) -> Match:
    if module := next((each for each in sources if each.module == wanted), None):
        if trouble := _trouble(module.path, problems):
            return Match(why=trouble)
        body = next((n for n, each in enumerate(graph.functions) if _is_body(each, wanted)), None)
        return Match((body,)) if body is not None else Match(why="a module without functions")
    for klass in graph.classes:
        dotted = klass.name.replace(":", ".")
        if f".{dotted}".endswith(f".{wanted}"):
            inside = _best(graph, candidates, lambda name: name.startswith(f"{dotted}."), by="name")
            return Match(why=f"a class, {klass.place}", instead=inside)
    return _unknown(wanted, names, sources, problems, root)


def _is_body(function: object, module: str) -> bool:
    return getattr(function, "kind", "") == "module" and getattr(function, "module", "") == module


def _unknown(
    wanted: str,
    names: Sequence[str],
    sources: Sequence[Source],
    problems: Sequence[Problem],
    root: Path,
) -> Match:
    parts = wanted.split(".")
    for end in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:end])
        source = next((each for each in sources if each.module == module), None)
        if source and (trouble := _trouble(source.path, problems)):
            return Match(why=trouble)
        path = f"{'/'.join(parts[:end])}.py"
        if source is None and Path(root, path).exists():
            return Match(why=_unread(path, root))
    return Match(why="no function of that name", instead=_close(wanted, names))


def _close(wanted: str, names: Sequence[str]) -> tuple[str, ...]:
    """Names that are spelled alike, as a whole or in their last part."""
    short: dict[str, list[str]] = {}
    for name in names:
        short.setdefault(name.rpartition(".")[2].lower(), []).append(name)
    found = difflib.get_close_matches(wanted, names, n=3, cutoff=0.75)
    for last in difflib.get_close_matches(wanted.rpartition(".")[2].lower(), short, n=3):
        found += short[last]
    return tuple(dict.fromkeys(found))[:_MOST]


def _best(
    graph: Graph, candidates: Sequence[Candidate], fits: Callable[[str], bool], by: str = "file"
) -> tuple[str, ...]:
    """The best candidates among the functions of a file, or of a class."""
    functions = (graph.functions[each.function] for each in candidates)
    inside = (f for f in functions if fits(f.place.file if by == "file" else f.qualified))
    return tuple(function.qualified for function in inside)[:_MOST]
