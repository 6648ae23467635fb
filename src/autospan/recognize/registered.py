"""Entry points that are registered: by a decorator, by a call, by a decorator of the project."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.knowledge.rules import EntryRule
from autospan.model import Argument, Decoration, Entry, Place, Site, Value
from autospan.recognize.found import Found, enter
from autospan.recognize.handing import Handing, told
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index, aligned, argument
from autospan.recognize.naming import verb
from autospan.recognize.targets import Row, rows


def find_registered(index: Index, hits: Hits) -> Iterator[Found]:
    """What decorators and calls register, in the order of the graph."""
    handing = Handing.of(index.graph)
    for rule, one in hits.decorations:
        if isinstance(rule, EntryRule):
            yield from _decorated(rule, index, handing, one)
    for rule, site, value in hits.applied:
        yield from _called(rule, index, handing, site, (value,))
    for rule, site in hits.calls:
        if isinstance(rule, EntryRule):
            yield from _called(rule, index, handing, site, _passed(rule, site))


def _decorated(rule: EntryRule, index: Index, handing: Handing, one: Decoration) -> Iterator[Found]:
    function = one.function >= 0
    value = Value("function", "", one.function) if function else Value("class", "", one.klass)
    holder = index.graph.functions if function else index.graph.classes
    place = Place(holder[value.target].place.file, one.line)
    handed = handing.stands_for(one.function, one.function, False) if function else ()
    yield from _handed(rule, index, handed, f"@{one.name}")
    if not handed:
        prefix = index.prefix(rule, one.name, place.file)
        facts = {"called": verb(rule, one.name), "prefix": prefix}
        yield from enter(rule, index, value, place, f"@{one.name}", facts, one.arguments)


def _passed(rule: EntryRule, site: Site) -> tuple[Value, ...]:
    """What a call makes an entry of: an argument, or with "caller" the function that calls."""
    if rule.looped and not site.loop:
        return ()
    if "caller" in rule.function:
        return (Value("function", "", site.caller),)
    if rule.where == "store":
        return argument(site.arguments, (0,))
    if rule.every:
        each = (argument(site.arguments, (key,)) for key in rule.function)
        return tuple(value for values in each for value in values)
    return argument(site.arguments, rule.function)


def _called(
    rule: EntryRule, index: Index, handing: Handing, site: Site, values: tuple[Value, ...]
) -> Iterator[Found]:
    place = index.at(site.caller, site.line)
    prefix = index.prefix(rule, site.name, place.file)
    facts = {"called": verb(rule, site.name), "prefix": prefix}
    evidence = f"{site.name}()"
    listed = _local(index, place.file, values) if rule.local else _rows(index, place, values, site)
    found = [*listed]
    for one, beside in found:
        if one.kind == "function" and "caller" not in rule.function:
            handed = handing.stands_for(one.target, site.caller, len(found) > 1)
            yield from _handed(rule, index, handed, evidence)
            if handed:
                continue
        given = beside or site.arguments
        yield from enter(rule, index, one, place, evidence, facts, given)


def _rows(index: Index, place: Place, values: tuple[Value, ...], site: Site) -> Iterator[Row]:
    """What is registered, each with what stands beside it: in a collection, or in the same row of
    a table that a loop goes through."""
    for number, each in enumerate(values):
        one = index.located(each.text, place.file) if each.kind == "constant" else each
        for found, beside in rows(one) if one is not None else ():
            yield found, beside or aligned(site.arguments, number, len(values))


def _local(index: Index, file: str, values: tuple[Value, ...]) -> Iterator[Row]:
    """What strings name in a module, each with the string before: `("/orders", "Orders", …)`."""
    for value in values:
        before = ""
        for one in value.items or (value,):
            named = index.named(f"{index.modules[file]}.{one.text}")
            if named is not None:
                yield named, (Argument(0, (Value("constant", before),)),) if before else ()
            before = one.text


def _handed(
    rule: EntryRule, index: Index, handed: tuple[Decoration, ...], evidence: str
) -> Iterator[Found]:
    """What decorators of the project handed on, under the names that they tell."""
    for one in handed:
        called = index.graph.functions[one.function]
        name = " ".join(filter(None, told(one))) or called.short
        place = Place(called.place.file, one.line)
        yield Found(rule, Entry(one.function, rule.kind, name, place, evidence))
