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
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from measure import COMMAND, Figures, Run, medians, probe, probe_parse, run

STARTS = 7
STAGES = ("load", "discover", "read", "link", "recognize", "rank")


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
    middle = medians(runs)
    sizes = {name: int(middle.pop(name)) for name in ("files", "lines", "functions")}
    memory = middle.pop("memory")
    ratios = medians({name: run[name] / run["ast.parse"] for name in middle} for run in runs)
    return {"path": str(path), **sizes, "seconds": middle, "ratios": ratios, "peak_mb": memory}


def _run(path: Path) -> Figures:
    """One repetition: the four processes, one after the other."""
    parse, text = probe(__file__, "parse", path), _suggest(path)
    stages = probe(__file__, "stages", path)
    whole = _suggest(path, "--format", "json")
    rest = text.seconds - sum(stages[stage] for stage in STAGES)
    report = {
        "start-up, plan, output": rest,
        "suggest": text.seconds,
        "suggest --format json": whole.seconds,
    }
    return {**parse, **stages, **report, "memory": max(text.peak_mb, whole.peak_mb)}


def _suggest(path: Path, *options: str) -> Run:
    """`autospan suggest` as a process."""
    done = run("suggest", str(path), *options)
    if done.code:
        raise SystemExit(f"autospan suggest {path} ended with exit code {done.code}")
    return done


def startup(flag: str) -> float:
    """Wall-clock seconds of `autospan FLAG`, the median of `STARTS`."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run([*COMMAND, flag], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(STARTS))


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
