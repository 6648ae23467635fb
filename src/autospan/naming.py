"""What spans are called: a template that is filled in for every function, and no two alike.

A name says where the code is and never holds a value, so that there are as many as functions.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from string import Formatter
from typing import NamedTuple

from autospan.model import Function, Source

DEFAULT = "{module}.{qualname}"
FIELDS = ("module", "short", "package", "qualname", "class", "function")
"""`shop.orders.service`, `orders.service` (the end that no other module has), `shop`,
`Order.place`, `Order` ("" outside of classes), `place`."""

_TELLING = ("qualname", "function")
_SEPARATORS = ".:/ -_"
_NEAR = 32
"""How many definitions of a name are looked back at for one that excludes another."""


class Fault(NamedTuple):
    """What is wrong with a template, and what to write instead."""

    message: str
    hint: str


def faults(template: str) -> Iterator[Fault]:
    """Everything that keeps a text from being a template."""
    known = ", ".join(f"{{{each}}}" for each in FIELDS)
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        yield Fault(f"is no template: {error}", "write {{ and }} for braces")
        return
    used = [name for _, name, _, _ in parts if name is not None]
    for name in used:
        if name not in FIELDS:
            close = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {{{close[0]}}}?" if close else f"fields are {known}"
            yield Fault(f"has an unknown field {{{name}}}", hint)
    if any(format_spec or conversion for _, _, format_spec, conversion in parts):
        yield Fault("formats a field", "write fields as they are, like {module}")
    if not template.isprintable():
        yield Fault("has characters that cannot be printed", "leave them out")
    if not set(used) & {*_TELLING} and set(used) <= {*FIELDS}:
        yield Fault("does not name the function", "have {qualname} or {function} in it")


def span_names(
    functions: Sequence[Function], template: str, only: Callable[[Function], bool]
) -> list[str]:
    """The name of every function, by index; those of `only` differ from all others of these, but
    for definitions of one function of which only one is ever there: its alternatives.

    Where the template gives several functions one name, all of them but the first definition in a
    place are called more exactly: what is defined again gets a number (`lock#2`), a setter its word
    (`Order.total.setter`); then module and qualified name stand for the template.
    """
    short = _shortest({each.module for each in functions})
    parts = [(literal, field) for literal, field, _, _ in Formatter().parse(template)]
    filled = [_filled(parts, each, short) for each in functions]
    again = _again(functions, only)
    steps = (
        filled,
        [name + more for name, more in zip(filled, again, strict=True)],
        [each.qualified + more for each, more in zip(functions, again, strict=True)],
    )
    level = [0] * len(functions)
    names = filled
    concerned = {
        number: (each.place.file, each.name, again[number])
        for number, each in enumerate(functions)
        if only(each)
    }
    while clashing := _clashing(concerned, names, level, len(steps) - 1):
        for number in clashing:
            level[number] += 1
        names = [steps[at][number] for number, at in enumerate(level)]
    return names


def shared(sources: Iterable[Source]) -> set[str]:
    """The paths of modules that are imported under one name: programs of their own in one tree, and
    scripts in several folders. What the helper would call their functions is no name for one."""
    modules = {each.path: each.module for each in sources}
    held: defaultdict[str, list[str]] = defaultdict(list)
    for path, module in modules.items():
        held[_imported(path, module, modules)].append(path)
    return {path for several in held.values() if len(several) > 1 for path in several}


def _imported(path: str, module: str, paths: Collection[str]) -> str:
    """The dotted name of a file from the outermost package that it is in, and in none of its own;
    a folder that is no package ends the way there, unless the module is called across it."""
    parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
    start = path.count("/")
    while start and f"{'/'.join(parts[:start])}/__init__.py" in paths:
        start -= 1
    outer = next(
        (n for n in range(start) if f"{'/'.join(parts[: n + 1])}/__init__.py" in paths), start
    )
    across = ".".join(parts[outer:])
    return across if across == module else ".".join(parts[start:])


def _clashing(
    concerned: Mapping[int, object], names: list[str], level: list[int], last: int
) -> list[int]:
    """Those that share a name with another, as `concerned` tells, and can still be told apart."""
    held = Counter(name for name, _ in {(names[each], one) for each, one in concerned.items()})
    return [each for each in concerned if held[names[each]] > 1 and level[each] < last]


def _again(functions: Sequence[Function], only: Callable[[Function], bool]) -> list[str]:
    """What tells a definition from those of the same name before it: "", `.setter`, `#2`."""
    seen: defaultdict[str, list[list[Function]]] = defaultdict(list)
    found = []
    for each in functions:
        word = next((f".{word}" for word in _accessors(each)), "")
        number = _numbered(each, seen[each.name + word]) if only(each) else 0
        found.append(word + (f"#{number}" if number > 1 else ""))
    return found


def _numbered(function: Function, known: list[list[Function]]) -> int:
    """Which of the functions of its name this is; one may be defined in several branches, near each
    other."""
    recent = max(0, len(known) - _NEAR) if function.branches else len(known)
    for number, definitions in enumerate(known[recent:], recent + 1):
        if all(_exclude(function, each) for each in definitions):
            definitions.append(function)
            return number
    known.append([function])
    return len(known)


def _exclude(one: Function, other: Function) -> bool:
    branch = dict(other.branches)
    same = one.place.file == other.place.file
    return same and any(branch.get(line, taken) != taken for line, taken in one.branches)


def _accessors(function: Function) -> Iterator[str]:
    for decorator in function.decorators:
        name, dot, word = decorator.rpartition(".")
        if dot and word in ("setter", "deleter") and name == function.short:
            yield word


def _shortest(modules: Iterable[str]) -> dict[str, str]:
    """The fewest last parts of each module's name that no other module's name ends with."""
    ends: defaultdict[str, int] = defaultdict(int)
    for module in modules:
        for end in _ends(module):
            ends[end] += 1
    return {
        module: next((end for end in _ends(module) if ends[end] == 1), module) for module in modules
    }


def _ends(module: str) -> Iterator[str]:
    """`c`, `b.c`, `a.b.c` of `a.b.c`."""
    at = len(module)
    while at > 0:
        at = module.rfind(".", 0, at)
        yield module[at + 1 :]


def _filled(
    parts: Iterable[tuple[str, str | None]], function: Function, short: dict[str, str]
) -> str:
    """The template (literal texts, each with the field behind it), filled in; a field that is empty
    takes the separators behind it along."""
    module, _, inner = function.name.partition(":")
    values = {
        "module": module,
        "short": short[module],
        "package": module.partition(".")[0],
        "qualname": inner,
        "class": inner.rpartition(".")[0] if function.owner is not None else "",
        "function": function.short,
    }
    text, gone = "", False
    for literal, field in parts:
        text += literal.lstrip(_SEPARATORS) if gone else literal
        value = values[field] if field else ""
        gone = field is not None and not value
        text += value
    return text
