"""Another revision of a project, laid out from git's objects in a folder of its own: the work tree,
the index and the list of work trees stay as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from autospan.config import ConfigError
from autospan.discover import LIMIT
from autospan.discover.walk import kind_of
from autospan.model import Place, Problem
from autospan.worktree import git


class _Blob(NamedTuple):
    name: str
    path: str


def branched(root: Path, revision: str) -> str:
    """The commit where HEAD branched off from a revision; the revision itself, if both have no
    commit in common.

    Raises:
        ConfigError: if git cannot be run, or knows no such revision.
    """
    commit = git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if isinstance(commit, str):
        trouble = commit if commit.startswith("git cannot") else "no such commit in this repository"
        hint = (
            f"`git fetch` it first; a CI job has to check out all of the history to know {revision}"
        )
        raise ConfigError((Problem(Place("--diff-base"), f"{revision}: {trouble}", hint),))
    base = git(root, "merge-base", commit.decode().strip(), "HEAD")
    return (commit if isinstance(base, str) else base).decode().strip()


@contextmanager
def laid_out(folder: Path, commit: str) -> Iterator[Path]:
    """A temporary folder with what the analysis would read of `folder` in a commit."""
    with tempfile.TemporaryDirectory(prefix="autospan-") as temporary:
        blobs = [*_blobs(folder, commit)]
        for blob, data in zip(blobs, _contents(folder, blobs), strict=True):
            path = Path(temporary, blob.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        yield Path(temporary)


def _blobs(folder: Path, commit: str) -> Iterator[_Blob]:
    """The regular files below a folder that look like something to read."""
    listed = _must(git(folder, "ls-tree", "-r", "-l", "-z", commit))
    for record in listed.split(b"\0")[:-1]:
        about, _, raw = record.partition(b"\t")
        mode, kind, name, size = about.decode().split()
        path = raw.decode("utf-8", "surrogateescape")
        wanted = kind_of(path) is not None or path.rpartition("/")[2] == ".gitignore"
        if kind == "blob" and mode != "120000" and wanted and int(size) <= LIMIT:
            yield _Blob(name, path)


def _contents(folder: Path, blobs: list[_Blob]) -> Iterator[bytes]:
    asked = "".join(f"{blob.name}\n" for blob in blobs).encode()
    answer, at = _must(git(folder, "cat-file", "--batch", given=asked)), 0
    for _ in blobs:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[2])
        yield answer[end + 1 : end + 1 + size]
        at = end + size + 2


def _must(answer: bytes | str) -> bytes:
    if isinstance(answer, str):
        raise ConfigError((Problem(Place("--diff-base"), f"git: {answer}"),))
    return answer
