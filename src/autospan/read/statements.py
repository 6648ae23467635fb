"""Lowering of statements: control flow decides which version of a name is read next."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from autospan.read.choices import is_main_guard
from autospan.read.code import NOTHING
from autospan.read.describe import stands, swallows
from autospan.read.narrowing import narrow, narrow_name
from autospan.read.patterns import Patterns
from autospan.read.scope import Environment, Scope


class Statements(Patterns):
    """Lowers the statements of one file; the main guard is noted."""

    def __init__(self, module: str, package: bool) -> None:
        super().__init__(module, package)
        self.guard: tuple[int, int] | None = None
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
        around = scope.code.history.enter()
        for statement in body:
            handler = handlers.get(type(statement))
            if handler is not None:
                handler(scope, statement)
        scope.code.history.block = around

    # --- simple statements

    def _expression(self, scope: Scope, node: ast.Expr) -> None:
        if type(node.value) is not ast.Constant:
            self.alone = node.value
            self.lower(scope, node.value)

    def _return(self, scope: Scope, node: ast.Return) -> None:
        if node.value is not None:
            scope.copy(scope.code.result, self.lower(scope, node.value))
        scope.code.history.left = True
        scope.live = False

    def _raise(self, scope: Scope, node: ast.Raise) -> None:
        scope.code.raises += 1
        for part in (node.exc, node.cause):
            if part is not None:
                raised = self.lower(scope, part)
                if part is node.exc and raised != NOTHING and type(part) is not ast.Call:
                    scope.code.steps.append(("raise", raised, node.lineno))
        scope.code.history.left = True
        scope.live = False

    def _delete(self, scope: Scope, node: ast.Delete) -> None:
        for target in node.targets:
            self.unbind(scope, target)

    def _assert(self, scope: Scope, node: ast.Assert) -> None:
        self.test(scope, node.test)
        if node.msg is not None:
            self.lower(scope, node.msg)
        narrow(self, scope, node.test, True)

    def _global(self, scope: Scope, node: ast.Global) -> None:
        if scope.kind != "module":
            scope.global_names.update(node.names)

    def _nonlocal(self, scope: Scope, node: ast.Nonlocal) -> None:
        scope.nonlocal_names.update(node.names)

    def _break(self, scope: Scope, node: ast.Break) -> None:
        scope.jump(out=True)

    def _continue(self, scope: Scope, node: ast.Continue) -> None:
        scope.jump(out=False)

    # --- control flow

    def _if(self, scope: Scope, node: ast.If) -> None:
        scope.code.branches += 1
        guard = scope.kind == "module" and is_main_guard(node.test)
        if guard:
            self.guard = (node.lineno, node.end_lineno or node.lineno)
        typing_only = scope.typing_only
        if _mentions_type_checking(node.test):
            scope.typing_only = True
        self.test(scope, node.test)
        before = scope.fork()
        narrow(self, scope, node.test, True)
        self.block(scope, node.body)
        scope.typing_only = typing_only
        ends = self._end(scope)
        scope.env, scope.live = before, True
        narrow(self, scope, node.test, False)
        self.block(scope, node.orelse)
        scope.join(ends + self._end(scope))

    def _end(self, scope: Scope) -> list[Environment]:
        return [scope.env] if scope.live else []

    def _for(self, scope: Scope, node: ast.For | ast.AsyncFor) -> None:
        scope.code.loops += 1
        item = self.iterate(scope, node.iter, int(isinstance(node, ast.AsyncFor)))
        scope.enter_loop()
        self.bind(scope, node.target, item)
        self.block(scope, node.body)
        scope.join(scope.leave_loop())
        self.block(scope, node.orelse)

    def _while(self, scope: Scope, node: ast.While) -> None:
        scope.code.loops += 1
        standing = stands(node.test)
        if standing == "open" and not _leaves(node.body):
            scope.code.endless = True
        elif standing == "flag" or not scope.code.standing:
            scope.code.standing = standing
        scope.enter_loop()
        self.test(scope, node.test)
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
        around, scope.bound = scope.bound, []
        self.block(scope, node.body)
        halfway = scope.bound
        scope.bound = around if around is None else around + halfway
        after = scope.env
        self.block(scope, node.orelse)
        ends = self._end(scope)
        for handler in node.handlers:
            scope.code.handlers += 1
            if not scope.code.swallows and swallows(handler):
                scope.code.swallows = handler.lineno
            scope.join([before, after])
            for name, slot in halfway:
                if slot not in (before.get(name), after.get(name)):
                    scope.env[name] = scope.either(scope.env.get(name, NOTHING), slot)
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
            if isinstance(case.pattern, ast.MatchClass) and isinstance(node.subject, ast.Name):
                narrow_name(self, scope, node.subject.id, case.pattern.cls, True)
            self.bind_pattern(scope, case.pattern, subject)
            if case.guard is not None:
                self.lower(scope, case.guard)
            self.block(scope, case.body)
            ends += self._end(scope)
        scope.join(ends)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a loop's body has a `break` or `return`; no raise nor being stopped is a way out."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break | ast.Return):
            return True
        if isinstance(node, ast.ExceptHandler) and _stopped(node.type):
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            pending += ast.iter_child_nodes(node)
    return False


def _stopped(caught: ast.expr | None) -> bool:
    """Whether a handler is for somebody who stops the program."""
    return isinstance(caught, ast.Name) and caught.id in ("KeyboardInterrupt", "SystemExit")


def _mentions_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )
