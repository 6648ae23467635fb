"""The graph by name: dotted names to functions and classes, methods with what is inherited."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from posixpath import commonpath, normpath

from autospan.knowledge.matcher import compiled
from autospan.knowledge.rules import EntryRule
from autospan.model import Argument, Edge, Function, Graph, Place, Site, Value
from autospan.recognize.hits import BaseHit


@dataclass(frozen=True)
class Index:
    """Look-ups over one graph. Where a name is defined twice, the last definition counts."""

    graph: Graph
    functions: Mapping[str, int]
    classes: Mapping[str, int]
    made: Mapping[tuple[str, str], tuple[Site, ...]]
    modules: Mapping[str, str]
    derived: Mapping[int, tuple[EntryRule, ...]]

    @classmethod
    def of(cls, graph: Graph, bases: Iterable[BaseHit] = ()) -> Index:
        """The index of a graph; its cost is one pass over functions and classes."""
        derived: dict[int, tuple[EntryRule, ...]] = {}
        for hit in bases:
            if isinstance(hit.rule, EntryRule):
                derived[hit.klass] = (*derived.get(hit.klass, ()), hit.rule)
        return cls(
            graph,
            {f.qualified: number for number, f in enumerate(graph.functions) if f.kind != "module"},
            {c.name.replace(":", "."): number for number, c in enumerate(graph.classes)},
            _made(graph),
            {f.place.file: f.module for f in graph.functions if f.kind == "module"},
            derived,
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

    def named(self, text: str, file: str = "") -> Value | None:
        """The project function or class that a dotted path (`a.b.c`, `a.b:c`) in a string names.
        A folder around the file with the string may be on the path when the program runs."""
        dotted, around = text.strip().replace(":", "."), []
        folder = self._module_of(file) if "." in dotted else ""
        while folder := folder.rpartition(".")[0]:
            around.append(f"{folder}.{dotted}")
        for spelled in (dotted, *around):
            if spelled in self.functions:
                return Value("function", text, self.functions[spelled])
            if spelled in self.classes:
                return Value("class", text, self.classes[spelled])
        return None

    def _module_of(self, file: str) -> str:
        """The module of a file; of a document, a name in the package that it lies in."""
        package = f"{file.rpartition('/')[0]}/__init__.py"
        beside = f"{self.modules[package]}.-" if package in self.modules else ""
        return self.modules.get(file, beside)

    def located(self, text: str, beside: str) -> Value | None:
        """What a dotted path or one with slashes names (`src/orders.create`, `orders.py:create`),
        seen from a folder that need not be on the import path: of several that end so, the one
        with most of its path in common with the file `beside`."""
        exact = self.named(text, beside)
        if exact is not None:
            return exact
        module, _, name = text.replace(".py:", ":").replace(":", ".").rpartition(".")
        tail = "/" + normpath(module.strip("./").replace(".", "/"))
        found = [
            (-len(commonpath(["/" + path, "/" + beside])), path, number)
            for path, number in self.top_level.get(name, ())
            if module and ("/" + _without_suffix(path, tail)).endswith(tail)
        ]
        return Value("function", text, min(found)[2]) if found else None

    @cached_property
    def top_level(self) -> Mapping[str, list[tuple[str, int]]]:
        """The functions of module level by their own name, each with its file."""
        found: dict[str, list[tuple[str, int]]] = {}
        for number, one in enumerate(self.graph.functions):
            if one.kind != "module" and one.name == f"{one.module}:{one.short}":
                found.setdefault(one.short, []).append((one.place.file, number))
        return found

    def module(self, target: str, beside: str) -> int:
        """The body of the module that is run as `pkg.mod` (or `pkg`, by its `__main__`) or as the
        file `bin/sync.py`, -1 without one; `beside` decides between several."""
        tails = [target.removesuffix(".py").lstrip("./~")]
        if not target.endswith(".py"):
            tails = [f"{target}.__main__".replace(".", "/"), target.replace(".", "/")]
        for tail in tails:
            found = [
                (-len(commonpath(["/" + one.place.file, "/" + beside])), one.place.file, number)
                for number, one in self._bodies
                if f"/{tail}".endswith("/" + one.place.file.removesuffix(".py"))
                or ("/" + one.place.file.removesuffix(".py")).endswith(f"/{tail}")
            ]
            if found:
                return min(found)[2]
        return -1

    @cached_property
    def _bodies(self) -> list[tuple[int, Function]]:
        functions = enumerate(self.graph.functions)
        return [(number, one) for number, one in functions if one.kind == "module"]

    def gaps(self, function: int, klass: int) -> Iterator[int]:
        """What a method that a class inherits calls on it and its own class leaves out: the `run`
        that a base's `__call__` calls and that only the heirs have."""
        owner = self.graph.functions[function].owner
        if owner is None or owner == klass:
            return
        for short in sorted({self.graph.functions[e.callee].short for e in self.edges(function)}):
            above = next((number for _, _, number in self.methods(owner, (short,))), None)
            if above is None or self.graph.functions[above].trivial:
                own = (number for _, _, number in self.methods(klass, (short,)))
                yield from (number for number in own if number != above)

    def edges(self, caller: int) -> Iterator[Edge]:
        """The calls of one function that are more than guesses; edges are sorted by caller."""
        edges = self.graph.edges
        start = bisect_left(edges, (caller,))
        for edge in takewhile(lambda edge: edge.caller == caller, islice(edges, start, None)):
            special = self.graph.functions[edge.callee].short.startswith("__")
            if edge.confidence != "guessed" and not special:
                yield edge

    def at(self, function: int, line: int) -> Place:
        """A line of the file that a function stands in."""
        return Place(self.graph.functions[function].place.file, line)


def _without_suffix(path: str, tail: str) -> str:
    """A file as a module path; a package's `__init__` only where the tail asks for it."""
    plain = path.removesuffix(".py")
    return plain if tail.endswith("/__init__") else plain.removesuffix("/__init__")


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


def aligned(arguments: tuple[Argument, ...], at: int, of: int) -> tuple[Argument, ...]:
    """The arguments beside alternative `at` of another one that has `of`: where they have as many,
    that of the same place."""
    return tuple(
        one._replace(values=one.values[at : at + 1]) if len(one.values) == of else one
        for one in arguments
    )


def _made(graph: Graph) -> dict[tuple[str, str], tuple[Site, ...]]:
    """What module bodies call, by file and name."""
    found: dict[tuple[str, str], tuple[Site, ...]] = {}
    for site in graph.sites:
        caller = graph.functions[site.caller]
        if caller.kind == "module" and site.arguments:
            key = (caller.place.file, site.name)
            found[key] = (*found.get(key, ()), site)
    return found
