"""`apply --interactive`: one change after the other is shown, and a person says yes or no.

Nothing is written here. What was agreed to is carried out afterwards, all of it at once; so
interrupting leaves every file as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from autospan import pipeline
from autospan.config import ConfigError
from autospan.model import Edit, Place, Plan, Problem
from autospan.present import question
from autospan.present._candidates import Candidates
from autospan.present._terminal import talks
from autospan.present.question import Question

if TYPE_CHECKING:
    from autospan.pipeline import Analysis

Ask = Callable[[str], str]
"""Shows a prompt and gives what is answered; raises `EOFError` where nobody is there any more."""
Show = Callable[[str], None]
_LONGEST = 255


class Verdicts(NamedTuple):
    """The edits that are to be carried out, those that were declined, and those left undecided."""

    accepted: tuple[Edit, ...] = ()
    declined: tuple[Edit, ...] = ()
    undecided: tuple[Edit, ...] = ()


def attended() -> None:
    """Refuse to ask where nobody answers.

    Raises:
        ConfigError: if input or output is no terminal.
    """
    if not talks():
        message = "--interactive asks in a terminal, and input or output is none"
        hint = "choose with --top or --function, or edit a --plan"
        raise ConfigError((Problem(Place("command line"), message, hint),))


def interview(
    plan: Plan, analysis: Analysis, ask: Ask, show: Show, width: int, colors: bool
) -> Verdicts:
    """Ask about every edit of a plan, file by file, those with the best functions first."""
    talk = _Talk(plan, analysis, Candidates(analysis), ask, show, width, colors)
    edits = _by_file(plan.edits)
    for number, edit in enumerate(edits):
        if edit.path in talk.whole_files:
            talk.accepted.append(edit)
        elif not talk.settle(edit, number + 1, len(edits)):
            return Verdicts((*talk.accepted,), (*talk.declined,), (*edits[number:],))
    return Verdicts((*talk.accepted,), (*talk.declined,))


def _by_file(edits: Sequence[Edit]) -> list[Edit]:
    first: dict[str, int] = {}
    for number, edit in enumerate(edits):
        first.setdefault(edit.path, number)
    return sorted(edits, key=lambda edit: (first[edit.path], edit.line))


@dataclass(slots=True)
class _Talk:
    """What has been said so far, and with whom."""

    plan: Plan
    analysis: Analysis
    candidates: Candidates
    ask: Ask
    show: Show
    width: int
    colors: bool
    accepted: list[Edit] = field(default_factory=list)
    declined: list[Edit] = field(default_factory=list)
    whole_files: set[str] = field(default_factory=set)

    def settle(self, edit: Edit, number: int, count: int) -> bool:
        """Ask about one edit until it is answered; False: stop here."""
        while True:
            asked = self._question(edit, number, count)
            self.show(question.present(asked, self.width, self.colors))
            if not asked.patches:
                return True
            match self._answer():
                case "y":
                    self.accepted.append(edit)
                    return True
                case "n":
                    self.declined.append(edit)
                    return True
                case "a":
                    self.accepted.append(edit)
                    self.whole_files.add(edit.path)
                    return True
                case "e":
                    edit = self._renamed(edit)
                case _:
                    return False

    def _question(self, edit: Edit, number: int, count: int) -> Question:
        """The question, with the change that this edit makes after those agreed to before."""
        before = [each for each in self.accepted if each.path == edit.path]
        done, _ = self._patches(before) if before else ((), ())
        patches, problems = self._patches([*before, edit])
        source = next(each for each in self.analysis.tree.sources if each.path == edit.path)
        present = next((each.after for each in done if each.path == edit.path), source.data)
        changes = tuple(replace(each, before=present) for each in patches if each.path == edit.path)
        candidate = Candidates(self.analysis).of(edit)
        return question.Question(edit, candidate, changes, problems, source.encoding, number, count)

    def _patches(self, edits: Sequence[Edit]) -> pipeline.Patches:
        return pipeline.make_patches(self.analysis, replace(self.plan, edits=tuple(edits)))

    def _answer(self) -> str:
        """One of y, n, a, e, q."""
        while True:
            try:
                said = self.ask(question.PROMPT).strip().lower()
            except EOFError:
                said = "q"
            if said in question.ANSWERS:
                return question.ANSWERS[said]
            self.show(question.help_text(said, self.width, self.colors))

    def _renamed(self, edit: Edit) -> Edit:
        """The edit under the name that is typed; as it was, if none is."""
        while True:
            try:
                name = self.ask(f"Name of the span [{edit.name}]: ").strip()
            except EOFError:
                return edit
            if len(name) > _LONGEST or not name.isprintable():
                self.show(f"A name has at most {_LONGEST} characters, all of them printable.\n")
            elif other := self._holder(name, edit):
                self.show(f"The span of {other} is called so; a trace could not tell them apart.\n")
            else:
                return edit.called(name)

    def _holder(self, name: str, edit: Edit) -> str:
        """The function whose span has this name already, or is to have it; "" if none."""
        held = {_address(each): each for each in (*self.plan.edits, *self.accepted)}
        others = [each for each in held.values() if _address(each)[:2] != _address(edit)[:2]]
        known = (each.function.replace(":", ".") for each in others if each.name == name)
        return next(known, "")


def _address(edit: Edit) -> tuple[str, str, int]:
    return edit.path, edit.function, edit.ordinal
