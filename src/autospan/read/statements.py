"""Lowering of statements: control flow decides which version of a name is read next."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from autospan.model import Import
from autospan.read.annotations import seed
from autospan.read.expressions import Expressions, constant_key
from autospan.read.scope import NOTHING, Environment, Scope


class Statements(Expressions):
    """Lowers the statements of one file; imports, `__all__` and the main guard are noted."""

    def __init__(self, module: str, package: bool) -> None:
        super().__init__()
        self.module = module
        self.imports: list[Import] = []
        self.exports: list[str] | None = None
        self._computed_exports = False
        self.guard: tuple[int, int] | None = None
        self._package = module if package else module.rpartition(".")[0]
        self._statements: dict[type[ast.AST], Callable[[Scope, Any], None]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Return: self._return,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            getattr(ast, "TryStar", ast.Try): self._try,
            ast.Raise: self._raise,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self.define,
            ast.AsyncFunctionDef: self.define,
            ast.ClassDef: self.define_class,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
            ast.Delete: self._delete,
            ast.Assert: self._assert,
            ast.Match: self._match,
            ast.Break: self._break,
            ast.Continue: self._continue,
        }

    def define(self, scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Bind a function; its body is lowered later."""
        raise NotImplementedError

    def define_class(self, scope: Scope, node: ast.ClassDef) -> None:
        """Bind a class; its body is lowered now."""
        raise NotImplementedError

    def block(self, scope: Scope, body: Sequence[ast.stmt]) -> None:
        """Lower a list of statements in order."""
        handlers = self._statements
        scope.code.statements += len(body)
        for statement in body:
            handler = handlers.get(type(statement))
            if handler is not None:
                handler(scope, statement)

    # --- simple statements

    def _expression(self, scope: Scope, node: ast.Expr) -> None:
        if type(node.value) is not ast.Constant:
            self.lower(scope, node.value)

    def _assign(self, scope: Scope, node: ast.Assign) -> None:
        if scope.kind == "module" and _binds(node.targets[0], "__all__"):
            self._export(node.value)
        value = self.lower(scope, node.value)
        for target in node.targets:
            self.bind(scope, target, value, node.value)

    def _export(self, value: ast.expr) -> None:
        """Note what `__all__` lists; None where it is computed, which is as if there were none."""
        listed = value.elts if isinstance(value, ast.List | ast.Tuple) else None
        if listed is None or self._computed_exports:
            self.exports, self._computed_exports = None, True
            return
        self.exports = self.exports or []
        for each in listed:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                self.exports.append(each.value)

    def bind(
        self, scope: Scope, target: ast.expr, value: int, written: ast.expr | None = None
    ) -> None:
        """Assign the value in a slot to a target; `written` is its expression where it is known."""
        if isinstance(target, ast.Name):
            scope.store(target.id, value)
        elif isinstance(target, ast.Attribute):
            receiver = self.lower(scope, target.value)
            if receiver != NOTHING and value != NOTHING:
                scope.code.steps.append(("setattr", receiver, target.attr, value, target.lineno))
        elif isinstance(target, ast.Subscript):
            container = self.lower(scope, target.value)
            key = constant_key(target.slice)
            index = self.lower(scope, target.slice) if key is None else NOTHING
            if container != NOTHING:
                if key is None:
                    scope.forget(container)
                else:
                    scope.remember(container, key, value)
                scope.code.steps.append(("setitem", container, key, index, value, target.lineno))
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(scope, target.elts, value)
        elif isinstance(target, ast.Starred):
            self.bind(scope, target.value, value)

    def _unpack(self, scope: Scope, targets: Sequence[ast.expr], value: int) -> None:
        starred = False
        for index, target in enumerate(targets):
            starred = starred or isinstance(target, ast.Starred)
            if value == NOTHING:
                self.bind(scope, target, NOTHING)
                continue
            slot = scope.slots.new()
            if isinstance(target, ast.Starred):
                scope.code.steps.append(("iter", slot, value, target.lineno))
                rest = self.build(scope, "list", [(None, slot)])
                self.bind(scope, target.value, rest)
                continue
            key = index - len(targets) if starred else index
            scope.code.steps.append(("item", slot, value, key, NOTHING, target.lineno))
            self.bind(scope, target, slot)

    def _annotated(self, scope: Scope, node: ast.AnnAssign) -> None:
        value = self.lower(scope, node.value) if node.value is not None else NOTHING
        slot = scope.slots.new()
        scope.copy(slot, value)
        seed(self, scope, slot, node.annotation)
        if isinstance(node.target, ast.Name) and node.value is None and scope.kind == "function":
            return
        self.bind(scope, node.target, slot)

    def _augmented(self, scope: Scope, node: ast.AugAssign) -> None:
        value = self.lower(scope, node.value)
        target = node.target
        if isinstance(target, ast.Name):
            if scope.kind == "module" and target.id == "__all__":
                self._export(node.value)
            before = scope.load(target.id)
            result = self._operator(scope, before, value, type(node.op), node.lineno)
            joined = scope.slots.new()
            for source in (before, result):
                scope.copy(joined, source)
            scope.store(target.id, joined)
        else:
            before = self.lower(scope, target)
            self._operator(scope, before, value, type(node.op), node.lineno)

    def _return(self, scope: Scope, node: ast.Return) -> None:
        if node.value is not None:
            scope.copy(scope.code.result, self.lower(scope, node.value))
        scope.live = False

    def _raise(self, scope: Scope, node: ast.Raise) -> None:
        scope.code.raises += 1
        for part in (node.exc, node.cause):
            if part is not None:
                raised = self.lower(scope, part)
                if part is node.exc and raised != NOTHING and type(part) is not ast.Call:
                    scope.code.steps.append(("raise", raised, node.lineno))
        scope.live = False

    def _delete(self, scope: Scope, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript | ast.Attribute):
                self.lower(scope, target.value)

    def _assert(self, scope: Scope, node: ast.Assert) -> None:
        self.lower(scope, node.test)
        if node.msg is not None:
            self.lower(scope, node.msg)

    def _global(self, scope: Scope, node: ast.Global) -> None:
        if scope.kind != "module":
            scope.global_names.update(node.names)

    def _nonlocal(self, scope: Scope, node: ast.Nonlocal) -> None:
        scope.nonlocal_names.update(node.names)

    def _break(self, scope: Scope, node: ast.Break) -> None:
        scope.jump(out=True)

    def _continue(self, scope: Scope, node: ast.Continue) -> None:
        scope.jump(out=False)

    # --- imports

    def _import(self, scope: Scope, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name if alias.asname else alias.name.partition(".")[0]
            self.imports.append(
                Import(node.lineno, alias.name, "", alias.asname or top, scope.typing_only)
            )
            slot = scope.slots.new()
            scope.code.steps.append(("import", slot, top, ""))
            scope.store(alias.asname or top, slot)

    def _import_from(self, scope: Scope, node: ast.ImportFrom) -> None:
        module = self.absolute(node.module or "", node.level)
        for alias in node.names:
            bound = alias.asname or alias.name
            self.imports.append(Import(node.lineno, module, alias.name, bound, scope.typing_only))
            if alias.name == "*":
                scope.code.steps.append(("star", module))
                continue
            slot = scope.slots.new()
            scope.code.steps.append(("import", slot, module, alias.name))
            scope.store(bound, slot)

    def absolute(self, module: str, level: int) -> str:
        """The absolute name of a module imported relatively (`level` dots) by this one."""
        if level == 0:
            return module
        parts = self._package.split(".") if self._package else []
        kept = parts[: len(parts) - (level - 1)] if level > 1 else parts
        return ".".join([*kept, module] if module else kept)

    # --- control flow

    def _if(self, scope: Scope, node: ast.If) -> None:
        scope.code.branches += 1
        guard = scope.kind == "module" and _is_main_guard(node.test)
        if guard:
            self.guard = (node.lineno, node.end_lineno or node.lineno)
        typing_only = scope.typing_only
        if _mentions_type_checking(node.test):
            scope.typing_only = True
        self.lower(scope, node.test)
        before = scope.fork()
        self.block(scope, node.body)
        scope.typing_only = typing_only
        ends = self._end(scope)
        scope.env, scope.live = before, True
        self.block(scope, node.orelse)
        scope.join(ends + self._end(scope))

    def _end(self, scope: Scope) -> list[Environment]:
        return [scope.env] if scope.live else []

    def _for(self, scope: Scope, node: ast.For | ast.AsyncFor) -> None:
        scope.code.loops += 1
        item = self.iterate(scope, node.iter)
        scope.enter_loop()
        self.bind(scope, node.target, item)
        self.block(scope, node.body)
        scope.join(scope.leave_loop())
        self.block(scope, node.orelse)

    def _while(self, scope: Scope, node: ast.While) -> None:
        scope.code.loops += 1
        if isinstance(node.test, ast.Constant) and node.test.value and not _leaves(node.body):
            scope.code.endless = True
        scope.enter_loop()
        self.lower(scope, node.test)
        self.block(scope, node.body)
        scope.join(scope.leave_loop())
        self.block(scope, node.orelse)

    def _with(self, scope: Scope, node: ast.With | ast.AsyncWith) -> None:
        scope.code.withs += 1
        for item in node.items:
            value = self.lower(scope, item.context_expr)
            entered = NOTHING
            if value != NOTHING:
                entered = scope.slots.new()
                asynchronous = isinstance(node, ast.AsyncWith)
                scope.code.steps.append(
                    ("enter", entered, value, int(asynchronous), item.context_expr.lineno)
                )
            if item.optional_vars is not None:
                self.bind(scope, item.optional_vars, entered)
        self.block(scope, node.body)

    def _try(self, scope: Scope, node: ast.Try) -> None:
        before = scope.fork()
        self.block(scope, node.body)
        after = scope.env
        self.block(scope, node.orelse)
        ends = self._end(scope)
        for handler in node.handlers:
            scope.code.handlers += 1
            scope.join([before, after])
            if handler.type is not None:
                caught = self.lower(scope, handler.type)
                if handler.name:
                    slot = scope.slots.new()
                    if caught != NOTHING:
                        scope.code.steps.append(("type", slot, caught))
                    scope.store(handler.name, slot)
            self.block(scope, handler.body)
            ends += self._end(scope)
        if node.finalbody:
            scope.join(ends or [after])
            self.block(scope, node.finalbody)
            scope.live = scope.live and bool(ends)
        else:
            scope.join(ends)

    def _match(self, scope: Scope, node: ast.Match) -> None:
        subject = self.lower(scope, node.subject)
        before = scope.fork()
        ends = [before]
        for case in node.cases:
            scope.code.branches += 1
            scope.env, scope.live = dict(before), True
            self._pattern(scope, case.pattern, subject)
            if case.guard is not None:
                self.lower(scope, case.guard)
            self.block(scope, case.body)
            ends += self._end(scope)
        scope.join(ends)

    def _pattern(self, scope: Scope, pattern: ast.pattern, subject: int) -> None:
        if isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None:
                self._pattern(scope, pattern.pattern, subject)
            if pattern.name is not None:
                scope.store(pattern.name, self._narrowed(scope, pattern.pattern, subject))
        elif isinstance(pattern, ast.MatchClass):
            for inner in (*pattern.patterns, *pattern.kwd_patterns):
                self._pattern(scope, inner, NOTHING)
        elif isinstance(pattern, ast.MatchSequence | ast.MatchOr):
            for inner in pattern.patterns:
                self._pattern(scope, inner, NOTHING)
        elif isinstance(pattern, ast.MatchMapping):
            for inner in pattern.patterns:
                self._pattern(scope, inner, NOTHING)
        elif isinstance(pattern, ast.MatchStar) and pattern.name is not None:
            scope.store(pattern.name, NOTHING)

    def _narrowed(self, scope: Scope, pattern: ast.pattern | None, subject: int) -> int:
        """What `case C() as x` binds: an instance of C."""
        if not isinstance(pattern, ast.MatchClass):
            return subject
        slot = scope.slots.new()
        klass = self.lower(scope, pattern.cls)
        if klass != NOTHING:
            scope.code.steps.append(("type", slot, klass))
        return slot


def _binds(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a loop's body has a `break` or `return` (a `raise` is no planned way out)."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break | ast.Return):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            pending += ast.iter_child_nodes(node)
    return False


def _is_main_guard(test: ast.expr) -> bool:
    if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = [test.left, *test.comparators]
    return any(_binds(side, "__name__") for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def _mentions_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )
