"""The name `traced` in a module: where it is imported, what else uses it, where imports belong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
    """Whether this is `@traced` or `@traced(...)` under one of these names."""
    node = decorator.decorator
    node = node.func if isinstance(node, cst.Call) else node
    return isinstance(node, cst.Name) and node.value in names


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


# --- the import line ----------------------------------------------------------------------------


def add_import(module: cst.Module, helper: str, local: str, first: int) -> cst.Module:
    """The module with `from HELPER import traced [as LOCAL]` where imports belong, but before the
    statement `first`: see `transforms/add_span.py`."""
    alias = "" if local == TRACED else f" as {local}"
    index = _import_index(module, first)
    above, below = blank_lines(module, index, index)
    line = cst.ensure_type(
        cst.parse_statement(f"from {helper} import {TRACED}{alias}"), cst.SimpleStatementLine
    ).with_changes(leading_lines=[cst.EmptyLine(indent=False)] * above)
    body = list(module.body)
    if index > 0:
        return module.with_changes(body=[*body[:index], line, *body[index:]])
    split = _header_end(module.header)
    blank = [cst.EmptyLine(indent=False)] * below
    follower = body[0].with_changes(leading_lines=[*blank, *module.header[split:], *_lead(body[0])])
    return module.with_changes(header=module.header[:split], body=[line, follower, *body[1:]])


def _import_index(module: cst.Module, first: int) -> int:
    """After the last import line before the first definition, or else after the docstring."""
    index = 0
    for number, statement in enumerate(module.body[:first]):
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            break
        if is_import(statement) or _opens(statement, number):
            index = number + 1
    return index


def _opens(statement: cst.CSTNode, number: int) -> bool:
    """Whether this is the module's docstring or a `from __future__` line."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    match statement.body[0]:
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return number == 0
        case cst.ImportFrom():
            return True
        case _:
            return False


def _header_end(header: Sequence[cst.EmptyLine]) -> int:
    """How many lines of comments head the file; a block right above the first definition is its
    own, unless it is the only one or holds the shebang or the encoding cookie."""
    comments = [line.comment.value if line.comment else "" for line in header]
    cookies = [n + 1 for n, text in enumerate(comments[:2]) if _COOKIE.match(text)]
    blanks = [n + 1 for n, text in enumerate(comments) if not text]
    return max(cookies + blanks[-1:], default=len(header))


_COOKIE = re.compile(r"#!|#.*?coding[:=]")


def _lead(statement: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    lines = getattr(statement, "leading_lines", ())
    return tuple(lines)


def is_import(statement: cst.CSTNode) -> bool:
    """Whether this is a line with an import in it, other than from `__future__`."""
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(small, cst.Import)
        or (
            isinstance(small, cst.ImportFrom)
            and not (isinstance(small.module, cst.Name) and small.module.value == "__future__")
        )
        for small in statement.body
    )


def blank_lines(module: cst.Module, index: int, following: int) -> tuple[int, int]:
    """The blank lines that set off our import line, if it stands (or is to stand) at `index` of the
    body, before the statement `following`: above it and below it.

    None among other imports; one below a docstring or `__future__`; below it where it comes first.
    """
    after = module.body[following] if following < len(module.body) else None
    if after is None or is_import(after):
        return 0, 0
    if index == 0:
        return 0, 2 if isinstance(after, cst.FunctionDef | cst.ClassDef) else 1
    return 0 if is_import(module.body[index - 1]) else 1, 0
