"""Writing: every file or none, whatever goes wrong on the way."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from autospan.model import Patch
from autospan.write import write

PATCHES = (
    Patch("a.py", b"old a\n", b"new a\n"),
    Patch("pkg/b.py", b"old b\n", b"new b\n"),
    Patch("pkg/created.py", None, b"created\n"),
    Patch("pkg/deleted.py", b"deleted\n", None),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    for patch in PATCHES:
        if patch.before is not None:
            (tmp_path / patch.path).write_bytes(patch.before)
    return tmp_path


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def failing_at(
    call: int, error: BaseException, real: Callable[..., object]
) -> Callable[..., object]:
    """`real`, but its `call`th call (0-based) raises."""
    calls = iter(range(1000))

    def fail(*args: object, **kwargs: object) -> object:
        if next(calls) == call:
            raise error
        return real(*args, **kwargs)

    return fail


def test_changes_creates_and_deletes(root: Path) -> None:
    assert write(root, PATCHES) == ()
    expected = {patch.path: patch.after for patch in PATCHES if patch.after is not None}
    assert tree(root) == expected


def test_nothing_to_write(root: Path) -> None:
    assert write(root, ()) == ()


def test_modes_are_kept(root: Path) -> None:
    (root / "a.py").chmod(0o755)
    write(root, PATCHES)
    assert (root / "a.py").stat().st_mode & 0o777 == 0o755


def test_links_stay_links(root: Path) -> None:
    (root / "real").mkdir()
    (root / "a.py").rename(root / "real" / "a.py")
    (root / "a.py").symlink_to(root / "real" / "a.py")
    assert write(root, PATCHES) == ()
    assert (root / "a.py").is_symlink()
    assert (root / "real" / "a.py").read_bytes() == b"new a\n"


def test_two_names_of_one_file(root: Path) -> None:
    (root / "again.py").symlink_to(root / "a.py")
    assert write(root, (*PATCHES, Patch("again.py", b"old a\n", b"new a\n"))) == ()
    assert (root / "again.py").read_bytes() == b"new a\n"


@pytest.mark.parametrize(
    ("path", "data", "message"),
    [
        ("a.py", b"changed\n", "changed since it was read"),
        ("pkg/created.py", b"", "exists already"),
        ("pkg/deleted.py", b"changed\n", "changed since it was read"),
    ],
)
def test_changed_meanwhile(root: Path, path: str, data: bytes, message: str) -> None:
    (root / path).write_bytes(data)
    before = tree(root)
    [problem] = write(root, PATCHES)
    assert (problem.place.file, problem.message) == (path, message)
    assert tree(root) == before


def test_vanished_meanwhile(root: Path) -> None:
    (root / "a.py").unlink()
    before = tree(root)
    assert [problem.place.file for problem in write(root, PATCHES)] == ["a.py"]
    assert tree(root) == before


def test_folder_is_missing(root: Path) -> None:
    before = tree(root)
    [problem] = write(root, (*PATCHES, Patch("nowhere/x.py", None, b"")))
    assert problem.place.file == "nowhere/x.py"
    assert tree(root) == before


FULL = OSError(errno.ENOSPC, "No space left on device")
STEPS = [
    *(("fsync", call) for call in range(3)),
    *(("link", call) for call in range(3)),
    *(("replace", call) for call in range(3)),
    ("unlink", 0),
]


def spoil(monkeypatch: pytest.MonkeyPatch, step: str, call: int, error: BaseException) -> None:
    owner = os if step in ("fsync", "link") else Path
    real = getattr(owner, step)
    failing = failing_at(call, error, real)
    monkeypatch.setattr(owner, step, lambda *args, **keys: failing(*args, **keys))


@pytest.mark.parametrize(("step", "call"), [step for step in STEPS if step[0] != "link"])
def test_a_full_disk_leaves_all_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    before = tree(root)
    with monkeypatch.context() as patched:
        spoil(patched, step, call, FULL)
        [problem] = write(root, PATCHES)
    assert problem.message == "not written: No space left on device"
    assert tree(root) == before


@pytest.mark.parametrize(("step", "call"), STEPS)
def test_an_interruption_leaves_all_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    before = tree(root)
    with monkeypatch.context() as patched:
        spoil(patched, step, call, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            write(root, PATCHES)
    assert tree(root) == before


def test_a_second_interruption_does_not_stop_the_putting_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = tree(root), Path.replace
    calls: list[Path] = []

    def interrupted(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) > 1:  # the first file is exchanged
            signal.raise_signal(signal.SIGINT)
        return real(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(root, PATCHES)
    assert tree(root) == before
    assert len(calls) > 2
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_interruption_of_the_last_cleaning_changes_nothing_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        spoil(patched, "unlink", 1, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            write(root, PATCHES)
    assert tree(root) == {patch.path: patch.after for patch in PATCHES if patch.after is not None}


def test_without_hard_links(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    before = tree(root)
    monkeypatch.setattr(os, "link", refuse)
    with monkeypatch.context() as patched:
        spoil(patched, "replace", 1, FULL)
        assert write(root, PATCHES)
    assert tree(root) == before
    assert write(root, PATCHES) == ()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX")
def test_read_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(root)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "b.py")
    [problem] = write(root, PATCHES)
    assert (problem.place.file, problem.message) == ("pkg/b.py", "is read-only")
    assert tree(root) == before


def test_real_limit_on_file_size(root: Path) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = tree(root)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        problems = write(root, (*PATCHES, Patch("pkg/big.py", None, b"#" * 10_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [problem.place.file for problem in problems] == ["pkg/big.py"]
    assert tree(root) == before
