"""The files around some files: what they import, what that imports, as far as a limit goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from autospan.model import Facts, Source

Reader = Callable[[Sequence[Source]], Iterable[Facts]]
"""Gives the facts of some files."""


def vicinity(
    start: Sequence[Facts],
    beside: Iterable[str],
    sources: Mapping[str, Source],
    read: Reader,
    limit: int,
) -> tuple[Facts, ...]:
    """The facts of the files around some files, the nearest first: those `beside` them (paths),
    then what they import in the order of the imports, then what is imported there.

    A file that would bring all of it to more than `limit` bytes is left out.
    """
    modules = {source.module: source.path for source in sources.values()}
    found: list[Facts] = []
    taken, left = {each.path for each in start}, limit
    wanted = [*beside, *_imported(start, modules)]
    while wanted:
        new: list[Source] = []
        for path in dict.fromkeys(wanted):
            if path in sources and path not in taken and len(sources[path].data) <= left:
                taken.add(path)
                new.append(sources[path])
                left -= len(sources[path].data)
        level = list(read(new))
        found += level
        wanted = list(_imported(level, modules))
    return tuple(found)


def importers(modules: Iterable[str], facts: Iterable[Facts]) -> Iterator[str]:
    """The files (paths) that import one of some modules."""
    wanted = dict.fromkeys(modules, "")
    return (each.path for each in facts if any(True for _ in _imported([each], wanted)))


def _imported(facts: Iterable[Facts], modules: Mapping[str, str]) -> Iterator[str]:
    """What files import, in their order: of `from a import b`, the module `a.b`, else `a`."""
    for each in facts:
        for one in each.imports:
            name = f"{one.module}.{one.name}"
            while name not in modules and "." in name:
                name = name.rpartition(".")[0]
            if name in modules:
                yield modules[name]
