"""What not to read: the default excludes, `.gitignore` files, and the project's own patterns."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, NamedTuple

from pathspec import GitIgnoreSpec

from autospan.config import Config
from autospan.model import Place, Problem


class Exclude(NamedTuple):
    """A default: a gitignore pattern, why, and the file names one of which must stand beside it."""

    pattern: str
    reason: str
    beside: tuple[str, ...] = ()


_BUILDS = ("setup.py", "setup.cfg", "pyproject.toml")
_TESTS = "a test: it runs the code, nobody watches its spans"
_MIGRATION = "a migration: it runs once"
_GENERATED = "generated: the next run of the generator would drop the spans"
_VENDORED = "vendored: other people's code, covered by auto-instrumentation or by its owners"
_ENVIRONMENT = "an environment: installed packages"
_OUTPUT = "build output: a copy of the source"
_EXCLUDED = "in a folder that is left out"

EXCLUDES: tuple[Exclude, ...] = (
    Exclude("tests/", _TESTS),
    Exclude("test/", _TESTS),
    Exclude("tests.py", _TESTS),
    Exclude("test_*.py", _TESTS),
    Exclude("*_test.py", _TESTS),
    Exclude("conftest.py", _TESTS),
    Exclude("**/migrations/[0-9]*_*.py", _MIGRATION),
    Exclude("**/south_migrations/[0-9]*_*.py", _MIGRATION),
    Exclude("**/alembic/versions/*.py", _MIGRATION),
    Exclude("**/migrations/versions/*.py", _MIGRATION),
    Exclude("*_pb2.py", _GENERATED),
    Exclude("*_pb2_grpc.py", _GENERATED),
    Exclude("vendor/", _VENDORED),
    Exclude("vendored/", _VENDORED),
    Exclude("_vendor/", _VENDORED),
    Exclude("_vendored/", _VENDORED),
    Exclude("third_party/", _VENDORED),
    Exclude("thirdparty/", _VENDORED),
    Exclude("site-packages/", _VENDORED),
    Exclude("dist-packages/", _VENDORED),
    Exclude("node_modules/", _VENDORED),
    Exclude("bower_components/", _VENDORED),
    Exclude("venv/", _ENVIRONMENT),
    Exclude("virtualenv/", _ENVIRONMENT),
    Exclude(".*/", "a dot-folder (.venv, .tox, .nox, .git …): settings and environments of tools"),
    Exclude("__pycache__/", _OUTPUT),
    Exclude("__pypackages__/", _ENVIRONMENT),
    Exclude("*.egg-info/", _OUTPUT),
    Exclude("*.egg/", _VENDORED),
    Exclude("*{{*}}*", "a template of a project: no Python before its blanks are filled in"),
    Exclude("build/", _OUTPUT, beside=_BUILDS),
    Exclude("dist/", _OUTPUT, beside=_BUILDS),
)
"""More defaults look inside: a folder with pyvenv.cfg is an environment, a file whose head comments
say that it is generated is `_GENERATED` (`autospan.discover.decode.generated`), and the `setup.py`
of a package is only read for what it declares (`autospan.discover.decode.is_packaging`)."""

Admission = Literal["no", "doubtful", "passage", "yes", "included"]


class Rule(NamedTuple):
    """Patterns, and how a path below the analysed folder reads to them: `prefix + path[cut:]`.

    `any`, if given, matches what any of the patterns does: one search where most paths are of no
    interest to them.
    """

    patterns: GitIgnoreSpec
    prefix: str = ""
    cut: int = 0
    any: re.Pattern[str] | None = None

    def check(self, path: str) -> tuple[bool | None, int]:
        """True: matched, False: matched by a negation, None: neither; and the deciding row."""
        if not self.patterns.patterns:
            return None, 0
        path = self.prefix + path[self.cut :]
        if self.any is not None and not self.any.search(path):
            return None, 0
        result = self.patterns.check_file(path)
        return result.include, result.index or 0


@dataclass(frozen=True, slots=True)
class Sieve:
    """The patterns that hold in the whole tree: the defaults and the project's own."""

    defaults: Rule
    exclude: Rule
    include: Rule
    includes: tuple[str, ...]

    def admits(
        self, path: str, siblings: Collection[str], ignores: tuple[Rule, ...], excluded: bool
    ) -> Admission:
        """Whether to read `path` ("/" at the end of a folder).

        `excluded` says that it lies in a folder which a default excludes. "passage" is for a folder
        that is excluded itself, but leads to something that `include` names. "doubtful" is for a
        file that is named like a test, and may be a part of the program all the same.
        """
        verdict, _ = self.exclude.check(path)
        if verdict or ignored(path, ignores):
            return "no"
        if self.include.check(path)[0]:
            return "included"
        why = _EXCLUDED if excluded else self._default(path, siblings)
        if verdict is None and why:
            if path.endswith("/"):
                return "passage" if self._leads(path) else "no"
            return "doubtful" if why == _TESTS else "no"
        return "yes"

    def _default(self, path: str, siblings: Collection[str]) -> str:
        """Why a default leaves a path out, "" if none does."""
        verdict, row = self.defaults.check(path)
        if not verdict:
            return ""
        exclude = EXCLUDES[row]
        beside = not exclude.beside or any(name in siblings for name in exclude.beside)
        return exclude.reason if beside else ""

    def _leads(self, path: str) -> bool:
        parts = (self.include.prefix + path).strip("/").split("/")
        return any(_below(parts, pattern.strip("/").split("/")) for pattern in self.includes)


