"""The function that is explained: what it is, and whether it is traced already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from autospan.model import Function, Parameter
from autospan.present._page import counted, heading, indent, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Candidate, Patch, Plan, Problem
    from autospan.pipeline import Analysis

_SIGNATURE = 100


class Subject(NamedTuple):
    """A function (index) of an analysis, the plan for it alone, and what that would write."""

    analysis: Analysis
    number: int
    plan: Plan
    patches: Sequence[Patch]
    problems: Sequence[Problem] = ()

    @property
    def function(self) -> Function:
        """The function itself."""
        return self.analysis.graph.functions[self.number]

    @property
    def candidate(self) -> Candidate | None:
        """Its place in the ranking; None for what is never ranked."""
        found = (each for each in self.analysis.candidates if each.function == self.number)
        return next(found, None)

    def name(self, number: int) -> str:
        """How a function is called in the text: a module by its own name."""
        function = self.analysis.graph.functions[number]
        if function.kind == "module":
            return f"{function.module} (module body)"
        return function.qualified

    def file(self, number: int) -> str:
        """The file of a function."""
        return self.analysis.graph.functions[number].place.file


def identity(subject: Subject) -> Iterator[RenderableType]:
    """Name, place, kind, size and signature."""
    function = subject.function
    yield text((subject.name(subject.number), "bold"))
    kind = "module body" if function.kind == "module" else f"{function.kind} function"
    if function.owner is not None:
        kind = f"{function.kind} method"
    shape = function.shape
    facts = [counted(shape.statements, "statement"), counted(shape.branches, "branch", "branches")]
    facts += [counted(shape.loops, "loop"), counted(shape.handlers, "error handler")]
    told = ", ".join(each for each in facts if not each.startswith("0 "))
    place = f"{function.place.file}:{function.place.line}-{function.end_line}"
    yield indent(text(place, (f"  {kind}; {told}" if told else f"  {kind}", "dim")), 2)
    for decorator in function.decorators:
        yield indent(text((f"@{decorator}", "dim")), 2)
    if function.kind != "module":
        yield indent(text((_signature(function), "cyan")), 2)


def _signature(function: Function) -> str:
    words = "async def" if function.kind.startswith("async") else "def"
    whole = f"{words} {function.short}({', '.join(_listed(function.parameters))})"
    return whole if len(whole) <= 4 * _SIGNATURE else whole[: 4 * _SIGNATURE] + " …"


def _listed(parameters: Sequence[Parameter]) -> Iterator[str]:
    """Parameters as written, with the `/` and the `*` that stood between them."""
    before = ""
    for name, kind, annotation, default in parameters:
        if before == "positional" != kind:
            yield "/"
        if kind == "keyword" and before not in ("star", "keyword"):
            yield "*"
        mark = {"star": "*", "double star": "**"}.get(kind, "")
        typed = f": {annotation}" if annotation else ""
        equals = " = " if annotation else "="
        yield f"{mark}{name}{typed}" + (f"{equals}{default}" if default else "")
        before = kind
    if before == "positional":
        yield "/"


def tracing(subject: Subject) -> Iterator[RenderableType]:
    """Who opens a span for it already."""
    traced = [each for each in subject.analysis.survey.traced if each.function == subject.number]
    starts = [each for each in subject.analysis.survey.entries if each.function == subject.number]
    free = {each.package or "auto" for each in starts if each.root_span == "auto"}
    if not traced and not free:
        return
    yield heading("TRACED", "a span is there already")
    for each in traced:
        yield indent(text(f"by {each.api}", (f"  {each.place}", "dim")), 2)
    for package in sorted(free):
        yield indent(text(f"by {package}", ("  its root span, once that is installed", "dim")), 2)
