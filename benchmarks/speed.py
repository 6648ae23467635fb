"""CPU seconds of `autospan suggest` beside `ast.parse` over the same files, and start-up times.

    python benchmarks/speed.py PATH...                  # a table for each tree
    python benchmarks/speed.py --json --repeat 5 PATH...

Any folder of Python will do, and no network is used. The tree the figures of the project are about
is Django 5.2, 159,000 lines:

    pip download --no-deps --no-binary :all: Django==5.2
    tar xf [Dd]jango-5.2.tar.gz
    python benchmarks/speed.py [Dd]jango-5.2/django

What is measured. All seconds are CPU, user + system. A repetition starts four processes on the
tree, one after the other, so that a ratio compares neighbours in time:

- `parse`: `ast.parse` once over every file that autospan reads (already in memory), and the same
  followed by a full `ast.walk`; each tree is dropped before the next. Collector as Python sets it.
- `suggest`: the whole command as a user starts it, interpreter start-up and imports included, the
  report to the null device; and once more with `--format json`, which writes every function. Its
  peak memory is the kernel's for the larger of the two processes.
- `stages`: the same analysis once more, with the clock read wherever a stage begins. `load` is
  imports and packs; what `suggest` takes beyond the stages is start-up, plan and output.

Figures are medians over the repetitions; a ratio is the median of the repetitions' ratios. Start-up
times are wall-clock medians of seven.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

Figures = dict[str, float]
STARTS = 7
STAGES = ("load", "discover", "read", "link", "recognize", "rank")
COMMAND = [sys.executable, "-c", "from autospan.__main__ import console; console()"]


def main() -> None:
    """Measure the trees of the command line and print what was found."""
    options = _options()
    if options.probe:
        print(json.dumps(PROBES[options.probe](options.paths[0])))
        return
    report = {
        "python": sys.version.split()[0],
        "trees": [measure(path, options.repeat) for path in options.paths],
        "startup": {flag: startup(flag) for flag in ("--version", "--help")},
    }
    print(json.dumps(report, indent=2) if options.json else "\n".join(lines(report)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a folder of Python")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of every tree (3)")
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    parser.add_argument("--probe", choices=PROBES, help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(path: Path, repeat: int) -> dict[str, Any]:
    """All figures of one tree: sizes, CPU seconds, ratios to one `ast.parse`, peak memory in MB."""
    runs = [_run(path) for _ in range(repeat)]
    middle = _medians(runs)
    sizes = {name: int(middle.pop(name)) for name in ("files", "lines", "functions")}
    memory = middle.pop("memory")
    ratios = _medians({name: run[name] / run["ast.parse"] for name in middle} for run in runs)
    return {"path": str(path), **sizes, "seconds": middle, "ratios": ratios, "peak_mb": memory}


def _run(path: Path) -> Figures:
    """One repetition: the four processes, one after the other."""
    parse, (text, memory), stages = _probe("parse", path), _suggest(path), _probe("stages", path)
    whole, more = _suggest(path, "--format", "json")
    rest = text - sum(stages[stage] for stage in STAGES)
    report = {"start-up, plan, output": rest, "suggest": text, "suggest --format json": whole}
    return {**parse, **stages, **report, "memory": max(memory, more)}


def _medians(runs: Iterable[Mapping[str, float]]) -> Figures:
    runs = list(runs)
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _suggest(path: Path, *options: str) -> tuple[float, float]:
    """CPU seconds and peak memory (MB) of `autospan suggest` as a process."""
    arguments = [*COMMAND, "suggest", str(path), *options]
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"autospan suggest {path} ended with exit code {process.returncode}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss: bytes there, else kilobytes
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def startup(flag: str) -> float:
    """Wall-clock seconds of `autospan FLAG`, the median of `STARTS`."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run([*COMMAND, flag], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(STARTS))


def _probe(name: str, path: Path) -> Figures:
    """What a probe, run in a fresh interpreter, measures of a tree."""
    command = [sys.executable, __file__, "--probe", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    figures: Figures = json.loads(done.stdout)
    return figures


def probe_parse(path: Path) -> Figures:
    """CPU seconds of `ast.parse`, without and with a walk, over the files that autospan reads."""
    from autospan.config import configure
    from autospan.discover import discover

    contents = [source.data for source in discover(path, configure(path, {})).sources]
    warnings.simplefilter("ignore")
    figures = {
        "ast.parse": _clock(lambda: _parse(contents)),
        "ast.parse + ast.walk": _clock(lambda: _parse(contents, walk=True)),
    }
    return {"files": len(contents), **figures}


def _parse(contents: Sequence[bytes], walk: bool = False) -> None:
    for data in contents:
        try:
            tree = ast.parse(data)
        except (SyntaxError, ValueError, RecursionError):
            continue
        if walk:
            for _ in ast.walk(tree):
                pass


def _clock(action: Callable[[], None]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def probe_stages(path: Path) -> Figures:
    """CPU seconds of each stage of the analysis, by what the pipeline says it is doing."""
    marks = [("load", time.process_time())]
    from autospan.config import configure
    from autospan.pipeline import analyze

    def progress(stage: str, done: int, total: int) -> None:
        if marks[-1][0] != stage:
            marks.append((stage, time.process_time()))

    analysis = analyze(path, configure(path, {}), progress)
    marks.append(("", time.process_time()))
    spent = dict.fromkeys(STAGES, 0.0)
    for (stage, begin), (_, end) in pairwise(marks):
        spent[stage] += end - begin
    return {"lines": analysis.lines, "functions": len(analysis.candidates), **spent}


PROBES = {"parse": probe_parse, "stages": probe_stages}


def lines(report: Mapping[str, Any]) -> Iterable[str]:
    """The report as text."""
    for tree in report["trees"]:
        yield f"{tree['path']}: {tree['files']:,} files, {tree['lines']:,} lines, " + (
            f"{tree['functions']:,} functions, Python {report['python']}"
        )
        yield f"  {'':24}{'CPU s':>9}{'x ast.parse':>14}"
        for name, seconds in tree["seconds"].items():
            yield f"  {name:24}{seconds:9.2f}{tree['ratios'][name]:14.2f}"
        yield f"  {'peak memory of suggest':24}{tree['peak_mb']:9.0f} MB"
        yield ""
    yield f"start-up, wall clock, median of {STARTS}"
    for flag, seconds in report["startup"].items():
        yield f"  {'autospan ' + flag:24}{seconds:9.3f} s"


if __name__ == "__main__":
    main()