def sieve(top: Path, config: Config) -> Sieve:
    """The sieve for the tree at `top`; a configured pattern is relative to the configuration."""
    prefix = ""
    if config.folder and top.is_relative_to(config.folder):
        prefix = top.relative_to(config.folder).as_posix() + "/"
    prefix = "" if prefix == "./" else prefix
    defaults = GitIgnoreSpec.from_lines(
        [row.pattern for row in EXCLUDES] if config.default_excludes else []
    )
    return Sieve(
        Rule(defaults, any=_union(defaults)),
        Rule(GitIgnoreSpec.from_lines(config.exclude), prefix),
        Rule(GitIgnoreSpec.from_lines(config.include), prefix),
        config.include,
    )


def _union(patterns: GitIgnoreSpec) -> re.Pattern[str]:
    """What matches wherever one of the patterns does."""
    each = (getattr(one.regex, "pattern", "") for one in patterns.patterns if one.regex)
    return re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", str(pattern)) for pattern in each))


def ignored(path: str, ignores: tuple[Rule, ...]) -> bool:
    """What Git would say: the deepest file that knows the path decides, its last line first."""
    for rule in reversed(ignores):
        verdict, _ = rule.check(path)
        if verdict is not None:
            return verdict
    return False


def _below(parts: list[str], pattern: list[str]) -> bool:
    """Whether a pattern with these segments can match something below the folder `parts`."""
    for index, (part, segment) in enumerate(zip(parts, pattern, strict=False)):
        if segment == "**":
            return index > 0
        if not fnmatchcase(part, segment):
            return False
    return len(parts) < len(pattern)


def ignores_above(top: Path, problem: Callable[[Problem], None]) -> tuple[Rule, ...]:
    """The rules of the repository around `top`: .git/info/exclude, `.gitignore` files above it.

    None of them when they ignore `top` itself: who names a folder wants it read. The user's global
    ignore file is left alone, so that every machine reads the same files.
    """
    folders = [top, *top.parents]
    repository = next((folder for folder in folders if (folder / ".git").exists()), None)
    if repository is None:
        return ()
    around = folders[: folders.index(repository) + 1][::-1]
    files = [(repository / ".git/info/exclude", repository)]
    files += [(folder / ".gitignore", folder) for folder in around if folder != top]
    rules = []
    for path, folder in files:
        if path.is_file() and (spec := read_patterns(path, os.path.relpath(path, top), problem)):
            below = top.relative_to(folder).as_posix()
            rules.append(Rule(spec, "" if below == "." else below + "/"))
    named = bool(rules) and top != repository and ignored("", tuple(r for r in rules if r.prefix))
    return () if named else tuple(rules)


def read_patterns(
    path: Path, place: str, problem: Callable[[Problem], None]
) -> GitIgnoreSpec | None:
    """The patterns of an ignore file; a line that is no pattern is a problem and is left out."""
    try:
        lines = re.split(r"\r?\n", path.read_bytes().decode("utf-8-sig", "replace"))
    except OSError as error:
        hint = "the files it names are read like any others"
        problem(Problem(Place(place), f"cannot be read: {error.strerror}", hint))
        return None
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        return GitIgnoreSpec.from_lines(_patterns(lines, place, problem))


def _patterns(
    lines: Iterable[str], place: str, problem: Callable[[Problem], None]
) -> Iterable[str]:
    for number, line in enumerate(lines, 1):
        if _is_pattern(line):
            yield line
        else:
            hint = "correct or delete the line"
            problem(Problem(Place(place, number), f'no gitignore pattern: "{line}"', hint))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
