"""Lowering of `match`: what the patterns bind."""

from __future__ import annotations

import ast

from autospan.read.binding import Binding
from autospan.read.code import NOTHING
from autospan.read.scope import Scope


class Patterns(Binding):
    """Binds the names of patterns; a class pattern gives an instance of its class."""

    def bind_pattern(self, scope: Scope, pattern: ast.pattern, subject: int) -> None:
        """Bind what a pattern captures of the subject in a slot."""
        if isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None:
                self.bind_pattern(scope, pattern.pattern, subject)
            if pattern.name is not None:
                scope.store(pattern.name, self._narrowed(scope, pattern.pattern, subject))
        elif isinstance(pattern, ast.MatchClass):
            for inner in (*pattern.patterns, *pattern.kwd_patterns):
                self.bind_pattern(scope, inner, NOTHING)
        elif isinstance(pattern, ast.MatchSequence | ast.MatchOr | ast.MatchMapping):
            for inner in pattern.patterns:
                self.bind_pattern(scope, inner, NOTHING)
        elif isinstance(pattern, ast.MatchStar) and pattern.name is not None:
            scope.store(pattern.name, NOTHING)

    def _narrowed(self, scope: Scope, pattern: ast.pattern | None, subject: int) -> int:
        """What `case C() as x` binds: an instance of C."""
        if not isinstance(pattern, ast.MatchClass):
            return subject
        slot = scope.slots.new()
        klass = self.lower(scope, pattern.cls)
        if klass != NOTHING:
            narrowed = ("narrow", slot, subject, klass, 1) if subject else ("type", slot, klass)
            scope.code.steps.append(narrowed)
        return slot
