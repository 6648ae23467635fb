"""The two lines that the native style puts into a module, and how they are found again.

    from opentelemetry import trace  # autospan
    tracer = trace.get_tracer(__name__)  # autospan

The comment tells them from a tracer of the project's own, and with it the spans that are its.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, count

import libcst as cst

from autospan.codemod import Task
from autospan.imports import uses
from autospan.lines import add_import, without

MARK = "# autospan"
_SPAN = "start_as_current_span"


def tracers(module: cst.Module) -> tuple[str, ...]:
    """The names of the tracers that are autospan's."""
    names = (_binds(line) for line in module.body if _is_marked(line))
    return tuple(name for name in names if name)


def spans(names: Iterable[str]) -> set[str]:
    """What opens spans on these tracers, dotted: `tracer.start_as_current_span`."""
    return {f"{name}.{_SPAN}" for name in names}


def free(module: cst.Module, task: Task, wanted: str) -> str:
    """The name, or the like of it that nothing in the module uses."""
    names = chain((wanted, f"_{wanted}"), (f"_{wanted}_{n}" for n in count(2)))
    return next(name for name in names if not any(uses(module, task, name)))


def add_tracer(module: cst.Module, trace: str, tracer: str, first: int) -> cst.Module:
    """The module with the two lines where imports belong, but before the statement `first`."""
    alias = "" if trace == "trace" else f" as {trace}"
    assign = f"{tracer} = {trace}.get_tracer(__name__)  {MARK}"
    module = add_import(module, f"from opentelemetry import trace{alias}  {MARK}", first)
    at = next(index for index, line in enumerate(module.body) if _is_marked(line))
    body = [*module.body[: at + 1], cst.parse_statement(assign), *module.body[at + 1 :]]
    return module.with_changes(body=body)


def without_tracers(
    module: cst.Module, old: cst.Module, task: Task, removed: Mapping[str, int]
) -> cst.Module:
    """The module without the marked lines whose names nothing but the `removed` spans have used in
    the `old` one."""
    marked = [index for index, line in enumerate(old.body) if _is_marked(line)]
    gone: set[int] = set()
    for index in marked:
        name = _binds(old.body[index])
        if name and sum(uses(old, task, name)) <= removed.get(f"{name}.{_SPAN}", 0) + 1:
            gone.add(index)
    dropped = len(gone)
    for index in marked:
        name = _imports(old.body[index])
        if name and sum(uses(old, task, name)) <= dropped + 1:
            gone.add(index)
    return without(module, gone)


def _binds(line: cst.CSTNode) -> str:
    """The name of a line that is an assignment to one."""
    match line:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]
        ):
            return name
        case _:
            return ""


def _imports(line: cst.CSTNode) -> str:
    """The name of a line that is a `from` import of one."""
    match line:
        case cst.SimpleStatementLine(body=[cst.ImportFrom(names=[cst.ImportAlias() as alias])]):
            return alias.evaluated_alias or alias.evaluated_name
        case _:
            return ""


def _is_marked(line: cst.CSTNode) -> bool:
    comment = (
        line.trailing_whitespace.comment if isinstance(line, cst.SimpleStatementLine) else None
    )
    return comment is not None and comment.value == MARK
