"""The call graph: its cost beside `ast`, and its accuracy on any suite in the academic format.

    python benchmarks/callgraph.py PATH...               # cost and size, a table for each tree
    python benchmarks/callgraph.py --suite DIR           # accuracy on a suite of cases
    python benchmarks/callgraph.py --suite DIR --truth DIR --profile internal --failures

Trees. A repetition starts two processes, one after the other: `ast.parse` with an empty
`ast.NodeVisitor` over every file that autospan reads, each tree dropped before the next; and
`autospan graph PATH --format json` as a user starts it, start-up included. Seconds are CPU, user +
system; memory is the kernel's peak of the second process. Figures are medians over the repetitions,
the ratio the median of the repetitions' ratios. `crash-free`: exit code 0, a graph and no
traceback.

Suites. A case is a folder below DIR with a `callgraph.json`: `{"caller": ["callee", ...]}` with
dotted names, the name of a module for its body, `<builtin>.print`, `<lambda1>` (PyCG's format,
https://github.com/vitsalis/PyCG). With `--truth DIR` the truths stand in a parallel tree. Every
case is run through the command. A case is sound if no edge is missing, complete if none is
spurious, exact if both. The profile `strict` compares names as they are; `internal` only the edges
between functions that the case defines, lambdas under one name.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from measure import Figures, medians, probe, probe_parse, run
from suite import Outcome, judged, total

FLOOR = "ast.parse + NodeVisitor"
COUNTS = "files lines functions exact inferred guessed leaving unresolved problems".split()


def main() -> None:
    """Measure the trees and the suites of the command line, and print what was found."""
    options = _options()
    if options.probe:
        print(json.dumps(PROBES[options.probe](options.paths[0])))
        return
    report: dict[str, Any] = {
        "python": sys.version.split()[0],
        "trees": [measure(path, options.repeat) for path in options.paths],
        "suites": [
            {"path": str(path), "profile": options.profile, **_suite(path, options)}
            for path in options.suite
        ],
    }
    print(json.dumps(report, indent=2) if options.json else "\n".join(lines(report)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a folder of Python")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of every tree (3)")
    parser.add_argument("--suite", type=Path, action="append", default=[], metavar="DIR")
    parser.add_argument("--truth", type=Path, metavar="DIR", help="truths, if they stand elsewhere")
    parser.add_argument("--profile", choices=("strict", "internal"), default="strict")
    parser.add_argument("--failures", action="store_true", help="list cases that are not exact")
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    parser.add_argument("--probe", choices=PROBES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not (options.paths or options.suite):
        parser.error("name a PATH, or a suite with --suite DIR")
    return options


def measure(path: Path, repeat: int) -> dict[str, Any]:
    """All figures of one tree: counts, CPU seconds, the ratio to the floor, peak memory in MB."""
    runs = [_run(path) for _ in range(repeat)]
    crashed = any(each.pop("crashed") for each in runs)
    counts = {name: int(each) for name, each in probe(__file__, "count", path).items()}
    return {"path": str(path), "crash_free": not crashed, **medians(runs), "counts": counts}


def _run(path: Path) -> Figures:
    """One repetition: the floor, and the command."""
    floor = probe(__file__, "parse", path)[FLOOR]
    done = run("graph", str(path), "--format", "json", "--no-cache", "--workers", "1")
    whole = done.code == 0 and done.output.endswith(b"}\n") and "Traceback" not in done.errors
    return {
        "floor": floor,
        "seconds": done.seconds,
        "ratio": done.seconds / floor if floor else 0.0,
        "peak_mb": done.peak_mb,
        "crashed": not whole,
    }


def probe_count(path: Path) -> Figures:
    """What the graph holds: edges by confidence, calls that leave it or whose target is unknown."""
    from autospan.config import configure
    from autospan.pipeline import connect

    linked = connect(path, configure(path, {}))
    graph = linked.graph
    found: Figures = dict.fromkeys(COUNTS, 0)
    found |= {"files": len(linked.facts), "lines": linked.lines, "functions": len(graph.functions)}
    found["problems"] = len(linked.problems)
    for edge in graph.edges:
        found[edge.confidence] += 1
    for site in graph.sites:
        found["unresolved" if site.name.startswith("?") else "leaving"] += 1
    return found


PROBES = {"parse": probe_parse, "count": probe_count}


def _suite(path: Path, options: argparse.Namespace) -> dict[str, Any]:
    """A suite's figures, and its cases that are not exact if they are asked for."""
    outcomes = judged(path, options.truth or path, options.profile)
    if not outcomes:
        raise SystemExit(f"no folder below {options.truth or path} holds a callgraph.json")
    wrong = [each._asdict() for each in outcomes if not each.exact]
    return {**total(outcomes), "failures": wrong if options.failures else []}


def lines(report: Mapping[str, Any]) -> Iterable[str]:
    """The report as text."""
    for tree in report["trees"]:
        yield f"{tree['path']}, Python {report['python']}"
        yield f"  {'autospan graph':24}{tree['seconds']:10.2f} CPU s"
        yield f"  {FLOOR:24}{tree['floor']:10.2f} CPU s"
        yield f"  {'ratio':24}{tree['ratio']:10.2f}"
        yield f"  {'peak memory':24}{tree['peak_mb']:10.0f} MB"
        yield f"  {'crash-free':24}{'yes' if tree['crash_free'] else 'NO':>10}"
        for name, count in tree["counts"].items():
            yield f"  {name:24}{count:10,}"
        yield ""
    for suite in report["suites"]:
        yield f"{suite['path']}, {suite['cases']} cases, {suite['edges']} edges, {suite['profile']}"
        yield "  sound {sound}, complete {complete}, exact {exact}, failed {failed}".format(**suite)
        yield "  precision {precision:.3f}, recall {recall:.3f}".format(**suite)
        for case in suite["failures"]:
            yield from _failure(Outcome(**case))


def _failure(case: Outcome) -> Iterable[str]:
    yield f"  {case.name}" + (f": {case.trouble}" if case.trouble else "")
    yield from (f"    missing  {caller} -> {callee}" for caller, callee in case.missing)
    yield from (f"    spurious {caller} -> {callee}" for caller, callee in case.spurious)


if __name__ == "__main__":
    main()
