"""How often `check --near` says what the whole analysis says, and what it costs beside it.

    python benchmarks/near.py REPOSITORY PACKAGE --commits 40     # what people committed
    python benchmarks/near.py REPOSITORY PACKAGE --edits 40       # what chance does

`REPOSITORY` is a git clone with its history, `PACKAGE` a folder in it ("." for all). With
`--commits`, a commit of the package is looked at from the audit of its parent, as a hook would see
it; with `--edits`, a file of the newest state is edited, mostly one with findings: functions are
copied, removed, renamed, stripped of their decorators, imports and statements are taken out.
Compared are the findings in the files that have changed; with `--entries`, all entry points in them
with their names and who opens their root span, of which there are many more than findings.
Told are the cases, those in which the whole has other findings there than before (lines apart),
those in which both ways differ, with the findings, and CPU seconds of both ways in one process:
start-up left out, facts in the cache.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from autospan.cache import Cache
from autospan.config import configure
from autospan.model import Finding
from autospan.pipeline import audit
from autospan.resources import Resources
from autospan.rules import as001_untraced_entrypoint, known
from autospan.rules.checked import Checked

RULES = frozenset(each.code for each in known())
FILES = 10
Found = frozenset[Finding]


class Case(NamedTuple):
    """The findings in the changed files: before, after by the whole and by a part; CPU seconds of
    the two."""

    name: str
    before: Found
    whole: Found
    part: Found
    whole_seconds: float
    part_seconds: float

    @property
    def telling(self) -> bool:
        """Whether the change changes what is found, lines apart."""
        before, after = (
            {each._replace(place=each.place[:1]) for each in some} for some in self[1:3]
        )
        return before != after


def main() -> None:
    """Run the cases of the command line and print what they show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("package")
    parser.add_argument("--commits", type=int, default=0)
    parser.add_argument("--edits", type=int, default=0)
    parser.add_argument("--entries", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.entries:
        vars(as001_untraced_entrypoint)["find"] = entry_points
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(options.repository.resolve(), options.package, Path(os.path.realpath(folder)))
        cases = [*trial.commits(options.commits), *trial.edits(options.edits, options.seed)]
    for each in cases:
        for sign, some in (
            ("not in the part", each.whole - each.part),
            ("only in it", each.part - each.whole),
        ):
            for one in sorted(some):
                print(f"{each.name}: {sign}: {one.place} {one.rule} {one.words}")
    count = max(1, len(cases))
    telling = sum(each.telling for each in cases)
    differing = sum(each.whole != each.part for each in cases)
    whole = sum(each.whole_seconds for each in cases) / count
    part = sum(each.part_seconds for each in cases) / count
    print(f"{len(cases)} cases, {telling} change findings, {differing} differ")
    print(f"CPU seconds a case: {whole:.2f} the whole, {part:.2f} a part")


def entry_points(checked: Checked) -> Iterator[Finding]:
    """All entry points as findings, in place of those that nobody opens a span for."""
    for each in checked.survey.entries:
        words = f"{each.kind} {each.name}"
        line = checked.graph.functions[each.function].place.line
        yield checked.finding("AS003", each.function, line, f"{words} {each.root_span}", "", words)


class Trial:
    """Files of a repository in a folder, and two caches: one that sees the whole before a change
    and the part after it, one that sees the whole after it."""

    def __init__(self, repository: Path, package: str, folder: Path) -> None:
        self._repository, self._package = repository, package
        self._tree, self._hook, self._exact = (folder / name for name in ("tree", "hook", "exact"))

    def commits(self, count: int) -> Iterator[Case]:
        """Cases of commits, about every fifth of the newest, that change a few files."""
        listed = self._git(
            "log", "--no-merges", "--format=%H", f"-{count * 20}", "--", self._package
        )
        for commit in listed.split()[::5]:
            if count <= 0:
                break
            about = (
                "diff-tree",
                "-r",
                "--no-commit-id",
                "--name-only",
                commit,
                "--",
                self._package,
            )
            files = [each for each in self._git(*about).split("\n") if each.endswith(".py")]
            if 1 <= len(files) <= FILES:
                self._lay_out(f"{commit}^")
                yield self._case(commit[:10], files, partial(self._lay_out, commit))
                count -= 1

    def edits(self, count: int, seed: int) -> Iterator[Case]:
        """Cases of random edits."""
        if count:
            self._lay_out("HEAD")
        chance = random.Random(seed)
        paths = sorted(each.relative_to(self._tree).as_posix() for each in self._tree.rglob("*.py"))
        telling = sorted({each.place.file for each in self._audit(self._hook)}) if count else []
        while count:
            file = self._tree / chance.choice(telling if chance.random() < 0.8 else paths)
            before = file.read_bytes()
            if after := edited(before, chance):
                path = file.relative_to(self._tree).as_posix()
                yield self._case(
                    f"{path} ({after[0]})", [path], partial(file.write_bytes, after[1])
                )
                file.write_bytes(before)
                count -= 1

    def _case(self, name: str, files: Iterable[str], change: Callable[[], object]) -> Case:
        wanted = frozenset(files)
        before = self._audit(self._hook)
        change()
        start = time.process_time()
        part = self._audit(self._hook, wanted.__contains__)
        middle = time.process_time()
        whole = self._audit(self._exact)
        spent = (time.process_time() - middle, middle - start)
        here = (
            frozenset(e for e in some if e.place.file in wanted) for some in (before, whole, part)
        )
        return Case(name, *here, *spent)

    def _audit(self, cache: Path, near: Callable[[str], bool] | None = None) -> Iterable[Finding]:
        open_cache = Cache(cache)
        config = configure(self._tree, {})
        found = audit(self._tree, config, RULES, None, Resources(open_cache), near).findings
        open_cache.close()
        return found

    def _lay_out(self, revision: str) -> None:
        """Let the tree be the package as it is in a revision."""
        shutil.rmtree(self._tree, ignore_errors=True)
        self._tree.mkdir()
        command = ["git", "-C", str(self._repository), "archive", revision, self._package]
        packed = subprocess.run(command, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(self._tree)], input=packed, check=True)

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self._repository), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def edited(data: bytes, chance: random.Random) -> tuple[str, bytes] | None:
    """A random edit in words and what comes of it; None where there is nothing to edit, or what
    comes of it does not compile."""
    try:
        nodes = [*ast.walk(ast.parse(data))]
    except (SyntaxError, ValueError):
        return None
    functions = [each for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    statements = [
        each for each in nodes if isinstance(each, ast.Import | ast.ImportFrom | ast.Expr)
    ]
    kind = chance.choice(("copy", "remove", "rename", "strip", "drop"))
    chosen = chance.choice(statements if kind == "drop" and statements else functions or [None])
    if chosen is None:
        return None
    lines = data.splitlines(keepends=True)
    heads = [each.lineno for each in getattr(chosen, "decorator_list", ())]
    first, end = min([chosen.lineno, *heads]) - 1, chosen.end_lineno or chosen.lineno
    body, name = lines[first:end], getattr(chosen, "name", "").encode()
    renamed = [line.replace(b"def " + name + b"(", b"def " + name + b"_more(") for line in body]
    blank = [b" " * chosen.col_offset + b"pass\n"]
    new = {
        "copy": [*body, b"\n", *renamed],
        "remove": blank,
        "rename": renamed,
        "strip": lines[chosen.lineno - 1 : end],
        "drop": blank,
    }[kind]
    after = b"".join([*lines[:first], *new, *lines[end:]])
    try:
        compile(after, "edited", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return (f"{kind} {name.decode() or chosen.lineno}", after) if after != data else None


if __name__ == "__main__":
    main()
