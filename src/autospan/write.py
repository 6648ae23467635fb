"""Writes patches to disk: every file, or none.

Each new content is first written in full to a temporary file beside its target and synced, so a
full disk or a read-only folder shows before anything is changed. Then the files are exchanged one
by one, each exchange atomic, the old content kept under a second name until all are done. On any
failure, and on Ctrl-C, what was exchanged is put back by renaming, which needs no space; a second
Ctrl-C does not stop that.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autospan.model import Patch, Place, Problem


def write(root: Path, patches: Sequence[Patch]) -> tuple[Problem, ...]:
    """Carry the patches out below `root`; Problems mean that nothing was written.

    A file that is no longer as the patch says it was (or is there already, where the patch creates
    it) is a Problem. Modes are kept, owners where the system permits; symbolic links stay links.
    Raises what interrupts it (`KeyboardInterrupt`), after putting everything back.
    """
    jobs = list({(job.target, job.patch.after): job for job in _jobs(root, patches)}.values())
    if problems := tuple(problem for job in jobs for problem in _obstacles(job)):
        return problems
    done, current = False, Place("")
    try:
        for act in (_stage, _exchange):
            for job in jobs:
                current = Place(job.patch.path)
                act(job)
        done = True
        _clear(jobs)
    except OSError as error:
        _undo(jobs)
        return (Problem(current, f"not written: {_words(error)}", "nothing was changed"),)
    except BaseException:
        if not done:
            _undo(jobs)
        _clear(jobs)
        raise
    return ()


@dataclass(frozen=True, slots=True)
class _Job:
    """A patch, the real file it goes to, and the names of its new and old content beside it."""

    patch: Patch
    target: Path
    new: Path
    old: Path


def _jobs(root: Path, patches: Sequence[Patch]) -> Iterator[_Job]:
    for patch in patches:
        target = Path(os.path.realpath(root / patch.path))
        hidden = f".{target.name}.autospan-{os.getpid()}"
        new, old = (target.with_name(f"{hidden}.{kind}") for kind in ("new", "old"))
        yield _Job(patch, target, new, old)


def _obstacles(job: _Job) -> tuple[Problem, ...]:
    place = Place(job.patch.path)
    try:
        present = job.target.read_bytes()
    except FileNotFoundError:
        present = None
    except OSError as error:
        return (Problem(place, f"not written: {_words(error)}", "nothing was changed"),)
    if present != job.patch.before:
        message = "exists already" if job.patch.before is None else "changed since it was read"
        return (Problem(place, message, "nothing was changed; run again"),)
    if present is not None and not os.access(job.target, os.W_OK):
        return (Problem(place, "is read-only", "nothing was changed"),)
    return ()


def _words(error: OSError) -> str:
    return error.strerror or str(error)


def _stage(job: _Job) -> None:
    """Write the new content, and give the old a second name."""
    if job.patch.after is not None:
        with job.new.open("xb") as file:
            file.write(job.patch.after)
            file.flush()
            os.fsync(file.fileno())
    if job.patch.before is not None:
        if job.patch.after is not None:
            _dress(job.new, job.target.stat())
        try:
            os.link(job.target, job.old)
        except OSError:  # a file system without hard links
            shutil.copy2(job.target, job.old)


def _dress(path: Path, status: os.stat_result) -> None:
    """Give a file the owner and the mode of another."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, status.st_uid, status.st_gid)
    path.chmod(stat.S_IMODE(status.st_mode))


def _exchange(job: _Job) -> None:
    if job.patch.after is None:
        job.target.unlink()
    else:
        job.new.replace(job.target)


def _undo(jobs: Sequence[_Job]) -> None:
    """Put back what was exchanged, and clear away what was staged; as far as the disk lets us."""
    with _undisturbed():
        for job in jobs:
            with suppress(OSError):
                if job.patch.before is None:
                    if not job.new.exists() and _holds(job.target, job.patch.after):
                        job.target.unlink()
                elif job.old.exists() and _was_exchanged(job):
                    job.old.replace(job.target)
        _clear(jobs)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C is not heeded, where that is ours to say: in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if usual is None else usual)


def _was_exchanged(job: _Job) -> bool:
    return not (job.target if job.patch.after is None else job.new).exists()


def _holds(path: Path, data: bytes | None) -> bool:
    return path.exists() and path.read_bytes() == data


def _clear(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        for leftover in (job.new, job.old):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)
