"""Puts spans on the functions that a task names, whatever they are spelled like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import libcst as cst

from autospan.blocks import blocks, disclosed, enclosed
from autospan.codemod import Changer, Task, addressed, map_functions
from autospan.imports import decorates
from autospan.model import Edit, Place, Problem
from autospan.spelling import call, opening, pen


def place(
    module: cst.Module, task: Task, names: Collection[str], changer: Callable[[Edit], Changer]
) -> tuple[cst.Module, tuple[Edit, ...], tuple[Problem, ...]]:
    """The module with the task's edits carried out by `changer`, the edits that were, and why the
    others were not. What carries a span by one of these dotted `names` already is left alone."""
    wanted = addressed(task)
    done: list[Edit] = []
    problems: list[Problem] = []

    def choose(name: str, ordinal: int, function: cst.FunctionDef) -> Changer | None:
        edit = wanted.pop((name, ordinal), None)
        if edit is None or has_span(function, names):
            return None
        change = changer(edit)
        if change(function) is function:
            problems.append(_refusal(edit, "has no room for a block between `def` and body"))
            return None
        done.append(edit)
        return change

    changed = map_functions(module, choose, _ways(wanted))
    problems += [_refusal(edit, "is not in the file") for edit in wanted.values()]
    return changed, tuple(done), tuple(problems)


def spanning(task: Task, local: str, indent: str) -> Callable[[Edit], Changer]:
    """What puts the span of an edit on its function, as a decorator or as a block in the body.

    `local` is what `traced` is called in the file, `indent` the indentation of the module.
    """
    ink, lines = pen(task), task.text.split("\n")

    def changer(edit: Edit) -> Changer:
        if edit.form == "block":
            opener = opening(edit, local, ink)
            return lambda function: enclosed(function, opener, indent) or function
        head = lines[edit.line - 1] if 0 < edit.line <= len(lines) else ""
        decorator = call(edit, local, ink, column=len(head) - len(head.lstrip()))
        return lambda function: below_others(function, decorator)

    return changer


def has_span(function: cst.FunctionDef, names: Collection[str]) -> bool:
    """Whether a function has a decorator or a block of one of these dotted names."""
    decorated = any(decorates(each, names) for each in function.decorators)
    return decorated or any(blocks(function, names))


def below_others(function: cst.FunctionDef, decorator: str) -> cst.FunctionDef:
    """The function with a decorator right above `def`."""
    ours = cst.Decorator(
        cst.parse_expression(decorator), leading_lines=function.lines_after_decorators
    )
    return function.with_changes(decorators=(*function.decorators, ours), lines_after_decorators=())


def displace(
    module: cst.Module, task: Task, names: Collection[str]
) -> tuple[cst.Module, Counter[str], tuple[Edit, ...]]:
    """The module without the decorators and blocks of these dotted names, on the functions that the
    task's edits name (on all, if it has none), how many of each, and the edits that were done."""
    wanted = addressed(task)
    removed: Counter[str] = Counter()
    done: list[Edit] = []

    def choose(name: str, ordinal: int, function: cst.FunctionDef) -> Changer | None:
        edit = wanted.get((name, ordinal))
        if edit is None and wanted:
            return None
        local = [name for each in function.decorators for name in names if decorates(each, {name})]
        opened = [*blocks(function, names)]
        removed.update(local + opened)
        done.extend([edit] if edit and local + opened else [])
        if opened:
            indent = module.default_indent
            return lambda function: disclosed(_undecorated(function, names), names, indent)
        return (lambda function: _undecorated(function, names)) if local else None

    return map_functions(module, choose), removed, tuple(done)


def _undecorated(function: cst.FunctionDef, names: Collection[str]) -> cst.FunctionDef:
    kept: list[cst.Decorator] = []
    loose: list[cst.EmptyLine] = []
    for each in function.decorators:
        loose += each.leading_lines
        if not decorates(each, names):
            kept.append(each.with_changes(leading_lines=loose))
            loose = []
    loose += function.lines_after_decorators
    if kept:
        return function.with_changes(decorators=kept, lines_after_decorators=loose)
    lead = [*function.leading_lines, *loose]
    return function.with_changes(decorators=(), leading_lines=lead, lines_after_decorators=())


def _ways(wanted: dict[tuple[str, int], Edit]) -> set[str]:
    """The definitions around the wanted functions: `outer` and `outer.A` for `outer.A.f`."""
    names = (name.split(".") for name, _ in wanted)
    return {".".join(parts[:depth]) for parts in names for depth in range(1, len(parts))}


def _refusal(edit: Edit, why: str) -> Problem:
    return Problem(Place(edit.path, edit.line), f"no span for {edit.function}: it {why}")
