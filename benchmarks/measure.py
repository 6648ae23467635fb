"""What the benchmarks share: CPU seconds and peak memory of a process, medians, the floor that
`ast` sets."""

from __future__ import annotations

import ast
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

Figures = dict[str, float]
COMMAND = [sys.executable, "-c", "from autospan.__main__ import console; console()"]


class Run(NamedTuple):
    """A finished process: CPU seconds (user + system), peak memory in MB, exit code, output."""

    seconds: float
    peak_mb: float
    code: int
    output: bytes
    errors: str


def run(*arguments: str, command: Sequence[str] = COMMAND) -> Run:
    """Run `autospan` (or another command) with these arguments and measure it."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*command, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        unit = (
            2**20 if sys.platform == "darwin" else 2**10
        )  # ru_maxrss: bytes there, else kilobytes
        return Run(
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / unit,
            process.returncode,
            output.read(),
            errors.read().decode(errors="replace"),
        )


def probe(script: str, name: str, path: Path) -> Figures:
    """What a probe of a benchmark script, run in a fresh interpreter, measures of a tree."""
    done = run(script, "--probe", name, str(path), command=[sys.executable])
    if done.code:
        raise SystemExit(done.errors)
    figures: Figures = json.loads(done.output)
    return figures


def medians(runs: Iterable[Mapping[str, float]]) -> Figures:
    """The median of every figure over several runs."""
    runs = list(runs)
    return {name: statistics.median(each[name] for each in runs) for name in runs[0]}


def clock(action: Callable[[], None]) -> float:
    """CPU seconds of an action."""
    start = time.process_time()
    action()
    return time.process_time() - start


def probe_parse(path: Path) -> Figures:
    """CPU seconds of `ast.parse`, without and with a visitor, over what autospan reads."""
    from autospan.config import configure
    from autospan.discover import discover

    contents = [source.data for source in discover(path, configure(path, {})).sources]
    warnings.simplefilter("ignore")
    figures = {
        "ast.parse": clock(lambda: _parse(contents)),
        "ast.parse + NodeVisitor": clock(lambda: _parse(contents, visit=True)),
    }
    return {"files": len(contents), **figures}


def _parse(contents: Sequence[bytes], visit: bool = False) -> None:
    for data in contents:
        with suppress(SyntaxError, ValueError, RecursionError):
            tree = ast.parse(data)
            if visit:
                ast.NodeVisitor().visit(tree)
