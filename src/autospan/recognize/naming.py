"""What people call an entry point: the pack's template, filled from the code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autospan.knowledge.matcher import compiled, star
from autospan.knowledge.rules import PLACEHOLDER, EntryRule
from autospan.model import Argument, Value
from autospan.recognize.index import argument

_VERBS = frozenset("get post put patch delete head options trace connect".split())


def fill(template: str, arguments: tuple[Argument, ...], facts: Mapping[str, str]) -> str:
    """The template with its placeholders filled: `{methods|'GET'} {0}` to `GET /orders`.

    A placeholder lists alternatives; the first that gives text is taken: a keyword or position of
    `arguments`, a name of `facts`, a quoted text. A word that is empty because an
    argument is, as the path of a route may be, is shown as `''`.
    """

    def value(alternative: str) -> str:
        if alternative.startswith("'"):
            return alternative.strip("'")
        key: int | str = int(alternative) if alternative.isdigit() else alternative
        values = argument(arguments, (key,))
        if all(each.kind == "collection" for each in values):  # of one call in a loop: any of them
            return ",".join(dict.fromkeys(map(_text, values))) or facts.get(alternative, "")
        return next(map(_text, values), "") or facts.get(alternative, "")

    def first(placeholder: re.Match[str]) -> str:
        return next(filter(None, map(value, placeholder[1].split("|"))), "")

    def word(part: str) -> str:
        empty = any(map(is_empty, PLACEHOLDER.findall(part)))
        return PLACEHOLDER.sub(first, part) or ("''" if empty else "")

    def is_empty(alternatives: str) -> bool:
        keys = tuple(int(key) if key.isdigit() else key for key in alternatives.split("|"))
        found = argument(arguments, keys)
        return any(each.kind == "constant" and not each.text for each in found)

    return " ".join(filter(None, map(word, template.split())))


def _text(value: Value) -> str:
    """A constant as it is, the last part of what has a name."""
    plain = value.kind in ("constant", "collection")
    return value.text if plain else value.text.rpartition(".")[2]


def verb(rule: EntryRule, name: str) -> str:
    """The last part of a decorator or call (of it, what a star of the pattern stands for) in upper
    case: `GET` of `flask.Flask.get`, and of `router.add_get` matched by `router.add_*`."""
    return star(pattern(rule, name), name).upper()


def pattern(rule: EntryRule, name: str) -> str:
    """The pattern of a rule that a name matches, the name itself if none has a star."""
    return next((p for p in rule.names if "*" in p and compiled(p).fullmatch(name)), name)


def verb_of(name: str) -> str:
    """The HTTP method that the name of a function tells (`on_get_item`: GET), "" if none."""
    return next((part.upper() for part in name.split("_") if part.lower() in _VERBS), "")
