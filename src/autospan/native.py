"""The lines that the native style puts into a module and its functions, and how they are found.

    from opentelemetry import trace  # autospan

    tracer = trace.get_tracer(__name__)  # autospan

The comment tells them from a tracer of the project's own, and with it the spans that are its. The
attributes of a span are a line in the body of its function, marked in the same way:

    trace.get_current_span().set_attributes({"order_id": order_id})  # autospan
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import libcst as cst

from autospan.codemod import Changer, Task, addressed, map_functions
from autospan.imports import dotted, uses
from autospan.lines import add_import, is_import, lead, without
from autospan.model import FunctionKind

MARK = "# autospan"
_SPANS = ("start_as_current_span", "start_span")
_CURRENT = "get_current_span"


def tracers(module: cst.Module) -> tuple[str, ...]:
    """The names of the tracers that are autospan's."""
    names = (_binds(line) for line in module.body if _is_marked(line))
    return tuple(name for name in names if name)


def traces(module: cst.Module) -> tuple[str, ...]:
    """The names by which autospan has imported OpenTelemetry's `trace`."""
    names = (_imports(line) for line in module.body if _is_marked(line))
    return tuple(name for name in names if name)


def spans(names: Iterable[str]) -> set[str]:
    """What opens spans on these tracers, dotted: `tracer.start_as_current_span`."""
    return {f"{name}.{each}" for name in names for each in _SPANS}


def opening(tracer: str, kind: FunctionKind, arguments: str) -> str:
    """What stands behind `with` in a block. In a generator the span is not made current, as whoever
    consumes it would get that too, and nothing is recorded: the API takes `close()` for a failure,
    and real ones go on to the consumer."""
    if "generator" in kind:
        off = "record_exception=False, set_status_on_exception=False"
        return f"{tracer}.start_span({arguments}, {off})"
    return f"{tracer}.start_as_current_span({arguments})"


def add_tracer(module: cst.Module, trace: str, tracer: str, first: int, task: Task) -> cst.Module:
    """The module with the import where imports belong, but before the statement `first`, and the
    tracer below those that follow it."""
    alias = "" if trace == "trace" else f" as {trace}"
    code = f"from opentelemetry import trace{alias}  {MARK}"
    module = add_import(module, code, first, task)
    body = module.body
    at = next(index for index, line in enumerate(body) if _is_marked(line)) + 1
    end = next((n for n, line in enumerate(body[at:], at) if not is_import(line)), len(body))
    assign = cst.parse_statement(f"\n{tracer} = {trace}.get_tracer(__name__)  {MARK}")
    return module.with_changes(body=[*body[:end], assign, *body[end:]])


def without_tracers(
    module: cst.Module, old: cst.Module, task: Task, removed: Mapping[str, int]
) -> cst.Module:
    """The module without the marked lines whose names nothing but what was `removed` has used in
    the `old` one."""
    marked = [index for index, line in enumerate(old.body) if _is_marked(line)]
    gone: set[int] = set()
    for index in marked:
        name = _binds(old.body[index])
        spent = sum(removed.get(each, 0) for each in spans([name]))
        if name and sum(uses(old, task, name)) <= spent + 1:
            gone.add(index)
    dropped = len(gone)
    for index in marked:
        name = _imports(old.body[index])
        if (
            name
            and sum(uses(old, task, name)) <= dropped + removed.get(f"{name}.{_CURRENT}", 0) + 1
        ):
            gone.add(index)
    body = [_nearer(line) if n in gone else line for n, line in enumerate(module.body)]
    return without(module.with_changes(body=body), gone)


def _nearer(line: cst.CSTNode) -> cst.CSTNode:
    """A tracer without the blank line that sets it off from the imports."""
    above = lead(line)
    near = not _binds(line) or not above or above[0].comment
    return line if near else line.with_changes(leading_lines=above[1:])


# --- attributes


def attributed(function: cst.FunctionDef, trace: str, sets: str) -> cst.FunctionDef:
    """The function with the statement that sets attributes, the first of its body but for a
    docstring and the comment that types it; as it was where there is no room, or has ours."""
    block, at = function.body, _first(function)
    if at is None or any(_sets(line, {f"{trace}.{_CURRENT}"}) for line in block.body):
        return function
    line = cst.parse_statement(sets)
    above = lead(block.body[at])
    typed = next((n for n, each in enumerate(above, 1) if _types(each)), 0)
    ours = line.with_changes(leading_lines=above[:typed])
    following = block.body[at].with_changes(leading_lines=above[typed:])
    body = [*block.body[:at], ours, following, *block.body[at + 1 :]]
    return function.with_changes(body=block.with_changes(body=body))


def _first(function: cst.FunctionDef) -> int | None:
    """Which statement of the body a line can be put above: below the docstring, if that is alone in
    its line (what follows it there may change the parameters); None if there is none."""
    documented = function.get_docstring(clean=False) is not None
    match function.body, documented:
        case cst.IndentedBlock(), False:
            return 0
        case cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[_]), _, *_]), True:
            return 1
        case _:
            return None


def without_attributes(
    module: cst.Module, task: Task, traces: Iterable[str]
) -> tuple[cst.Module, Counter[str]]:
    """The module without the marked lines that set attributes in the functions that the task's
    edits name (in all, if it has none), and how many each name has had."""
    wanted = addressed(task)
    names = {f"{trace}.{_CURRENT}" for trace in traces}
    removed: Counter[str] = Counter()

    def choose(name: str, ordinal: int, function: cst.FunctionDef) -> Changer | None:
        found = [name for line in function.body.body if (name := _sets(line, names))]
        if wanted and (name, ordinal) not in wanted:
            return None
        if not found or len(found) == len(function.body.body):
            return None
        removed.update(found)
        return lambda function: _unattributed(function, names)

    return map_functions(module, choose), removed


def _unattributed(function: cst.FunctionDef, names: Collection[str]) -> cst.FunctionDef:
    body: list[cst.BaseStatement] = []
    loose: list[cst.EmptyLine] = []
    block = cst.ensure_type(function.body, cst.IndentedBlock)
    for line in block.body:
        loose += lead(line)
        if not _sets(line, names):
            body.append(line.with_changes(leading_lines=loose))
            loose = []
    return function.with_changes(body=block.with_changes(body=body, footer=[*loose, *block.footer]))


def _sets(line: cst.CSTNode, names: Collection[str]) -> str:
    """By which of the names of `get_current_span` a marked line sets attributes; "" if by none."""
    match line:
        case cst.SimpleStatementLine(
            body=[
                cst.Expr(
                    value=cst.Call(
                        func=cst.Attribute(
                            value=cst.Call(func=current), attr=cst.Name(value="set_attributes")
                        )
                    )
                )
            ]
        ) if _is_marked(line) and dotted(current) in names:
            return dotted(current)
        case _:
            return ""


def _types(line: cst.EmptyLine) -> bool:
    return line.comment is not None and line.comment.value.startswith("# type:")


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
