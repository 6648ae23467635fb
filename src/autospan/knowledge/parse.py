"""One pack's TOML text to rules, with every mistake told: file, line, table, key, way out."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import tomli

from autospan.knowledge.flows import VERBS, CallbackRule, KeepRule, ProxyRule
from autospan.knowledge.matcher import expand
from autospan.knowledge.rules import (
    EffectRule,
    EffortRule,
    EntryRule,
    ForbidRule,
    FreeRule,
    LaunchRule,
    Library,
    Rule,
    WiringRule,
)
from autospan.knowledge.spans import AttributeRule, TracedRule
from autospan.knowledge.table import Table
from autospan.model import Place, Problem

R = TypeVar("R", bound="Rule | Library")

RULES: dict[str, type[Rule]] = {
    "entry": EntryRule,
    "effect": EffectRule,
    "traced": TracedRule,
    "attribute": AttributeRule,
    "forbid": ForbidRule,
    "effort": EffortRule,
    "free": FreeRule,
    "wiring": WiringRule,
    "callback": CallbackRule,
    "keep": KeepRule,
    "proxy": ProxyRule,
    "launch": LaunchRule,
}
_KINDS: tuple[type, ...] = (Library, *RULES.values())
_HINTS: dict[type, dict[str, object]] = {
    kind: {key: hint for key, hint in get_type_hints(kind).items() if key != "pack"}
    for kind in _KINDS
}
_NEEDED: dict[type, list[str]] = {
    kind: [each.name for each in fields(kind) if each.default is MISSING is each.default_factory]
    for kind in _KINDS
}
MAPPINGS = ("returns", "gives", "decorated", "aliases")


class PackError(ValueError):
    """One or more packs are wrong; `problems` are all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = (f"{p.place}: {p.message}" + (f" ({p.hint})" if p.hint else "") for p in problems)
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Pack:
    """One file, read. The mappings are expanded: one pattern a key."""

    library: Library
    rules: tuple[Rule, ...] = ()
    returns: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)
    decorated: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)


def parse(path: str, text: str, problems: list[Problem]) -> Pack:
    """The pack in `text`. What is wrong is added to `problems`; what is right is still given."""
    try:
        document = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = Place(path, int(line[1]) if line else len(text.splitlines()))
        problems.append(Problem(place, f"not TOML: {error}"))
        return Pack(Library(name=""))
    _unknown_tables(path, text, document, problems)
    library = _library(Table(path, text, "library", -1, problems), document.get("library"))
    rules = [
        rule
        for header, kind in RULES.items()
        if header in document
        for rule in _rules(path, text, header, kind, document[header], library.name, problems)
    ]
    completed = tuple(_complete(rule, library) for rule in rules)
    maps = {
        header: _mapping(Table(path, text, header, -1, problems), document.get(header, {}))
        for header in MAPPINGS
    }
    _check_verbs(Table(path, text, "gives", -1, problems), maps["gives"])
    return Pack(library, completed, **maps)


def _unknown_tables(
    path: str, text: str, document: Mapping[str, object], problems: list[Problem]
) -> None:
    known = ["library", *RULES, *MAPPINGS]
    for header in document:
        if header not in known:
            table = Table(path, text, header, -1, problems)
            place = Place(path, table.line(""))
            problems.append(Problem(place, f"unknown table {header}", _near(header, known)))


def _library(table: Table, raw: object) -> Library:
    if not isinstance(raw, dict):
        table.complain("name", "is missing: every pack has a [library] table with a name")
        return Library(name="")
    return _build(Library, table, raw) or Library(name="")


def _rules(
    path: str,
    text: str,
    header: str,
    kind: type[Rule],
    raw: object,
    pack: str,
    problems: list[Problem],
) -> Iterator[Rule]:
    if not isinstance(raw, list):
        table = Table(path, text, header, -1, problems)
        table.complain(header, "is one table", f"write [[{header}]]")
        return
    for number, one in enumerate(raw):
        table = Table(path, text, header, number, problems, pack)
        built = _build(kind, table, one)
        if built is not None:
            for key, message in built.complaints():
                table.complain(key, message)
            yield built


def _build(kind: type[R], table: Table, raw: Mapping[str, object]) -> R | None:
    """An instance of `kind` from TOML values, or None; its fields and their types say what fits."""
    hints = _HINTS[kind]
    before = len(table.problems)
    for key in raw:
        if key not in hints:
            table.complain(key, "is not a key of this table", _near(key, list(hints)))
    for key in _NEEDED[kind]:
        if key not in raw:
            table.complain(key, "is missing")
    values = {key: _value(table, key, raw[key], hints[key]) for key in hints if key in raw}
    if table.pack:
        values["pack"] = table.pack
    return kind(**values) if len(table.problems) == before else None


def _value(table: Table, key: str, value: object, hint: object) -> Any:
    """The TOML value as the field's type wants it: one value stands for a list of one."""
    origin, arguments = _shape(hint)
    if origin is tuple:
        items = value if isinstance(value, list) else [value]
        inner = arguments[0]
        if inner is str and all(type(item) is str for item in items):
            return _expanded(items)
        checked = [_value(table, key, item, inner) for item in items]
        return _expanded(checked) if inner is str else tuple(checked)
    if origin is Mapping:
        if not isinstance(value, dict):
            table.complain(key, "is not a table of name = list")
            return {}
        inner = arguments[1]
        return {one: _value(table, key, each, inner) for one, each in value.items()}
    if origin is Literal:
        if value not in arguments:
            choices = get_args(hint)  # in the order of this rule: the cache mixes equal literals
            known = ", ".join(choices)
            table.complain(key, f"= {value!r} is none of {known}", _near(value, choices))
        return value
    accepted = _types(hint)
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        names = " or ".join(sorted(one.__name__ for one in accepted))
        table.complain(key, f"= {value!r} is not of type {names}")
    return value


@cache
def _shape(hint: object) -> tuple[object, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)


@cache
def _types(hint: object) -> tuple[type, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(one for one in get_args(hint) if isinstance(one, type))
    if hint is float:
        return (float, int)
    return (hint,) if isinstance(hint, type) else ()


def _expanded(items: list[Any]) -> tuple[Any, ...]:
    return tuple(one for item in items if isinstance(item, str) for one in expand(item))


def _mapping(table: Table, raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        table.complain(table.header, "is not a table of name = name")
        return {}
    wrong = [key for key, value in raw.items() if not isinstance(value, str)]
    for key in wrong:
        table.complain(key, "is not a dotted name in quotes")
    return {one: raw[key] for key in raw if key not in wrong for one in expand(key)}


def _check_verbs(table: Table, gives: Mapping[str, str]) -> None:
    for key, written in gives.items():
        for verb in written.split()[1:]:
            if verb not in VERBS:
                known = ", ".join(VERBS)
                table.complain(key, f"says {verb!r}, which is none of {known}", _near(verb, VERBS))


def _complete(rule: Rule, library: Library) -> Rule:
    """A free package is called for by any use of its library, and installed by its own module."""
    if not isinstance(rule, FreeRule):
        return rule
    names = rule.names or tuple(f"{root}.**" for root in library.imports)
    module = rule.package.replace("opentelemetry-", "opentelemetry.", 1)
    module = module.replace("instrumentation-", "instrumentation.", 1).replace("-", "_")
    return replace(rule, names=names, wired=rule.wired or (f"{module}.**",))


def _near(word: object, words: list[str] | tuple[str, ...]) -> str:
    close = get_close_matches(str(word), words, n=1)
    return f"did you mean {close[0]!r}?" if close else ""
