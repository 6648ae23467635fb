"""The map of the codebase: packages and their modules by size, coloured by what is under spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from autospan.present.html.treemap import Box, squarify

_DOMINANT = 0.45
"""A package with more of the code than this is split into its own packages."""
_FEWEST = 6
_TOP = "top level"
_HEAD, _GAP, _SMALLEST = 18.0, 1.5, 90.0
_MOST = 400
"""Modules that are shown, whatever the size of the map."""
_LETTER = 6.3
"""Units that a letter of a label takes."""


class Module(NamedTuple):
    """A module: its dotted name, file and lines; its I/O calls, and those under a span of a
    function without and with the plan."""

    name: str
    file: str
    lines: int
    effects: int = 0
    before: int = 0
    after: int = 0


class Cell(NamedTuple):
    """A module on the map (or several small ones, `file` "") with the levels of its coverage: -1
    without I/O, else 0 (none) to 4 (all)."""

    box: Box
    label: str
    title: str
    file: str
    before: int
    after: int


class Group(NamedTuple):
    """A package on the map, and its modules."""

    box: Box
    label: str
    name: str
    cells: tuple[Cell, ...]


def chart(modules: Iterable[Module], width: float, height: float) -> tuple[Group, ...]:
    """The map, as large as asked for; the largest package stands first."""
    packages = _packages([each for each in modules if each.lines])
    sizes = {name: sum(each.lines for each in held) for name, held in packages.items()}
    names = sorted(packages, key=lambda name: (-sizes[name], name))
    boxes = squarify([sizes[name] for name in names], Box(0, 0, width, height))
    least = _SMALLEST * sum(sizes.values()) / (width * height)
    return tuple(
        _group(name, packages[name], box, max(least, _nth(packages.values())))
        for name, box in zip(names, boxes, strict=True)
    )


def _nth(packages: Iterable[list[Module]]) -> int:
    """The lines of the smallest module that is shown, if only so many are."""
    sizes = sorted((each.lines for held in packages for each in held), reverse=True)
    return sizes[_MOST] if len(sizes) > _MOST else 0


def _packages(modules: list[Module]) -> dict[str, list[Module]]:
    """The modules by package: that at the top, split for as long as one dominates, or few are."""
    packages, total = {"": modules}, sum(each.lines for each in modules)
    split: set[str] = set()
    while whole := [name for name in packages if name not in split]:
        largest = max(whole, key=lambda name: sum(each.lines for each in packages[name]))
        share = sum(each.lines for each in packages[largest]) / (total or 1)
        if share < _DOMINANT and len(packages) >= _FEWEST:
            break
        split.add(largest)
        packages |= _parts(largest, packages.pop(largest))
    return packages


def _parts(package: str, modules: list[Module]) -> dict[str, list[Module]]:
    """The modules by the packages in a package; those directly in it stay by its name."""
    depth = len(package.split(".")) if package else 0
    inner = {
        ".".join(parts[: depth + 1]) for parts in map(_split, modules) if len(parts) > depth + 1
    }
    found: dict[str, list[Module]] = {}
    for each in modules:
        name = ".".join(_split(each)[: depth + 1])
        found.setdefault(name if name in inner else package, []).append(each)
    return found


def _split(module: Module) -> list[str]:
    return module.name.split(".")


def _group(name: str, modules: list[Module], box: Box, least: float) -> Group:
    inner = box.shrunk(_GAP, _HEAD, _GAP, _GAP)
    cells = (
        tuple(_cells(name, modules, inner, least)) if inner.width > 4 and inner.height > 4 else ()
    )
    return Group(box, _fitting(name or _TOP, box.width - 8), name, cells)


def _cells(package: str, modules: list[Module], box: Box, least: float) -> Iterator[Cell]:
    """The modules in the box; those of fewer lines than can be seen are put together."""
    shown = [each for each in modules if each.lines >= least]
    small = [each for each in modules if each.lines < least]
    if small:
        counts = [sum(part) for part in zip(*(each[2:] for each in small), strict=True)]
        shown.append(Module(f"{len(small)} small modules", "", *counts))
    shown.sort(key=lambda each: (-each.lines, each.name))
    for each, place in zip(shown, squarify([each.lines for each in shown], box), strict=True):
        label = each.name.removeprefix(f"{package}.") if each.file else f"{len(small)} small"
        fitting = _fitting(label, place.width - 8) if place.height > 15 else ""
        yield Cell(
            place.shrunk(0, 0, _GAP, _GAP),
            fitting,
            _title(each),
            each.file,
            _level(each.before, each.effects),
            _level(each.after, each.effects),
        )


def _fitting(label: str, width: float) -> str:
    """As much of a dotted label as there is room for, its end rather than its beginning; "" where
    that would say nothing."""
    room = int(width / _LETTER)
    while len(label) > room and "." in label:
        label = label.partition(".")[2]
    if len(label) <= room:
        return label
    return f"{label[: room - 1]}…" if room >= 5 else ""


def _title(each: Module) -> str:
    lines = f"{each.name}: {each.lines:,} lines"
    if not each.effects:
        return f"{lines}, no I/O"
    return (
        f"{lines}, {each.effects} I/O calls; under a span of a function: {each.before} now, "
        f"{each.after} with the plan"
    )


def _level(under: int, effects: int) -> int:
    if not effects:
        return -1
    return 4 if under >= effects else min(3, 1 + int(3 * under / effects)) if under else 0
