"""The graph by name: dotted names to functions and classes, methods with what is inherited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autospan.knowledge.matcher import compiled
from autospan.knowledge.rules import EntryRule
from autospan.model import Argument, Graph, Place, Site, Value


@dataclass(frozen=True, slots=True)
class Index:
    """Look-ups over one graph. Where a name is defined twice, the last definition counts."""

    graph: Graph
    functions: Mapping[str, int]
    classes: Mapping[str, int]
    made: Mapping[tuple[str, str], tuple[Site, ...]]

    @classmethod
    def of(cls, graph: Graph) -> Index:
        """The index of a graph; its cost is one pass over functions and classes."""
        return cls(
            graph,
            {f.qualified: number for number, f in enumerate(graph.functions) if f.kind != "module"},
            {c.name.replace(":", "."): number for number, c in enumerate(graph.classes)},
            _made(graph),
        )

    def prefix(self, rule: EntryRule, name: str, file: str) -> str:
        """What stands before the routes of a router: the keyword it was made with, where the file
        makes exactly one of its class."""
        for each in rule.prefix:
            owner, _, keyword = each.partition(":")
            made = self.made.get((file, owner), ())
            if name.startswith(f"{owner}.") and len(made) == 1:
                return next((v.text for v in argument(made[0].arguments, (keyword,))), "")
        return ""

    def methods(self, klass: int, patterns: Iterable[str]) -> Iterator[tuple[str, str, int]]:
        """(pattern, method name, function) of a class, inherited ones from project classes too.

        A decorated method is the function that stands in the class, not the decorator's wrapper.
        """
        wanted = tuple(patterns)
        wild = tuple(pattern for pattern in wanted if "*" in pattern)
        seen: set[str] = set()
        for one in self._lineage(klass):
            owner = self.graph.classes[one]
            for name, bound in owner.methods:
                pattern = name if name in wanted else _matching(wild, name)
                if pattern and name not in seen:
                    seen.add(name)
                    dotted = f"{owner.name.replace(':', '.')}.{name}"
                    yield pattern, name, self.functions.get(dotted, bound)

    def _lineage(self, klass: int) -> Iterator[int]:
        yield klass
        for ancestor in self.graph.classes[klass].ancestors:
            number = self.classes.get(ancestor.replace(":", "."))
            if number is not None and number != klass:
                yield number

    def attributes(self, klass: int) -> frozenset[str]:
        """The names bound in the bodies of a class, of its project ancestors, and of the classes
        that its `Meta` names (`interfaces = (Node,)`)."""
        lineage = [*self._lineage(klass)]
        for one in (*lineage,):
            meta = self.classes.get(f"{self.graph.classes[one].name.replace(':', '.')}.Meta", -1)
            named = self.graph.classes[meta].attributes if meta >= 0 else ()
            values = [inner for _, each in named for value in each for inner in value.items]
            lineage += [v.target for v in values if v.kind == "class" and v.target not in lineage]
        bodies = (self.graph.classes[one] for one in lineage)
        return frozenset(name for body in bodies for name, _ in (*body.methods, *body.attributes))

    def named(self, text: str) -> Value | None:
        """The project function or class that a dotted path (`a.b.c`, `a.b:c`) in a string names."""
        dotted = text.strip().replace(":", ".")
        if dotted in self.functions:
            return Value("function", text, self.functions[dotted])
        if dotted in self.classes:
            return Value("class", text, self.classes[dotted])
        return None

    def at(self, function: int, line: int) -> Place:
        """A line of the file that a function stands in."""
        return Place(self.graph.functions[function].place.file, line)


def _matching(patterns: tuple[str, ...], name: str) -> str:
    """The first of the patterns that matches a name, "" if none does."""
    return next((one for one in patterns if compiled(one).fullmatch(name)), "")


def argument(arguments: tuple[Argument, ...], keys: Iterable[int | str]) -> tuple[Value, ...]:
    """The values of the first of `keys` that was passed; "*" takes those of all arguments."""
    for key in keys:
        values = [value for one in arguments if key in ("*", one.key) for value in one.values]
        if values:
            return tuple(values)
    return ()


def _made(graph: Graph) -> dict[tuple[str, str], tuple[Site, ...]]:
    """What module bodies call, by file and name."""
    found: dict[tuple[str, str], tuple[Site, ...]] = {}
    for site in graph.sites:
        caller = graph.functions[site.caller]
        if caller.kind == "module" and site.arguments:
            key = (caller.place.file, site.name)
            found[key] = (*found.get(key, ()), site)
    return found
