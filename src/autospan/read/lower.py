"""Lowering of one module: functions and classes become facts, their bodies steps over slots.

The body of a function is deferred until the scope around it is finished, so that a closure sees
every assignment of the names it captures; the slots of a function and of all that is nested in it
are then one contiguous range, which lets `link` copy the whole group for another context.
"""

from __future__ import annotations

import ast

from autospan.model import Class, Function, FunctionKind, Place, Signature, Step
from autospan.read.alternatives import number_homonyms
from autospan.read.annotations import seed
from autospan.read.choices import choices
from autospan.read.code import NOTHING, Code, Slots
from autospan.read.describe import (
    decorator_text,
    defaults,
    dotted,
    has_docstring,
    parameters,
    signature,
    trivial,
)
from autospan.read.scope import Deferred, Scope
from autospan.read.statements import Statements

Definition = ast.FunctionDef | ast.AsyncFunctionDef


class Module(Statements):
    """Lowers one parsed module; afterwards its attributes hold the facts."""

    def __init__(self, path: str, module: str, package: bool, lines: int) -> None:
        super().__init__(module, package)
        self.path, self.lines = path, max(lines, 1)
        self.slots = Slots()
        self.functions: dict[int, Function] = {}
        self.steps: dict[int, tuple[Step, ...]] = {}
        self.signatures: dict[int, Signature] = {}
        self.classes: dict[int, Class] = {}
        self.decorations: list[tuple[int, int, int, int]] = []
        self._codes = 0
        self._class_count = 0
        self._named: dict[str, list[int]] = {}

    def lower_module(self, tree: ast.Module) -> None:
        """Lower the whole module, its functions depth first in the order of the source."""
        scope = Scope("module", f"{self.module}:", self._new_code(), self.slots)
        self.block(scope, tree.body)
        self._finish(scope.code)
        self.functions[0] = Function(
            f"{self.module}:<module>",
            "module",
            Place(self.path, 1),
            1,
            self.lines,
            docstring=has_docstring(tree.body),
            shape=scope.code.shape(self.lines),
            choices=(*choices(tree.body), *scope.code.inline),
        )
        self._deferred(scope)
        number_homonyms(self.functions, self._named.values(), tree.body)

    # --- functions

    def define(self, scope: Scope, node: Definition) -> None:
        """Bind a function to its name, through its decorators; its body is lowered later."""
        decorators = [(self.lower(scope, each), each) for each in node.decorator_list]
        function, slot = self._function(scope, node, node.name)
        scope.store(node.name, self._decorate(scope, decorators, function, -1, slot))

    def defer(self, scope: Scope, node: ast.Lambda, name: str) -> int:
        """Queue a lambda's body and give the slot of its function object."""
        return self._function(scope, node, name)[1]

    def _decorate(
        self,
        scope: Scope,
        decorators: list[tuple[int, ast.expr]],
        function: int,
        klass: int,
        slot: int,
    ) -> int:
        for decorator, expression in reversed(decorators):
            self.decorations.append((function, klass, decorator, len(self.calls)))
            text = "@" + decorator_text(expression)
            slot = self.site(scope, expression, expression.lineno, text, decorator, [(0, slot)])
            scope.code.calls -= 1
        return slot

    def _function(self, scope: Scope, node: Definition | ast.Lambda, short: str) -> tuple[int, int]:
        code = self._new_code()
        slot = self.slots.new()
        known: list[int] = []
        for position, default in defaults(node.args):
            value = self.lower(scope, default)
            if value != NOTHING:
                known += (position, value)
        scope.code.steps.append(("func", slot, code.function, *known))
        home = scope
        while home.kind == "class" and home.around is not None:
            home = home.around
        name = _nested(scope.name, short)
        home.deferred.append(Deferred(node, code, scope, name, scope.typing_only))
        return code.function, slot

    def _new_code(self) -> Code:
        code = Code(self._codes, self.slots.last + 1)
        self._codes += 1
        return code

    def _deferred(self, scope: Scope) -> None:
        """Lower the functions defined in a finished scope, each with all that is nested in it."""
        for node, code, around, name, typing_only in scope.deferred:
            code.first_slot = self.slots.last + 1
            inner = self._body_scope(node, code, around, scope, name)
            inner.typing_only = typing_only
            if isinstance(node, ast.Lambda):
                code.statements += 1
                inner.copy(code.result, self.lower(inner, node.body))
            else:
                self.block(inner, node.body)
            self._deferred(inner)
            self._finish(code)
            self.functions[code.function] = self._describe(node, code, inner)
        scope.deferred.clear()

    def _body_scope(
        self, node: Definition | ast.Lambda, code: Code, around: Scope, home: Scope, name: str
    ) -> Scope:
        lexical = home if home.kind == "function" else None
        scope = Scope("function", name, code, self.slots, outer=lexical, around=around)
        scope.klass = around.klass if around.kind == "class" else None
        annotated: list[tuple[int, ast.expr]] = []
        gathered: list[tuple[int, str, int]] = []
        for _, argument in signature(node.args):
            slot = self.slots.new()
            code.parameters.append(slot)
            code.history.own(slot)
            scope.versions[argument.arg] = [slot]
            scope.env[argument.arg] = slot
            if argument.annotation is not None:
                held = slot
                if argument in (node.args.vararg, node.args.kwarg):
                    held = self.slots.new()
                    kind = "tuple" if argument is node.args.vararg else "dict"
                    gathered.append((slot, kind, held))
                annotated.append((held, argument.annotation))
        code.result = self.slots.new()
        if not isinstance(node, ast.Lambda) and node.returns is not None:
            annotated.append((code.result, node.returns))
        for slot, annotation in annotated:
            seed(self, scope, slot, annotation)
        for slot, container, held in gathered:
            scope.copy(slot, self.build(scope, container, [(None, held)]))
        return scope

    def _finish(self, code: Code) -> None:
        self.steps[code.function] = tuple(code.steps)
        self.signatures[code.function] = Signature(
            tuple(code.parameters), code.result, code.yielded, code.first_slot, self.slots.last
        )

    def _describe(self, node: Definition | ast.Lambda, code: Code, scope: Scope) -> Function:
        first, trivially, docstring = node.lineno, "", False
        decorators: tuple[str, ...] = ()
        left_out: tuple[tuple[int, int, int], ...] = ()
        asynchronous = isinstance(node, ast.AsyncFunctionDef)
        if not isinstance(node, ast.Lambda):
            if node.decorator_list:
                decorators = tuple(decorator_text(each) for each in node.decorator_list)
                first = min(node.lineno, *(each.lineno for each in node.decorator_list))
            trivially, docstring = trivial(node.body), has_docstring(node.body)
            left_out = choices(node.body)
        kind: FunctionKind = "async" if asynchronous else "sync"
        if code.has_yield:
            kind = "async generator" if asynchronous else "generator"
        self._named.setdefault(scope.name, []).append(code.function)
        end = node.end_lineno or node.lineno
        return Function(
            scope.name,
            kind,
            Place(self.path, node.lineno, node.col_offset),
            first,
            end,
            parameters(node.args),
            decorators,
            0,
            scope.klass,
            scope.outer.code.function if scope.outer is not None else None,
            scope.typing_only,
            trivially,
            docstring,
            code.shape(end - node.lineno + 1),
            code.endless,
            code.swallows,
            (*left_out, *code.inline) if code.inline else left_out,
            code.standing,
        )

    # --- classes

    def define_class(self, scope: Scope, node: ast.ClassDef) -> None:
        """Bind a class; its body runs here, in the function (or module) around it."""
        decorators = [(self.lower(scope, each), each) for each in node.decorator_list]
        bases = tuple(self.lower(scope, _unsubscripted(base)) for base in node.bases)
        keywords = tuple(
            (keyword.arg or "**", self.lower(scope, keyword.value)) for keyword in node.keywords
        )
        index, self._class_count = self._class_count, self._class_count + 1
        name = _nested(scope.name, node.name)
        outer = scope if scope.kind == "function" else scope.outer
        inner = Scope("class", name, scope.code, self.slots, outer, scope, index)
        inner.typing_only = scope.typing_only
        self.block(inner, node.body)
        self.classes[index] = Class(
            name,
            Place(self.path, node.lineno),
            bases,
            tuple(dotted(base) for base in node.bases),
            keywords,
            tuple(sorted(inner.env.items())),
            tuple(
                each.target.id
                for each in node.body
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
            ),
        )
        slot = self.slots.new()
        scope.code.steps.append(("class", slot, index))
        scope.store(node.name, self._decorate(scope, decorators, -1, index, slot))


def _nested(around: str, name: str) -> str:
    """`pkg.mod:` + f -> `pkg.mod:f`; `pkg.mod:C` + m -> `pkg.mod:C.m`."""
    return around + name if around.endswith(":") else f"{around}.{name}"


def _unsubscripted(base: ast.expr) -> ast.expr:
    """`Generic[T]` -> `Generic`."""
    return base.value if isinstance(base, ast.Subscript) else base
