"""Rules that hold only for what was given to a decorator or call, as its source text says."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TypeVar

from autospan.knowledge.rules import EntryRule, Rule
from autospan.model import Decoration, Graph, Place, Site, Tree
from autospan.recognize.hits import Hits

T = TypeVar("T", Site, Decoration)
_LONGEST = 20  # lines of one call


def settle(graph: Graph, hits: Hits, tree: Tree) -> Hits:
    """The hits without the rules whose `given` does not hold; where one holds, no others count."""
    written = Written(tree)

    def decorated(one: Decoration) -> Place:
        place = (
            graph.functions[one.function] if one.function >= 0 else graph.classes[one.klass]
        ).place
        return Place(place.file, one.line)

    def called(site: Site) -> Place:
        return Place(graph.functions[site.caller].place.file, site.line)

    return hits._replace(
        calls=_settled(hits.calls, called, written),
        decorations=_settled(hits.decorations, decorated, written),
    )


def _settled(
    pairs: tuple[tuple[Rule, T], ...], at: Callable[[T], Place], written: Written
) -> tuple[tuple[Rule, T], ...]:
    conditional = [(r, one) for r, one in pairs if isinstance(r, EntryRule) and r.given]
    if not conditional:
        return pairs
    holding = {one for rule, one in conditional if written.holds(rule.given, at(one))}
    return tuple(
        (rule, one)
        for rule, one in pairs
        if not isinstance(rule, EntryRule) or bool(rule.given) == (one in holding)
    )


class Written:
    """The source text of arguments."""

    def __init__(self, tree: Tree) -> None:
        self._sources = {source.path: source for source in tree.sources}
        self._lines: dict[str, list[str]] = {}

    def holds(self, given: Iterable[str], place: Place) -> bool:
        """Whether the calls that begin on a line were given one of `argument:pattern`."""
        arguments = [*_arguments(self._call(place))]
        wanted = [one.partition(":") for one in given]
        return any(
            key == argument and fnmatchcase(text, pattern)
            for key, _, pattern in wanted
            for argument, text in arguments
        )

    def _call(self, place: Place) -> ast.AST | None:
        """The statement (or decorator) that begins on a line, if it parses."""
        lines = self._lines.get(place.file)
        if lines is None:
            source = self._sources[place.file]
            text = source.data.decode(source.encoding or "utf-8", "replace")
            lines = self._lines[place.file] = text.splitlines()
        text = ""
        for line in lines[place.line - 1 : place.line - 1 + _LONGEST]:
            text += line + "\n"
            try:
                return ast.parse(text.strip().removeprefix("@"))
            except SyntaxError:
                continue
        return None


def _arguments(node: ast.AST | None) -> Iterator[tuple[str, str]]:
    """(position, keyword or "self", source text) of all calls."""
    for call in ast.walk(node) if node else ():
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Attribute):
                yield "self", ast.unparse(call.func.value)
            yield from ((str(n), ast.unparse(each)) for n, each in enumerate(call.args))
            yield from ((one.arg, ast.unparse(one.value)) for one in call.keywords if one.arg)
