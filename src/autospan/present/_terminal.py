"""What is known of the terminal, and the only place that writes to it."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_LEAST, _PIPE_WIDTH, _MOST = 60, 100, 120
_PATIENCE = 0.5
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
    """Columns to fill: `COLUMNS`, else the terminal's, else 100; from 60 to 120, as people read."""
    return min(max(_LEAST, shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns), _MOST)


def colors() -> bool:
    """Whether standard output takes colours: a terminal without `NO_COLOR`."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def show(output: str | bytes, file: Path | None = None) -> None:
    """Write a presenter's output, to a file if one is given.

    Bytes go out as they are; text in the stream's encoding, with `?` for what that cannot hold. A
    reader that has gone away (`| head`) is no error.
    """
    if file is not None:
        file.write_bytes(output.encode() if isinstance(output, str) else output)
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
    doing = ["", 0, 0]

    def tell(stage: str, done: int, total: int) -> None:
        doing[:] = [_DOING.get(stage, stage), done, total]

    if quiet or not sys.stderr.isatty():
        yield tell
        return
    finished = threading.Event()
    painter = threading.Thread(target=_paint, args=(doing, finished), daemon=True)
    painter.start()
    try:
        yield tell
    finally:
        finished.set()
        painter.join()


def _paint(doing: list[str | int], finished: threading.Event) -> None:
    start = time.monotonic()
    if finished.wait(_PATIENCE):
        return
    while True:
        stage, done, total = doing
        count = f" {done:,} of {total:,} files" if total else ""
        line = f"{stage}{count} … {time.monotonic() - start:.0f} s"
        sys.stderr.write(f"\r\x1b[K{line[: width() - 1]}")
        sys.stderr.flush()
        if finished.wait(0.1):
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            return
