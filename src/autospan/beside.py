"""Which scripts find what stands beside them: their folder is on the import path when they run.

A script is a file in no package. Running it puts its folder on the path, importing it by its bare
name needs the folder there. But plug-ins, task files and hooks are often loaded by their location,
by a program whose path does not hold their folder, and are copied to where nothing else of it is.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autospan.model import Facts, Graph, Import, Source, Survey


def finding(sources: Sequence[Source], facts: Sequence[Facts]) -> frozenset[str]:
    """The paths of the files whose text shows that they find their neighbours: it has a main guard
    or is a script that does something, imports a neighbour for certain, or one imports it.

    `facts` are those of the sources.
    """
    beside = _standing(source.path for source in sources)
    alone = {each.module: each.path for each in sources if "." not in each.module}
    texts = {each.path: each.data for each in sources}
    found: set[str] = set()
    for each in facts:
        names, local = _names(each.imports), beside[each.path.rpartition("/")[0]]
        if "__init__" in local:  # a module of a package is found by its dotted path
            found |= {alone[name] for name in alone.keys() & names}
            continue
        near = {**alone, **local}
        found |= {near[name] for name in near.keys() & names} - {each.path}
        text = texts.get(each.path, b"")
        certain = {local.get(name, each.path) for name in _names(at_top(text, each.imports))}
        if certain - {each.path} or _is_program(each, text):
            found.add(each.path)
    return frozenset(found)


def _standing(paths: Iterable[str]) -> Mapping[str, dict[str, str]]:
    """By folder, what stands in it: each file's path by its stem, a folder's by its name."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        folder, _, name = path.rpartition("/")
        found[folder][name.rpartition(".")[0] or name] = path
        while folder:
            around, _, name = folder.rpartition("/")
            found[around].setdefault(name, folder)
            folder = around
    return found


def _names(imports: Iterable[Import]) -> set[str]:
    """The names that imports begin with, but for those of the standard library."""
    return {each.module.partition(".")[0] for each in imports} - sys.stdlib_module_names


def started(graph: Graph, survey: Survey) -> frozenset[str]:
    """The paths of the files in which an entry point is that another file names: a unit of
    deployment, a crontab, packaging. What it names it finds by its name, or runs."""
    files = ((graph.functions[each.function].place.file, each) for each in survey.entries)
    return frozenset(file for file, each in files if each.place.file != file)


def _is_program(facts: Facts, data: bytes) -> bool:
    """Whether a file is run: as `__main__`, as an executable script that calls something, or as one
    that calls a function of its own."""
    if facts.guard is not None or facts.module.rpartition(".")[2] == "__main__":
        return True
    called = {name.decode() for name in _CALL.findall(data)}
    script = is_script(data) and called
    return bool(script) or not called.isdisjoint(each.short for each in facts.functions)


def is_script(head: bytes) -> bool:
    """Whether the first bytes of a file ask for a Python interpreter."""
    return bool(_SHEBANG.match(head))


_SHEBANG = re.compile(rb"#!.*\b(?:python|pypy)[\d.]*\b")
_CALL = re.compile(rb"(?m)^(?:(?:sys\.)?exit\(|raise SystemExit\()?([A-Za-z_][\w.]*)\(")
"""A call that is a statement of the module, or its exit code."""


def at_top(data: bytes, imports: Iterable[Import]) -> Iterator[Import]:
    """What a file imports for certain before its first definition: not in `try` nor `if`."""
    known = {each.line: each for each in imports}
    for number, line in enumerate(data.splitlines(), 1):
        if line.startswith((b"def ", b"class ", b"async ", b"@")):
            return
        if number in known and line.startswith((b"import ", b"from ")):
            yield known[number]
