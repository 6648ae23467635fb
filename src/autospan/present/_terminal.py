"""What is known of the terminal, and the only place that writes to it."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_LEAST, _PIPE_WIDTH, _MOST = 40, 100, 120
_PATIENCE = 0.5
_BAR = 20
_DOING = {
    "discover": "Looking for Python files",
    "read": "Reading",
    "link": "Following calls",
    "recognize": "Recognizing frameworks",
    "rank": "Ranking",
    "plan": "Planning",
    "rewrite": "Rewriting",
}


def width() -> int:
    """Columns to fill: `COLUMNS`, else the terminal's, else 100; from 40 to 120, as people read."""
    return min(max(_LEAST, shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns), _MOST)


def colors(data: bool = False) -> bool:
    """Whether standard output takes colours: a terminal does, unless `NO_COLOR` is set; anything
    does with `FORCE_COLOR`, but for `data`, which programs read."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") and not data:
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def show(output: str | bytes, file: Path | None = None) -> None:
    """Write a presenter's output, to a file if one is given, which is never seen half-written.

    Bytes go out as they are; text in the stream's encoding, with `?` for what that cannot hold. A
    reader that has gone away (`| head`) is no error.
    """
    if file is not None:
        _replace(file, output.encode() if isinstance(output, str) else output)
        return
    stream = sys.stdout
    if isinstance(output, str):
        output = output.encode(stream.encoding or "utf-8", "replace")
    try:
        stream.flush()
        stream.buffer.write(output)
        stream.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _replace(file: Path, data: bytes) -> None:
    """Write a file beside its place and put it there; what is no regular file is written to."""
    target = Path(os.path.realpath(file))
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    beside = target.with_name(f".{target.name}.autospan-{os.getpid()}")
    try:
        beside.write_bytes(data)
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(file)) from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def talks() -> bool:
    """Whether somebody can be asked: input and output are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def ask(prompt: str) -> str:
    """What is typed after a prompt. Raises `EOFError` at the end of the input."""
    sys.stdout.flush()
    return input(prompt)


def note(text: str) -> None:
    """Write a line (or lines) to standard error."""
    stream = sys.stderr
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def progress(quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """What to tell the progress to; after half a second it is shown in one line of standard error,
    if that is a terminal, and wiped away at the end."""
    doing = _Doing()
    if quiet or not sys.stderr.isatty():
        yield doing.tell
        return
    finished = threading.Event()
    painter = threading.Thread(target=_paint, args=(doing, finished), daemon=True)
    painter.start()
    try:
        yield doing.tell
    finally:
        finished.set()
        painter.join()


@dataclass(slots=True)
class _Doing:
    """What is being done: the stage, since when, how many files of how many (0: not counted)."""

    stage: str = ""
    done: int = 0
    total: int = 0
    start: float = field(default_factory=time.monotonic)
    since: float = field(default_factory=time.monotonic)

    def tell(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.since = time.monotonic()
        self.stage, self.done, self.total = stage, done, total

    def line(self, now: float, columns: int, blocks: bool) -> str:
        """Stage, bar, counts, the time taken in all, and what is left of this stage."""
        parts = [_DOING.get(self.stage, self.stage) or "Starting"]
        if self.total:
            parts += [
                _bar(self.done / self.total, blocks),
                f"{self.done:,} of {self.total:,} files",
            ]
        parts.append(f"{now - self.start:.0f} s")
        passed = now - self.since
        if 0 < self.done < self.total and passed > _PATIENCE:
            parts.append(f"about {passed * (self.total - self.done) / self.done:.0f} s left")
        return "  ".join(parts)[: columns - 1]


def _bar(share: float, blocks: bool) -> str:
    full = round(share * _BAR)
    return ("█" * full + "░" * (_BAR - full)) if blocks else "#" * full + "." * (_BAR - full)


def _paint(doing: _Doing, finished: threading.Event) -> None:
    if finished.wait(_PATIENCE):
        return
    blocks = (sys.stderr.encoding or "").lower().replace("-", "").startswith("utf")
    while True:
        columns = shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns
        sys.stderr.write(f"\r\x1b[K{doing.line(time.monotonic(), columns, blocks)}")
        sys.stderr.flush()
        if finished.wait(0.1):
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            return
