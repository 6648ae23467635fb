"""Functions that the project's own decorators hand on to a framework."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autospan.model import Decoration, Graph
from autospan.recognize.naming import verb_of


@dataclass(frozen=True, slots=True)
class Handing:
    """What each decorator of the project decorates, and by whom each function is decorated."""

    graph: Graph
    by: Mapping[int, tuple[Decoration, ...]]
    decorators: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, graph: Graph) -> Handing:
        """The decorations of a graph by decorator and by function."""
        by: dict[int, list[Decoration]] = {}
        decorators: dict[int, list[int]] = {}
        for one in graph.decorations:
            if one.function < 0:
                continue
            for decorator in one.by:
                by.setdefault(decorator, []).append(one)
                decorators.setdefault(one.function, []).append(decorator)
        return cls(
            graph,
            {key: tuple(each) for key, each in by.items()},
            {key: tuple(each) for key, each in decorators.items()},
        )

    def stands_for(self, function: int, caller: int, several: bool) -> tuple[Decoration, ...]:
        """What is registered where `caller` registers a function that is the wrapper of a decorator
        (or, of `several`, one that was decorated): everything the decorator decorates, if it does
        the registering, or keeps what it decorates for somebody who does."""
        inside = {caller, *self._around(caller)}
        makers = [*self._around(function)]
        for decorator in (*makers, *(self.decorators.get(function, ()) if several else ())):
            handed = self.by.get(decorator, ())
            registered = [one for one in handed if one.kept or decorator in inside]
            if registered:
                return tuple(registered)
        return ()

    def _around(self, function: int) -> Iterator[int]:
        outer = self.graph.functions[function].outer
        while outer is not None and self.graph.functions[outer].kind != "module":
            yield outer
            outer = self.graph.functions[outer].outer


def told(one: Decoration) -> tuple[str, str]:
    """The HTTP method and the path that a decorator of the project tells, each "" if it does not:
    `GET`, `/orders` of `@api.get("/orders")`."""
    texts = [value.text for each in one.arguments for value in each.values if value.kind in _PLAIN]
    path = next((text for text in texts if text.startswith("/")), "")
    verb = verb_of(one.name.rpartition(".")[2]) or next(filter(None, map(_method, texts)), "")
    return verb, path or next((text for text in texts if not _method(text)), "")


def _method(text: str) -> str:
    return text if text.isupper() and all(map(verb_of, text.split(","))) else ""


_PLAIN: Iterable[str] = ("constant", "collection")
