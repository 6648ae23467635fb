"""The name `traced` in a module: where it is imported, and what else uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, count
from typing import NamedTuple

import libcst as cst
from libcst.helpers import get_full_name_for_node

from autospan.codemod import Task
from autospan.model import Source

TRACED = "traced"


class Imported(NamedTuple):
    """`from HELPER import traced as LOCAL` at the top level: where in `module.body`, which name."""

    at: int
    local: str


def is_ours(statement: cst.BaseSmallStatement, task: Task) -> bool:
    """Whether this is `from HELPER import …`, written absolutely or relatively."""
    return isinstance(statement, cst.ImportFrom) and _source_of(statement, task) in task.helpers


def _source_of(node: cst.ImportFrom, task: Task) -> str:
    name = (get_full_name_for_node(node.module) or "") if node.module else ""
    return absolute(task.source, len(node.relative), name)


def absolute(source: Source, level: int, name: str) -> str:
    """The module that `from` and `level` dots and `name` mean in this file."""
    if not level:
        return name
    parts = source.module.split(".")
    above = parts[: max(len(parts) - level + source.package, 0)]
    return ".".join(filter(None, [*above, name]))


def imported(module: cst.Module, task: Task) -> tuple[Imported, ...]:
    """The names under which the module has imported `traced` from one of the task's helpers."""
    return tuple(
        Imported(index, alias.evaluated_alias or TRACED)
        for index, line in enumerate(module.body)
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if is_ours(small, task) and isinstance(small, cst.ImportFrom)
        for alias in names_of(small)
        if alias.evaluated_name == TRACED
    )


def names_of(node: cst.ImportFrom) -> tuple[cst.ImportAlias, ...]:
    """The imported names; none for a star import."""
    return () if isinstance(node.names, cst.ImportStar) else tuple(node.names)


def decorates(decorator: cst.Decorator, names: Iterable[str]) -> bool:
    """Whether this is `@traced` or `@traced(...)` under one of these (dotted) names."""
    node = decorator.decorator
    node = node.func if isinstance(node, cst.Call) else node
    return dotted(node) in names


def dotted(node: cst.BaseExpression) -> str:
    """`a.b` for a name or an attribute of a name, "" for anything else."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attribute)):
            return f"{name}.{attribute}"
        case _:
            return ""


class Uses(NamedTuple):
    """How often a name is read (called, passed, a decorator), and used in any other way; the
    imports from a helper are not counted."""

    read: int
    other: int


def uses(module: cst.Module, task: Task, name: str, decorators: int = 0) -> Uses:
    """How the module uses the name: as a name, or as the whole of a string.

    The tree is walked only if the text holds the word elsewhere than in imports from a helper and
    in `decorators`, which the caller has counted.
    """
    words = len(re.findall(rf"\b{name}\b", task.text))
    if words == decorators + sum(each.local == name for each in imported(module, task)):
        return Uses(decorators, 0)
    found = _Uses(name, task)
    module.visit(found)
    return Uses(found.read, found.all - found.read)


_ITSELF = re.compile(r"(?m)^(?:[^\s#].*|\s+for .* in .*)\b(?:globals|locals|vars|dir)\(\)")
"""A module that goes through its own names, in a statement of its own or in a loop."""


def free_name(module: cst.Module, task: Task, wanted: str) -> str:
    """The name, or the like of it that nothing in the module uses: `_name` where others import all
    of its public names, `__name__` where somebody may look at all its names, it itself or others.
    """
    hidden = max((edit.hidden for edit in task.edits), default="")
    hidden = "__" if _ITSELF.search(task.text) else hidden
    names = chain(
        (f"{hidden}{wanted}{'__' * (hidden == '__')}", f"_{wanted}"),
        (f"_{wanted}_{number}" for number in count(2)),
    )
    return next(name for name in names if not any(uses(module, task, name)))


class _Uses(cst.CSTVisitor):
    """Counts the uses of a name as it walks; attributes and keywords of that name are none."""

    def __init__(self, name: str, task: Task) -> None:
        super().__init__()
        self.all = 0
        self.read = 0
        self._name = name
        self._task = task

    def on_visit(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.Name(value=self._name):
                self.all += 1
            case cst.SimpleString():
                self.all += node.evaluated_value == self._name
            case cst.Attribute(value=value):
                value.visit(self)
                return False
            case cst.Arg(value=value):
                self.read += _is_name(value, self._name)
                value.visit(self)
                return False
            case cst.Call(func=called) | cst.Decorator(decorator=called):
                self.read += _is_name(called, self._name)
            case cst.ImportFrom():
                bound = (alias.evaluated_alias or alias.evaluated_name for alias in names_of(node))
                self.all += 0 if is_ours(node, self._task) else [*bound].count(self._name)
                return False
            case _:
                pass
        return True

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        pass  # looking for a method of that name takes longer than all the rest

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        pass

    def on_leave(self, original_node: cst.CSTNode) -> None:
        pass


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name
