"""Who owns which file, as CODEOWNERS says it, in GitHub's and in GitLab's way.

The last line whose pattern matches a path counts; one without owners says that nobody owns it. In
GitLab's files this holds for each `[Section]` on its own, whose owners stand for its lines without
any; `!pattern` takes files out of a section for good; and a pattern means a path at any depth
unless it begins with `/`, and a folder only if it ends with one. GitHub ignores `!` lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?\s*(?P<owners>.*)")


@dataclass(frozen=True, slots=True)
class Owners:
    """The rules of a CODEOWNERS file; `path` is the file, "" where there is none."""

    path: str
    sections: tuple[tuple[_Rule, ...], ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file (path from the top of the work tree), in the order of the rules."""
        found = [owner for section in self.sections for owner in _owners(section, path)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern and its owners; `out`: what matches is taken out; `exact`: the pattern means the
    files that it names, not those in folders of that name."""

    spec: GitIgnoreSpec
    owners: tuple[str, ...]
    out: bool = False
    exact: bool = False

    def matches(self, path: str) -> bool:
        if not self.spec.match_file(path):
            return False
        above = PurePosixPath(path).parents[:-1] if self.exact else ()
        return not any(self.spec.match_file(str(folder)) for folder in above)


def read_owners(top: Path) -> Owners:
    """The owners of the files below the top of a work tree. Raises `OSError`, if the file that is
    there cannot be read; lines that are no rules are passed over, as the services do."""
    place = next((each for each in _PLACES if (top / each).is_file()), "")
    if not place:
        return Owners("")
    text = (top / place).read_bytes().decode("utf-8-sig", "replace")
    gitlab = place.startswith(".gitlab") or (top / ".gitlab-ci.yml").exists()
    return Owners(place, parse_owners(text, gitlab))


def parse_owners(text: str, gitlab: bool = False) -> tuple[tuple[_Rule, ...], ...]:
    """The rules of each section; a file with sections is GitLab's in any case."""
    lines = [line.strip() for line in text.splitlines()]
    gitlab = gitlab or any(_SECTION.fullmatch(line) for line in lines)
    sections: dict[str, _Section] = {"": _Section()}
    section = sections[""]
    for line in lines:
        if gitlab and (head := _SECTION.fullmatch(line)):
            section = sections.setdefault(head["name"].strip().lower(), _Section())
            section.owners = tuple(_words(head["owners"])) or section.owners
        elif line and not line.startswith("#"):
            section.rules += _rules(line, section.owners, gitlab)
    return tuple(tuple(each.rules) for each in sections.values() if each.rules)


@dataclass(slots=True)
class _Section:
    owners: tuple[str, ...] = ()
    rules: list[_Rule] = field(default_factory=list)


def _owners(section: Sequence[_Rule], path: str) -> tuple[str, ...]:
    if any(rule.out and rule.matches(path) for rule in section):
        return ()
    last = next((rule for rule in reversed(section) if not rule.out and rule.matches(path)), None)
    return last.owners if last else ()


def _rules(line: str, usual: tuple[str, ...], gitlab: bool) -> Iterator[_Rule]:
    pattern, *owners = _words(line) or [""]
    out = pattern.startswith("!")
    if not pattern or (out and not gitlab):
        return
    pattern = pattern.removeprefix("!")
    last = pattern.rpartition("/")[2]
    exact = pattern.endswith("/*") or (gitlab and last not in ("", "*", "**"))
    if gitlab and not pattern.startswith(("/", "**")):
        pattern = f"**/{pattern}"
    try:
        spec = GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error):
        return
    yield _Rule(spec, tuple(owners) or usual, out, exact)


def _words(line: str) -> list[str]:
    """The pattern and the owners; a blank in a path stands behind a backslash, and what follows
    ` #` is a comment."""
    words = re.findall(r"(?:\\.|\S)+", line)
    comment = next((n for n, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:comment]
