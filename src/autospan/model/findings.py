"""What `check` finds: findings, and the comments that accept them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from autospan.model.facts import Place, Problem


class Finding(NamedTuple):
    """What a rule has found: its id (`AS001`), where, in which function, in words, the way out.

    `function` is `pkg.mod:Class.method` (`pkg.mod:<module>` for a module's body, "" for what is in
    no code), `subject` what tells apart several findings of the rule in one function, "" where
    there is only one.
    """

    place: Place
    rule: str
    function: str
    words: str
    fix: str
    subject: str = ""

    @property
    def qualified(self) -> str:
        """The function with dots only: `pkg.mod.Class.method`; of a module's body, the module."""
        return self.function.removesuffix(":<module>").replace(":", ".")

    @property
    def anchor(self) -> str:
        """What stays the same when lines shift or the file moves: `Class.method`, and in brackets
        the subject."""
        local = self.function.partition(":")[2]
        return f"{local}[{self.subject}]" if self.subject else local


class Ignore(NamedTuple):
    """A comment `# autospan: ignore[AS001: why]`: where, which rules (none: all), and why."""

    place: Place
    rules: tuple[str, ...]
    why: str

    def covers(self, rule: str) -> bool:
        """Whether the comment is about a rule."""
        return not self.rules or rule in self.rules

    @property
    def text(self) -> str:
        """What stands in the brackets."""
        listed = ", ".join(self.rules)
        return f"{listed}: {self.why}" if listed and self.why else listed or self.why


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` has to say: findings (paths as seen from the working directory), those that it
    has repaired and the files that it has created for that, how many more are accepted, the
    project's folder and its baseline, how many files were read; entries that the baseline was given
    or lost, and what could not be read."""

    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...] = ()
    created: tuple[str, ...] = ()
    accepted: int = 0
    files: int = 0
    root: str = "."
    baseline: str = ""
    added: int = 0
    dropped: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Report) -> Report:
        """The report on both, as of the first one's folder."""
        return replace(
            self,
            findings=self.findings + other.findings,
            fixed=self.fixed + other.fixed,
            created=self.created + other.created,
            accepted=self.accepted + other.accepted,
            files=self.files + other.files,
            added=self.added + other.added,
            dropped=self.dropped + other.dropped,
            problems=self.problems + other.problems,
        )
