"""From a value that a rule points at to the entries that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from autospan.knowledge.rules import EntryRule
from autospan.model import Argument, Entry, Graph, LinkedClass, Place, Value
from autospan.recognize.index import Index
from autospan.recognize.naming import fill, verb_of
from autospan.recognize.targets import Target, rows, targets

_METHODS = re.compile(r"[A-Z]+(,[A-Z]+)*")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and the rule that found it: a route is better evidence than a base class."""

    rule: EntryRule
    entry: Entry

    def settled(self, by_hand: set[int]) -> Entry:
        """The entry with its root span: auto by the rule's package, manual if traced by hand."""
        entry = replace(self.entry, kept=self.rule.keeps) if self.rule.keeps else self.entry
        if self.rule.root:
            return replace(entry, root_span="auto", package=self.rule.root)
        if entry.function in by_hand:
            return replace(entry, root_span="manual")
        return entry


def enter(
    rule: EntryRule,
    index: Index,
    value: Value | None,
    place: Place,
    evidence: str,
    facts: Mapping[str, str],
    arguments: tuple[Argument, ...] = (),
    base: str = "",
) -> Iterator[Found]:
    """The entries that a value stands for: a function, the rule's methods of a class, or those of
    everything in a collection."""
    graph = index.graph
    for one, beside in rows(value) if value is not None else ():
        for target in targets(rule, index, one, arguments, base):
            called = graph.functions[target.function]
            body = called.kind == "module"
            if body != ("body" in rule.only) or (called.short.startswith("<") and not body):
                continue
            known = _known(graph, target)
            name = fill(rule.name, beside or arguments, {**known, **facts})
            if rule.kind == "http" and " " in rule.name and _METHODS.fullmatch(name):
                name = f"{name} {known['class'] or known['function']}"  # the path is computed
            entry = Entry(target.function, rule.kind, name or called.short, place, evidence)
            yield Found(rule, entry)


def _known(graph: Graph, target: Target) -> dict[str, str]:
    """What a template may say of the function that runs."""
    called = graph.functions[target.function]
    return {
        **(_constants(graph.classes[target.klass]) if target.klass >= 0 else {}),
        "function": called.short,
        "class": _class_of(graph, target.function, target.klass),
        "star": target.star,
        "method": target.star.upper(),
        "verb": verb_of(target.method or called.short),
        "module": called.module,
        "qualified": called.qualified,
        "stem": called.module.rpartition(".")[2],
    }


def _class_of(graph: Graph, function: int, klass: int) -> str:
    """The name of the class that is registered, else of the one that a function stands in."""
    owner = klass if klass >= 0 else graph.functions[function].owner
    return "" if owner is None else graph.classes[owner].name.rpartition(":")[2]


def _constants(klass: LinkedClass) -> dict[str, str]:
    """The constants of a class body: `name = "ledger.check"`."""
    firsts = ((name, values[0]) for name, values in klass.attributes if values)
    return {name: value.text for name, value in firsts if value.kind == "constant"}
