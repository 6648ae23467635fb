"""Work in other processes, through any executor of `concurrent.futures`, that survives their death.

Portions of items go out and their results come back in order, a few ahead of what is asked for, so
that neither piles up. A worker that dies (killed for its memory, a crash of the interpreter) may
take down every portion that was out with it; those are done again item by item, by a worker that
has nothing else to do, and so the item that kills it is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Crew(Generic[Item, Result]):
    """Workers who turn items into results, None for an item that kills whoever works on it.

    `opening` gives an executor with so many `workers`, `alone` one with a single worker; `lost` are
    the exceptions by which these tell that one died.
    """

    work: Callable[[Sequence[Item]], Sequence[Result]]
    workers: int
    opening: Callable[[], Executor]
    alone: Callable[[], Executor]
    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)

    def map(
        self, portions: Iterable[Sequence[Item]]
    ) -> Generator[Sequence[Result | None], None, None]:
        """The results of each portion, in order."""
        out: deque[tuple[Sequence[Item], Future[Sequence[Result]] | None]] = deque()
        executor = self.opening()
        try:
            for portion in portions:
                future = self._sent(executor, portion)
                if future is None:  # it is dead, as those who wait for it will see
                    executor = self.opening()
                    future = self._sent(executor, portion)
                out.append((portion, future))
                if len(out) > 2 * self.workers:
                    yield self._done(*out.popleft())
            while out:
                yield self._done(*out.popleft())
        finally:
            for _, future in out:
                _ = future and future.cancel()
            executor.shutdown()

    def _sent(self, executor: Executor, portion: Sequence[Item]) -> Future[Sequence[Result]] | None:
        with suppress(*self.lost):
            return executor.submit(self.work, portion)
        return None

    def _done(
        self, portion: Sequence[Item], future: Future[Sequence[Result]] | None
    ) -> Sequence[Result | None]:
        found = self._result(future)
        return list(self._singly(portion)) if found is None else found

    def _result(self, future: Future[Sequence[Result]] | None) -> Sequence[Result] | None:
        if future is not None:
            with suppress(*self.lost):
                return future.result()
        return None

    def _singly(self, items: Iterable[Item]) -> Iterator[Result | None]:
        executor = self.alone()
        for item in items:
            found = self._result(self._sent(executor, [item]))
            if found is None:
                executor = self.alone()
            yield found[0] if found else None
        executor.shutdown()
