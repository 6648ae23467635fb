"""The facts of all files: those that the cache has, and those that are read, here or by others."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from autospan.codec import pack, unpack
from autospan.model import Facts, Place, Problem, Source
from autospan.processes import cores, processes
from autospan.read import read
from autospan.resources import Resources, source_key

if TYPE_CHECKING:
    from autospan.cache import Cache
    from autospan.crew import Crew

SMALL = 2_000_000
"""Bytes to read below which processes cost more than they spare."""

_PORTION = 50
_TURN = Lock()
_LOST = "the process that read it died: out of memory, or a crash of the interpreter"


class _Read(NamedTuple):
    """The facts of a file, and these as bytes to keep (b"": not to be kept)."""

    facts: Facts
    data: bytes


def read_all(
    sources: Sequence[Source], resources: Resources, told: Callable[[int], None]
) -> Iterator[Facts]:
    """The facts of the sources, in their order; `told` how many are done."""
    cache = resources.cache
    keys = {source.path: source_key(source) for source in sources} if cache else {}
    known = cache.known(keys.values()) if cache else set()
    new = [each for each in sources if keys.get(each.path) not in known]
    with closing(_read_anew(new, resources)) as fresh:
        for start, portion in enumerate(_portions(sources)):
            told(start * _PORTION)
            yield from _portion(portion, keys, known, fresh, cache)


def _portion(
    sources: Sequence[Source],
    keys: Mapping[str, bytes],
    known: Set[bytes],
    fresh: Iterator[_Read],
    cache: Cache | None,
) -> Iterator[Facts]:
    """The facts of some files; those of which the cache does not know the key are read next."""
    wanted = [key for each in sources if (key := keys.get(each.path, b"")) in known]
    found = cache.load(wanted) if cache else {}
    new: dict[bytes, bytes] = {}
    for source in sources:
        key = keys.get(source.path, b"")
        if key in found:
            yield unpack(Facts, found[key])
        else:  # what was known a moment ago may have been dropped by another run
            facts, new[key] = next(fresh) if key not in known else _read(source, True)
            yield facts
    if cache:
        cache.store({key: data for key, data in new.items() if data})


def complete(problems: Iterable[Problem]) -> bool:
    """Whether no process died over a file: another run might read it."""
    return not any(each.message == _LOST for each in problems)


def _portions(sources: Sequence[Source]) -> Iterator[Sequence[Source]]:
    return (sources[start : start + _PORTION] for start in range(0, len(sources), _PORTION))


def _read_anew(sources: Sequence[Source], resources: Resources) -> Generator[_Read, None, None]:
    """The facts of files in their order, by other processes if that pays."""
    with _crew(sources, resources) as crew:
        if crew is None:
            yield from (_read(source, resources.cache is not None) for source in sources)
            return
        with closing(crew.map(_portions(sources))) as results:
            for portion, packed in zip(_portions(sources), results, strict=True):
                for source, data in zip(portion, packed, strict=True):
                    yield _Read(unpack(Facts, data), data) if data else _Read(_lost(source), b"")


@contextmanager
def _crew(sources: Sequence[Source], resources: Resources) -> Iterator[Crew[Source, bytes] | None]:
    """Whoever reads these files; None: this process."""
    small = sum(len(source.data) for source in sources) < SMALL
    workers = resources.workers or (1 if small else cores())
    alone = partial(processes, 1)
    if not sources:
        yield None
    elif resources.executor:
        from autospan.cluster import cluster
        from autospan.crew import Crew

        with cluster(resources.executor, resources.workers or cores()) as found:
            yield Crew(_read_packed, found.threads, lambda: found.executor, alone, found.lost)
    elif workers > 1:
        from autospan.crew import Crew

        yield Crew(_read_packed, workers, partial(processes, workers), alone)
    else:
        yield None


def _read(source: Source, kept: bool) -> _Read:
    facts = read(source)
    return _Read(facts, pack(Facts, facts) if kept else b"")


def _read_packed(sources: Sequence[Source]) -> list[bytes]:
    """What a worker does, one thread at a time: each would have to wait for the others anyway."""
    with _TURN:
        return [pack(Facts, read(source)) for source in sources]


def _lost(source: Source) -> Facts:
    hint = "the file is left out of the call graph and never edited; the rest of the work goes on"
    problem = Problem(Place(source.path), _LOST, hint)
    lines = source.data.count(b"\n")
    return Facts(source.path, source.module, source.package, lines, problems=(problem,))
