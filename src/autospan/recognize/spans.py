"""Spans made by hand: those that are lost at once, and the attributes that are put on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autospan.knowledge.rules import Key
from autospan.knowledge.spans import AttributeRule, TracedRule
from autospan.model import Argument, Lost, Recorded, Value
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index


def find_lost(hits: Hits, index: Index) -> tuple[Lost, ...]:
    """Calls that make a span and drop it, sorted."""
    found = {
        Lost(site.caller, index.at(site.caller, site.line), site.name)
        for rule, site in hits.calls
        if isinstance(rule, TracedRule) and rule.held and site.discarded
    }
    return tuple(sorted(found))


def find_recorded(hits: Hits, index: Index) -> tuple[Recorded, ...]:
    """Calls and decorators that name attributes of spans, sorted; each call once."""
    found = {
        Recorded(site.caller, index.at(site.caller, site.line), site.name, names)
        for rule, site in hits.calls
        if isinstance(rule, AttributeRule) and (names := _names(rule, site.arguments))
    }
    found |= {
        Recorded(one.function, index.at(one.function, one.line), one.name, names)
        for rule, one in hits.decorations
        if isinstance(rule, AttributeRule) and one.function >= 0
        if (names := _names(rule, one.arguments))
    }
    return tuple(sorted(found))


def _names(rule: AttributeRule, arguments: Iterable[Argument]) -> tuple[str, ...]:
    """The names that are told: constants, the keys of dictionaries, the items of sequences."""
    return tuple(dict.fromkeys(_told(rule, tuple(arguments))))


def _told(rule: AttributeRule, arguments: tuple[Argument, ...]) -> Iterator[str]:
    for value in _passed(arguments, rule.key):
        if value.kind == "constant":
            yield value.text
    for value in _passed(arguments, rule.keys):
        items = (each.text for each in value.items if each.kind == "constant")
        yield from value.keys or items


def _passed(arguments: tuple[Argument, ...], keys: tuple[Key, ...]) -> Iterator[Value]:
    return (value for one in arguments if one.key in keys for value in one.values)
