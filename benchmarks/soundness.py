"""Does a project's own test suite stay as green as it was when every function gets a span?

    python benchmarks/soundness.py PROJECT --package src/shop
    python benchmarks/soundness.py PROJECT --package shop --python .venv/bin/python -- tests -x
    python benchmarks/soundness.py PROJECT --package shop --style native --json

PROJECT is a folder with a test suite that pytest runs; what stands behind `--` is handed to pytest.
The interpreter needs what the suite needs, and opentelemetry-sdk, so that spans are recorded. The
project itself is not touched: it is copied, and the copy is thrown away.

What is measured. The suite runs twice as it is, with the SDK configured, once after `autospan apply
--all`, and, where something broke, once more. A test is broken if it passed both times before and
did not pass after, twice. Besides:

- `functions`, `spans`: how many the package has, and how many of them carry one; `left` says why
  the others do not. `names`: how many different spans the suite recorded.
- `lost`: original lines that are no longer there, byte for byte and in order. `again`: files that a
  second `apply` changes. `kept`: files that differ after `remove`.
- `slower`: CPU seconds of the suite after, by those before (the lower of two), with every span
  recorded: the worst case.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from autospan.verify import lost_line

AUTOSPAN = [sys.executable, "-m", "autospan"]
RECORDER = """
import atexit, os
try:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
except ImportError:
    pass
else:
    class Names(SpanProcessor):
        names = set()
        def on_end(self, span):
            self.names.add(span.name)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Names())
    trace.set_tracer_provider(provider)
    @atexit.register
    def write():
        with open(f"{os.environ['SPAN_NAMES']}/{os.getpid()}", "w", encoding="utf-8") as file:
            file.write("\\n".join(Names.names))
"""


class Suite(NamedTuple):
    """One run of a test suite: outcomes by test, CPU seconds, names of recorded spans."""

    outcomes: Mapping[str, str]
    seconds: float
    names: frozenset[str]

    @property
    def passed(self) -> set[str]:
        """The tests that passed."""
        return {test for test, outcome in self.outcomes.items() if outcome == "passed"}


def main() -> None:
    """Measure the project of the command line; exit with 1 if something broke."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options, Path(folder))
    print(json.dumps(found, indent=2) if options.json else "\n".join(_lines(found)))
    sys.exit(1 if found["broken"] or found["lost"] or found["again"] or found["kept"] else 0)


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The figures of one project; all that is written lands in the folder."""
    tree = folder / "tree"
    shutil.copytree(options.project, tree, symlinks=True, ignore=_left_out)
    package = tree / options.package
    before = [_suite(options, tree, folder) for _ in range(2)]
    passed = before[0].passed & before[1].passed
    plain = _bytes(package)
    _autospan("apply", "--all", "--allow-dirty", "--style", options.style, package)
    spans = _bytes(package)
    after = _suite(options, tree, folder)
    broken = passed - after.passed
    if broken:
        broken -= _suite(options, tree, folder).passed
    functions = _functions(package)
    _autospan("apply", "--all", "--allow-dirty", "--style", options.style, package)
    again = _bytes(package)
    _autospan("remove", package)
    return {
        "project": options.project.name,
        "functions": len(functions),
        "spans": sum(_is_ours(each) for each in functions),
        "left": dict(Counter(each["skip"]["code"] for each in functions if not _is_ours(each))),
        "passed": len(passed),
        "broken": sorted(broken),
        "names": len(after.names),
        "lost": sum(bool(lost_line(plain[name], spans.get(name, b""))) for name in plain),
        "again": _differing(spans, again),
        "kept": _differing(plain, _bytes(package)),
        "slower": round(after.seconds / max(min(each.seconds for each in before), 0.01), 2),
    }


def _suite(options: argparse.Namespace, tree: Path, folder: Path) -> Suite:
    site, names, report = folder / "site", folder / "names", folder / "report.xml"
    shutil.rmtree(names, ignore_errors=True)
    for each in (site, names):
        each.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(RECORDER, "utf-8")
    report.unlink(missing_ok=True)
    bytecode = os.environ.get("PYTHONPYCACHEPREFIX", str(folder / "bytecode"))
    shutil.rmtree(bytecode + str(tree), ignore_errors=True)  # every run compiles the project
    roots = [site, *(tree / each for each in options.path)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, roots)),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": bytecode,
        "PYTHONHASHSEED": "0",
        "SPAN_NAMES": str(names),
    }
    command = [options.python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += [f"--junitxml={report}", *options.arguments]
    start = _used()
    subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, check=False)
    seconds = _used() - start
    recorded = frozenset(line for file in names.iterdir() for line in file.read_text().split("\n"))
    return Suite(_outcomes(report), seconds, recorded - {""})


def _outcomes(report: Path) -> Mapping[str, str]:
    if not report.exists():
        return {}
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        outcome = min(kinds, default="passed")
        found[name] = outcome if found.get(name, "passed") == "passed" else found[name]
    return found


def _functions(package: Path) -> Sequence[Mapping[str, Any]]:
    found = json.loads(_autospan("suggest", "--format", "json", package))["functions"]
    return [each for each in found if _is_ours(each) or each["skip"]]


def _is_ours(function: Mapping[str, Any]) -> bool:
    return bool(function["traced"]) and function["traced"]["api"] in ("autospan", "opentelemetry")


def _autospan(*arguments: object) -> bytes:
    command = [*AUTOSPAN, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def _bytes(package: Path) -> dict[str, bytes]:
    files = [package] if package.is_file() else sorted(package.rglob("*.py"))
    return {str(file): file.read_bytes() for file in files}


def _differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> int:
    return sum(one.get(name) != other.get(name) for name in {*one, *other})


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in (".git", ".venv", ".tox", "__pycache__")}


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _lines(found: Mapping[str, Any]) -> list[str]:
    left = ", ".join(f"{count} {code}" for code, count in sorted(found["left"].items()))
    broken, count = found["broken"], found["functions"]
    share = 100 * found["spans"] / max(count, 1)
    return [
        f"{found['project']}: {found['spans']} of {count} functions ({share:.1f} %); {left}",
        f"  {len(broken)} broken of {found['passed']} tests, {found['names']} spans recorded",
        *(f"    {test}" for test in broken),
        f"  files with lost lines {found['lost']}, changed by a second run {found['again']}, "
        f"not restored {found['kept']}; {found['slower']} times slower",
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--package", default=".", help="the folder to instrument, in the project")
    parser.add_argument("--path", nargs="*", default=["."], help="folders for the import path")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--style", choices=("helper", "native"), default="helper")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("arguments", nargs="*", help="for pytest, behind --")
    return parser.parse_args()


if __name__ == "__main__":
    main()
