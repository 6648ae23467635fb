"""What `apply --interactive` shows and asks: one change, its reasons, its diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from autospan.present._candidates import attributes, reasons
from autospan.present._code import changed
from autospan.present._page import indent, render, rows, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Candidate, Edit, Patch, Problem

PROMPT = "\nWrite this span? [y,n,a,e,q,?] "
_HELP = (
    ("y", "yes", "write this span"),
    ("n", "no", "do not, and do not propose it again: it goes into the baseline"),
    ("a", "all", "write this span and all that follow in this file"),
    ("e", "edit", "give the span another name"),
    ("q", "quit", "stop here: write what you said yes to, leave the rest undecided"),
)
ANSWERS = {word: letter for letter, *words in _HELP for word in (letter, words[0])}
"""What may be answered, and the letter that it stands for."""


class Question(NamedTuple):
    """An edit with its candidate, the change it makes in its file (none, if it cannot be carried
    out: the problems say why), the file's encoding, and which question this is, of how many."""

    edit: Edit
    candidate: Candidate
    patches: Sequence[Patch]
    problems: Sequence[Problem]
    encoding: str
    number: int
    of: int


def present(question: Question, width: int, colors: bool = False) -> str:
    """The change to decide on."""
    return render(_parts(question), width, colors)


def help_text(said: str, width: int, colors: bool = False) -> str:
    """What the answers mean."""
    return render(_answers(said), width, colors)


def _parts(question: Question) -> Iterator[RenderableType]:
    edit, candidate = question.edit, question.candidate
    yield text(
        (f"\n[{question.number}/{question.of}] ", "cyan"),
        (edit.function.replace(":", "."), "bold"),
        (f"  {edit.path}:{edit.line}", "dim"),
        (f"  {candidate.score:.2f}", "green"),
    )
    yield indent(reasons(candidate), 2)
    captured = attributes(edit)
    if captured.plain:
        yield indent(captured, 2)
    if not question.patches:
        for problem in question.problems:
            yield indent(text((str(problem.place), "red"), f"  {problem.message}"), 2)
        return
    yield text("")
    yield from changed(question.patches, question.encoding, names=False)


def _answers(said: str) -> Iterator[RenderableType]:
    if said not in ("", "?", "h", "help"):
        yield text((said, "bold"), " is none of the answers:")
    yield rows([((letter, "cyan"), word, meaning) for letter, word, meaning in _HELP])
