"""Which edits belong together: what an entry point reaches, a package, what somebody owns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from autospan.model import Edit, Entry, Graph, Survey


class Group(NamedTuple):
    """Edits that are reviewed together: what they are, in a few words and in a sentence."""

    title: str
    about: str
    edits: tuple[Edit, ...]


def together(edits: Sequence[Edit]) -> tuple[Group, ...]:
    """All of them, as one group."""
    return _grouped(edits, lambda edit: ("functions", ""))


def by_entry_point(edits: Sequence[Edit], graph: Graph, survey: Survey) -> tuple[Group, ...]:
    """Each function with the entry point that is the fewest calls away; guessed calls are followed
    only to what no other call reaches."""
    known = {
        (each.name, each.place.file, each.place.line): number
        for number, each in enumerate(graph.functions)
    }
    nearest = _nearest(graph, survey.entries)

    def named(edit: Edit) -> tuple[str, str]:
        entry = nearest.get(known.get((edit.function, edit.path, edit.line), -1))
        if entry is None:
            return "what no known entry point reaches", "No entry point is known to reach these."
        name = graph.functions[entry.function].qualified
        what = f"{entry.kind} {entry.name}".strip()
        return what, f"On the way of entry point {what}: {name}, {entry.place}."

    return _grouped(edits, named)


def by_package(edits: Sequence[Edit]) -> tuple[Group, ...]:
    """The functions of each package; those of modules outside of any by their folder."""

    def named(edit: Edit) -> tuple[str, str]:
        module, folder = edit.function.partition(":")[0], edit.path.rpartition("/")[0]
        package = module if edit.path.endswith("/__init__.py") else module.rpartition(".")[0]
        return package or folder or "scripts", f"Functions in {folder or 'the top folder'}."

    return _grouped(edits, named)


def by_owner(edits: Sequence[Edit], owners: Callable[[str], Sequence[str]]) -> tuple[Group, ...]:
    """The functions of each owner, or of the owners who own a file together."""

    def named(edit: Edit) -> tuple[str, str]:
        names = ", ".join(owners(edit.path))
        if not names:
            return "what nobody owns", "Files for which CODEOWNERS names nobody."
        return f"what is owned by {names}", f"Owned by {names}, as CODEOWNERS says."

    return _grouped(edits, named)


def _grouped(edits: Iterable[Edit], named: Callable[[Edit], tuple[str, str]]) -> tuple[Group, ...]:
    """Groups in the order of their best edits; inside, file by file, from top to bottom."""
    groups: dict[tuple[str, str], dict[str, list[Edit]]] = {}
    for edit in edits:
        groups.setdefault(named(edit), {}).setdefault(edit.path, []).append(edit)
    return tuple(
        Group(title, about, tuple(_in_order(files.values())))
        for (title, about), files in groups.items()
    )


def _in_order(files: Iterable[Sequence[Edit]]) -> Iterator[Edit]:
    for edits in files:
        yield from sorted(edits, key=lambda edit: edit.line)


def _nearest(graph: Graph, entries: Sequence[Entry]) -> dict[int, Entry]:
    """Per function (index) the entry point nearest to it, the first of several."""
    found: dict[int, Entry] = {}
    for entry in entries:
        found.setdefault(entry.function, entry)
    for guesses in (False, True):
        callees: dict[int, list[int]] = {}
        for edge in graph.edges:
            if guesses or edge.confidence != "guessed":
                callees.setdefault(edge.caller, []).append(edge.callee)
        front = list(found)
        while front:
            reached = [(caller, callee) for caller in front for callee in callees.get(caller, ())]
            front = []
            for caller, callee in reached:
                if callee not in found:
                    found[callee] = found[caller]
                    front.append(callee)
    return found


def divided(group: Group, most: int) -> Iterator[Group]:
    """The group in parts of at most `most` edits each (0: in one)."""
    size = most or len(group.edits)
    parts = [group.edits[at : at + size] for at in range(0, len(group.edits), size)]
    for number, edits in enumerate(parts, 1):
        title = group.title if len(parts) == 1 else f"{group.title} ({number}/{len(parts)})"
        yield Group(title, group.about, edits)
