"""The benchmarks run, and judge as they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def _loaded(name: str) -> ModuleType:
    spec = spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reports = _loaded("reports")


def _write(folder: Path, code: str, truth: dict[str, list[str]]) -> None:
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(code, "utf-8")
    (folder / "callgraph.json").write_text(json.dumps(truth), "utf-8")


@pytest.fixture
def suite_folder(tmp_path: Path) -> Path:
    """Two cases: one with a true truth, one whose truth says too much and too little."""
    code = "def f():\n    print()\n\nf()\n"
    both = {"main": ["main.f"], "main.f": ["<builtin>.print"]}
    _write(tmp_path / "calls" / "right", code, both)
    _write(tmp_path / "calls" / "wrong", code, {"main": ["main.g"], "main.f": ["<builtin>.print"]})
    return tmp_path


def _benchmark(*arguments: object) -> dict[str, list[dict[str, object]]]:
    command = [sys.executable, str(BENCHMARKS / "callgraph.py"), "--json", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return report


def test_a_suite_is_judged_by_sets_of_edges(suite_folder: Path) -> None:
    (found,) = _benchmark("--suite", suite_folder, "--failures")["suites"]
    assert (found["cases"], found["sound"], found["complete"], found["exact"]) == (2, 1, 1, 1)
    assert (found["precision"], found["recall"]) == (0.75, 0.75)
    failures = found["failures"]
    assert isinstance(failures, list)
    assert [each["name"] for each in failures] == ["calls/wrong"]
    assert failures[0]["missing"] == [["main", "main.g"]]
    assert failures[0]["spurious"] == [["main", "main.f"]]


def test_between_functions_of_the_case_only(suite_folder: Path) -> None:
    (found,) = _benchmark("--suite", suite_folder, "--profile", "internal")["suites"]
    assert (found["edges"], found["exact"], found["recall"]) == (1, 1, 1.0)


def test_a_tree_is_measured_beside_its_syntax_trees(suite_folder: Path) -> None:
    (found,) = _benchmark(suite_folder / "calls" / "right", "--repeat", 1)["trees"]
    assert found["crash_free"] is True
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert (counts["files"], counts["functions"], counts["exact"], counts["leaving"]) == (
        1,
        2,
        1,
        1,
    )


def test_a_benchmark_needs_something_to_measure() -> None:
    command = [sys.executable, str(BENCHMARKS / "callgraph.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "name a PATH, or a suite" in done.stderr


def test_the_report_of_the_legacy_application_is_what_suggest_says() -> None:
    """After a change that is meant: `REWRITE=1 pytest tests/test_benchmarks.py -k report`."""
    if os.environ.get("REWRITE"):
        (reports.FOLDER / "legacy.md").write_text(reports.report("legacy"), encoding="utf-8")
    shown = (reports.FOLDER / "legacy.md").read_text(encoding="utf-8")
    assert reports.plain(shown) == reports.plain(reports.report("legacy"))


def test_every_report_says_how_it_is_made() -> None:
    assert {path.stem for path in reports.FOLDER.glob("*.md")} == set(reports.PROJECTS)
    for path in reports.FOLDER.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert f"python benchmarks/reports.py {path.stem}" in text
        assert {"FREE", "CHEAP", "ENTRY POINTS"} <= set(
            re.findall(r"^[A-Z]+(?: [A-Z]+)?", text, re.MULTILINE)
        )


SUITE = """
from shop.totals import total
def test_total(): assert total([1, 2]) == 3
def test_made_of(): assert total.__code__.co_varnames == ("items", "found")
"""


def test_soundness_tells_what_broke(tmp_path: Path) -> None:
    """A suite that looks at what a function is made of, which nothing in the package does."""
    for folder in ("shop", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    code = "def total(items):\n    found = sum(items)\n    return found\n"
    (tmp_path / "shop" / "totals.py").write_text(code)
    (tmp_path / "tests" / "test_totals.py").write_text(SUITE)
    command = [sys.executable, BENCHMARKS / "soundness.py", tmp_path, "--package", "shop", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    found = json.loads(done.stdout)
    assert (done.returncode, found["broken"]) == (1, ["tests.test_totals::test_made_of"])
    assert (found["functions"], found["spans"], found["passed"], found["left"]) == (1, 1, 2, {})
    assert (found["lost"], found["again"], found["kept"]) == (0, 0, 0)


def test_the_cost_of_a_span_is_measured_in_every_state() -> None:
    runtime = _loaded("runtime")
    runtime.RUNS, runtime.CALLS = 2, 20
    times = runtime.measured("none")
    assert set(times) == {*runtime.KINDS, *runtime.STEPWISE}
    by_hand, traced = times["function"]
    assert traced < by_hand


def test_a_soak_is_judged_by_what_is_left() -> None:
    soak = _loaded("soak")
    flat, grown = [100.0] * 9, [100.0] * 6 + [110.0] * 3
    well = soak.Verdict(60, 9999, 50, 7, [], [], False, [1000] * 9, flat)
    assert well.faults() == []
    bad = soak.Verdict(
        60, 9999, 50, 0, ["f"], ["Failed to detach context"], True, [*range(9)], grown
    )
    assert [each.partition(" ")[0] for each in bad.faults()] == [
        *("logged:", "still", "a", "the", "objects", "MB"),
    ]
