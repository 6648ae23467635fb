"""Functions that are given a span from outside: by their names in an INI file's section or an
environment variable, or by the call that is handed or told them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import Error, RawConfigParser
from fnmatch import fnmatchcase

from autospan.knowledge.rules import Rule
from autospan.knowledge.spans import TracedRule
from autospan.model import Document, Place, Site, Tree, Value
from autospan.recognize.index import Index, argument


def find_configured(
    index: Index, rules: tuple[Rule, ...], tree: Tree
) -> Iterator[tuple[int, str, Place]]:
    """(function, API, place) of every function that is named outside of its code."""
    for rule in (each for each in rules if isinstance(each, TracedRule)):
        for text, place in _told(rule, tree):
            for name in _listed(text):
                yield from ((one, rule.api, place) for one in _meant(index, rule, name, place.file))


def wrapped(index: Index, rule: TracedRule, site: Site) -> Iterator[int]:
    """The functions that a call is handed, or named, to give them a span."""
    module = "".join(f"{each.text}." for each in argument(site.arguments, rule.module)[:1])
    file = index.graph.functions[site.caller].place.file
    pending = [*argument(site.arguments, rule.function)]
    while pending:
        value = pending.pop()
        pending += value.items
        if value.kind == "constant":
            yield from _of(index.named(module + value.text, file))
        else:
            yield from _of(value)


def _told(rule: TracedRule, tree: Tree) -> Iterator[tuple[str, Place]]:
    match rule.where:
        case "section":
            for document in tree.documents:
                yield from _sections(rule, document)
        case "variable":
            for document in tree.documents:
                yield from _variables(rule, document)
        case _:
            pass


def _sections(rule: TracedRule, document: Document) -> Iterator[tuple[str, Place]]:
    """What the keys of the rule hold in those sections that are switched on."""
    if not any(fnmatchcase(document.path.rpartition("/")[2], each) for each in rule.files):
        return
    parser = RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(document.text)
    except Error:
        return  # the product could not read it either
    for section in parser.sections():
        values = dict(parser.items(section))
        on = parser.BOOLEAN_STATES.get((values.get("enabled") or "").lower(), False)
        if on and any(fnmatchcase(section, name) for name in rule.names):
            line = document.text.partition(f"[{section}]")[0].count("\n") + 1
            for key in rule.function:
                if value := values.get(str(key)):
                    yield value, Place(document.path, line)


def _variables(rule: TracedRule, document: Document) -> Iterator[tuple[str, Place]]:
    """What variables are set to: `NAME=x`, `NAME: x`, or `name: NAME` above `value: x`."""
    for name in rule.names if any(each in document.text for each in rule.names) else ():
        pattern = rf"\b{name}(?:\"?\s*[=:]|[\"']?\s*\n\s*value:)[ \t]*([\"']?)([^\"'\n]+)\1"
        for found in re.finditer(pattern, document.text):
            line = document.text[: found.start()].count("\n") + 1
            yield found[2].strip(), Place(document.path, line)


def _listed(text: str) -> Iterator[str]:
    """Dotted names: of `a.b:f,g;c.d[h]` they are `a.b.f`, `a.b.g` and `c.d.h`, of `f, g` these."""
    for part in text.split(";"):
        path, _, names = part.strip().partition("[" if "[" in part else ":")
        start = f"{path}." if names else ""
        yield from (f"{start}{each.strip()}" for each in (names or path).rstrip("]").split(","))


def _meant(index: Index, rule: TracedRule, name: str, file: str) -> Iterator[int]:
    """The function of a dotted name; of a plain one every function of it, of the rule's kinds."""
    if not rule.kinds:
        yield from _of(index.named(name, file))
        return
    for number, function in enumerate(index.graph.functions):
        if function.short == name and function.kind in rule.kinds:
            yield number


def _of(value: Value | None) -> Iterator[int]:
    if value is not None and value.kind == "function":
        yield value.target
