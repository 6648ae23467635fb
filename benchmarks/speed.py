"""CPU seconds of autospan beside `ast.parse` over the same files: cold, again, start-up, `apply`.

    python benchmarks/speed.py PATH...                  # a table for each tree
    python benchmarks/speed.py --json --repeat 5 PATH...

Any folder of Python will do, and no network is used. The tree the figures of the project are about
is Django 5.2, 159,000 lines:

    pip download --no-deps --no-binary :all: Django==5.2
    tar xf [Dd]jango-5.2.tar.gz
    python benchmarks/speed.py [Dd]jango-5.2/django

What is measured. All seconds are CPU, user + system. A repetition starts its processes on the
tree one after the other, so that a ratio compares neighbours in time:

- `parse`: `ast.parse` once over every file that autospan reads (already in memory), and the same
  followed by an empty `ast.NodeVisitor` over the whole tree; each tree is dropped before the next.
  Collector as Python sets it.
  Ratios are to the second: no tool that is written in Python can know less of the code.
- `suggest`: the whole command as a user starts it, interpreter start-up and imports included, in
  one process and without a cache, the report to the null device; and once more with `--format
  json`, which writes every function. Its peak memory is the kernel's for the larger of the two.
- `stages`: the same analysis once more, with the clock read wherever a stage begins. `load` is
  imports and packs; what `suggest` takes beyond the stages is start-up, plan and output.
- `again`: on a copy of the tree with a cache of its own: `suggest` that fills the cache, `suggest`
  and `check` with nothing changed, and both and `check --near` each after a function was added to
  one file.
- `workers`: wall-clock seconds of the second run below by those of the first, with `--workers 1`
  and `--workers 2`, no cache. Means something only where two cores are idle.
- `apply`: what `apply --top 25` does once analysis and plan are there, and what LibCST alone takes
  to parse and print the same files; in one process.

Figures are medians over the repetitions; a ratio is the median of the repetitions' ratios. Start-up
times are wall-clock medians of seven.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from measure import COMMAND, Figures, Run, clock, medians, probe, probe_parse, run

STARTS = 7
STAGES = ("load", "discover", "read", "link", "recognize", "rank")
ALONE = ("--no-cache", "--workers", "1")
BOUND = "ast.parse + NodeVisitor"
STARTING = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import typer'": [sys.executable, "-c", "import typer"],
    "autospan --version": [*COMMAND, "--version"],
    "autospan --help": [*COMMAND, "--help"],
}


def main() -> None:
    """Measure the trees of the command line and print what was found."""
    options = _options()
    if options.probe:
        print(json.dumps(PROBES[options.probe](options.paths[0])))
        return
    report = {
        "python": sys.version.split()[0],
        "trees": [measure(path, options.repeat) for path in options.paths],
        "startup": {name: startup(command) for name, command in STARTING.items()},
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
    memory, spared = middle.pop("memory"), middle.pop("workers")
    ratios = medians({name: run[name] / run[BOUND] for name in middle} for run in runs)
    more = {"peak_mb": memory, "two workers by one": spared}
    return {"path": str(path), **sizes, "seconds": middle, "ratios": ratios, **more}


def _run(path: Path) -> Figures:
    """One repetition: the processes, one after the other."""
    parse, text = probe(__file__, "parse", path), _suggest(path, *ALONE)
    stages = probe(__file__, "stages", path)
    whole = _suggest(path, "--format", "json", *ALONE)
    rest = text.seconds - sum(stages[stage] for stage in STAGES)
    report = {
        "start-up, plan, output": rest,
        "suggest": text.seconds,
        "suggest --format json": whole.seconds,
    }
    memory = max(text.peak_mb, whole.peak_mb)
    more = {**_again(path), **probe(__file__, "apply", path), "workers": _workers(path)}
    return {**parse, **stages, **report, **more, "memory": memory}


def _suggest(path: Path, *options: str) -> Run:
    """`autospan suggest` as a process."""
    done = run("suggest", str(path), *options)
    if done.code:
        raise SystemExit(f"autospan suggest {path} ended with exit code {done.code}")
    return done


def _again(path: Path) -> Figures:
    """CPU seconds with a cache: first, with nothing changed, with one file changed."""
    with tempfile.TemporaryDirectory() as folder:
        tree, cache = Path(folder, path.name), ("--cache-dir", str(Path(folder, "cache")))
        shutil.copytree(path, tree, symlinks=True)
        (tree / ".git").mkdir(exist_ok=True)  # `check` looks for the project around a file
        files = sorted(tree.rglob("*.py"))
        changing = files[len(files) // 2]
        alone = (*cache, "--workers", "1")
        check = ("check", str(changing), *alone)
        figures = {
            "suggest, filling the cache": _suggest(tree, *alone).seconds,
            "suggest, nothing changed": _suggest(tree, *alone).seconds,
            "check, nothing changed": run(*check).seconds,
        }
        changes = {
            "check --near": lambda: run(*check, "--near"),
            "suggest": lambda: _suggest(tree, *alone),
            "check": lambda: run(*check),
        }
        for number, (command, again) in enumerate(changes.items()):
            with changing.open("a", encoding="utf-8") as file:
                file.write(f"\n\ndef added_{number}(value):\n    return value.run()\n")
            figures[f"{command}, one file changed"] = again().seconds
        return figures


def _workers(path: Path) -> float:
    """Wall-clock time with two workers, as a part of that with one."""
    walls = []
    for workers in ("1", "2"):
        start = time.perf_counter()
        _suggest(path, "--no-cache", "--workers", workers)
        walls.append(time.perf_counter() - start)
    return walls[1] / walls[0]


def startup(command: Sequence[str]) -> float:
    """Wall-clock seconds of a command, the median of `STARTS`."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
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


def probe_apply(path: Path) -> Figures:
    """CPU seconds of making the patches of 25 spans, and of LibCST over the files of these."""
    import libcst

    from autospan.config import configure
    from autospan.model import Selection
    from autospan.pipeline import analyze, make_patches, make_plan

    config = configure(path, {})
    analysis = analyze(path, config)
    plan = make_plan(analysis, config, Selection(top=25))
    before = [patch.before for patch in make_patches(analysis, plan)[0] if patch.before]

    def parse_and_print() -> None:
        for data in before:
            _ = libcst.parse_module(data).bytes

    return {
        "LibCST, the edited files": clock(parse_and_print),
        "apply --top 25, rewriting": clock(lambda: make_patches(analysis, plan) and None),
    }


PROBES = {"parse": probe_parse, "stages": probe_stages, "apply": probe_apply}


def lines(report: Mapping[str, Any]) -> Iterable[str]:
    """The report as text."""
    for tree in report["trees"]:
        yield f"{tree['path']}: {tree['files']:,} files, {tree['lines']:,} lines, " + (
            f"{tree['functions']:,} functions, Python {report['python']}"
        )
        yield f"  {'':32}{'CPU s':>9}{'x parse + visit':>16}"
        for name, seconds in tree["seconds"].items():
            yield f"  {name:32}{seconds:9.2f}{tree['ratios'][name]:16.2f}"
        yield f"  {'peak memory of suggest':32}{tree['peak_mb']:9.0f} MB"
        yield f"  {'two workers by one, wall':32}{tree['two workers by one']:9.2f}"
        yield ""
    yield f"start-up, wall clock, median of {STARTS}"
    for name, seconds in report["startup"].items():
        yield f"  {name:32}{seconds:9.3f} s"


if __name__ == "__main__":
    main()
