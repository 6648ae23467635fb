"""One pack's TOML text to rules, with every mistake told: file, line, table, key, way out."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

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
    TracedRule,
    WiringRule,
)
from autospan.model import Place, Problem

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

R = TypeVar("R", bound="Rule | Library")

RULES: dict[str, type[Rule]] = {
    "entry": EntryRule,
    "effect": EffectRule,
    "traced": TracedRule,
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


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of a file, for error messages: its header, which one of that header, its keys."""

    path: str
    text: str
    header: str
    number: int
    problems: list[Problem]

    def complain(self, key: str, message: str, hint: str = "") -> None:
        """Add a problem at the line of a key of this table."""
        named = f"[{self.header}]" if self.number < 0 else f"[[{self.header}]] {self.number + 1}"
        place = Place(self.path, self.line(key))
        self.problems.append(Problem(place, f"{named}: {key} {message}", hint))

    def line(self, key: str) -> int:
        """The 1-based line of the key in this table, of the header without it, 0 without either."""
        header = re.compile(r"\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}")
        wanted, seen, start = max(self.number, 0), -1, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := header.match(line):
                seen += found.group(1) == self.header
                start = number if (found.group(1), seen) == (self.header, wanted) else start
                inside = start == number
            elif start and inside and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
                return number
        return start


def parse(path: str, text: str, problems: list[Problem]) -> Pack:
    """The pack in `text`. What is wrong is added to `problems`; what is right is still given."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = Place(path, int(line[1]) if line else len(text.splitlines()))
        problems.append(Problem(place, f"not TOML: {error}"))
        return Pack(Library(name=""))
    _unknown_tables(path, text, document, problems)
    library = _library(_Table(path, text, "library", -1, problems), document.get("library"))
    rules = [
        replace(rule, pack=library.name)
        for header, kind in RULES.items()
        for rule in _rules(path, text, header, kind, document.get(header, []), problems)
    ]
    completed = tuple(_complete(rule, library) for rule in rules)
    maps = {
        header: _mapping(_Table(path, text, header, -1, problems), document.get(header, {}))
        for header in MAPPINGS
    }
    _check_verbs(_Table(path, text, "gives", -1, problems), maps["gives"])
    return Pack(library, completed, **maps)


def _unknown_tables(
    path: str, text: str, document: Mapping[str, object], problems: list[Problem]
) -> None:
    known = ["library", *RULES, *MAPPINGS]
    for header in document:
        if header not in known:
            table = _Table(path, text, header, -1, problems)
            place = Place(path, table.line(""))
            problems.append(Problem(place, f"unknown table {header}", _near(header, known)))


def _library(table: _Table, raw: object) -> Library:
    if not isinstance(raw, dict):
        table.complain("name", "is missing: every pack has a [library] table with a name")
        return Library(name="")
    return _build(Library, table, raw) or Library(name="")


def _rules(
    path: str, text: str, header: str, kind: type[Rule], raw: object, problems: list[Problem]
) -> Iterator[Rule]:
    if not isinstance(raw, list):
        table = _Table(path, text, header, -1, problems)
        table.complain(header, "is one table", f"write [[{header}]]")
        return
    for number, one in enumerate(raw):
        table = _Table(path, text, header, number, problems)
        built = _build(kind, table, one)
        if built is not None:
            for key, message in built.complaints():
                table.complain(key, message)
            yield built


def _build(kind: type[R], table: _Table, raw: Mapping[str, object]) -> R | None:
    """An instance of `kind` from TOML values, or None; its fields and their types say what fits."""
    hints = _HINTS[kind]
    before = len(table.problems)
    for key in raw:
        if key not in hints:
            table.complain(key, "is not a key of this table", _near(key, list(hints)))
    for slot in fields(kind):
        if slot.default is MISSING is slot.default_factory and slot.name not in raw:
            table.complain(slot.name, "is missing")
    values = {key: _value(table, key, raw[key], hints[key]) for key in hints if key in raw}
    return kind(**values) if len(table.problems) == before else None


def _value(table: _Table, key: str, value: object, hint: object) -> Any:
    """The TOML value as the field's type wants it: one value stands for a list of one."""
    if get_origin(hint) is tuple:
        items = value if isinstance(value, list) else [value]
        inner = get_args(hint)[0]
        checked = [_value(table, key, item, inner) for item in items]
        return _expanded(checked) if inner is str else tuple(checked)
    if get_origin(hint) is Mapping:
        if not isinstance(value, dict):
            table.complain(key, "is not a table of name = list")
            return {}
        inner = get_args(hint)[1]
        return {one: _value(table, key, each, inner) for one, each in value.items()}
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        if value not in choices:
            known = ", ".join(choices)
            table.complain(key, f"= {value!r} is none of {known}", _near(value, choices))
        return value
    accepted = _types(hint)
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        names = " or ".join(sorted(one.__name__ for one in accepted))
        table.complain(key, f"= {value!r} is not of type {names}")
    return value


def _types(hint: object) -> tuple[type, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(one for one in get_args(hint) if isinstance(one, type))
    if hint is float:
        return (float, int)
    return (hint,) if isinstance(hint, type) else ()


def _expanded(items: list[Any]) -> tuple[Any, ...]:
    return tuple(one for item in items if isinstance(item, str) for one in expand(item))


def _mapping(table: _Table, raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        table.complain(table.header, "is not a table of name = name")
        return {}
    wrong = [key for key, value in raw.items() if not isinstance(value, str)]
    for key in wrong:
        table.complain(key, "is not a dotted name in quotes")
    return {one: raw[key] for key in raw if key not in wrong for one in expand(key)}


def _check_verbs(table: _Table, gives: Mapping[str, str]) -> None:
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
