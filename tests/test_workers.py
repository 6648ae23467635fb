"""Reading in several processes: the same facts (law 4), whatever happens to a process (law 5)."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer import BadParameter

from autospan import reading
from autospan.cache import Cache
from autospan.cluster import cluster
from autospan.codec import pack
from autospan.config import Config, ConfigError
from autospan.crew import Crew
from autospan.discover import discover
from autospan.model import Facts, Source
from autospan.options import Means
from autospan.read import read
from autospan.resources import ALONE, Resources


def halved(numbers: Sequence[int]) -> list[int]:
    return [number // 2 for number in numbers]


def test_results_come_in_order_and_a_few_ahead() -> None:
    asked: list[int] = []

    def portions() -> Iterator[Sequence[int]]:
        for start in range(0, 60, 3):
            asked.append(start)
            yield range(start, start + 3)

    given = Crew(halved, 2, ThreadPoolExecutor, ThreadPoolExecutor).map(portions())
    assert next(given) == [0, 0, 1]
    assert asked[-1] < 30
    assert [number for part in given for number in part] == [each // 2 for each in range(3, 60)]


def test_what_is_wrong_with_the_work_is_raised() -> None:
    with pytest.raises(TypeError):
        list(Crew(halved, 2, ThreadPoolExecutor, ThreadPoolExecutor).map([["one"]]))


class LostError(Exception):
    pass


class Far(ThreadPoolExecutor):
    """An executor that loses whatever holds 13, as a cluster does whose workers die over it."""

    def submit(self, work, items):
        if 7 in items:
            raise LostError("nobody answers")
        return super().submit(self._checked, work, items)

    @staticmethod
    def _checked(work, items):
        if 13 in items:
            raise LostError("killed")
        return work(items)


def test_what_is_lost_far_away_is_done_alone() -> None:
    crew = Crew(halved, 2, Far, Far, (LostError,))
    found = [each for part in crew.map(range(n, n + 5) for n in range(0, 40, 5)) for each in part]
    assert found == [None if each in (7, 13) else each // 2 for each in range(40)]


# --- other machines ------------------------------------------------------------------------------


def test_where_to_read_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadParameter, match="dask://HOST:PORT"):
        Means(no_cache=True, executor="spark").resources()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"autospan\[dask\]"), cluster("dask", 2):
        pass


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reading, "_PORTION", 2)
    root = tmp_path / "project"
    root.mkdir()
    for number in range(9):
        text = f"import m{number + 1}\n\n\ndef f{number}(): return m{number + 1}.f{number + 1}()\n"
        (root / f"m{number}.py").write_text(text)
    (root / "m4.py").write_text("print 'no'\n")
    return root


def deadly(sources: Sequence[Source]) -> list[bytes]:
    """What a worker does whom m3.py kills."""
    if any(source.path == "m3.py" for source in sources):
        os.kill(os.getpid(), signal.SIGKILL)
    return [pack(Facts, read(source)) for source in sources]


def facts(root: Path, resources: Resources) -> list[Facts]:
    sources = discover(root, Config()).sources
    return list(reading.read_all(sources, resources, lambda done: None))


def test_the_number_of_workers_and_the_cache_change_nothing(project: Path, tmp_path: Path) -> None:
    alone, cache = facts(project, ALONE), Cache(tmp_path / "cache")
    with sqlite3.connect(cache.path) as file:
        assert facts(project, Resources(cache, 1)) == alone
        file.execute("DELETE FROM entries WHERE rowid % 2")
    file.close()
    assert facts(project, Resources(cache, 2)) == alone


def test_a_file_that_kills_its_reader_is_a_problem(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_read_packed", deadly)
    cache = Cache(tmp_path / "cache")
    found = facts(project, Resources(cache, 2))
    assert {each.path for each in found if "died" in str(each.problems)} == {"m3.py"}
    assert not reading.complete(problem for each in found for problem in each.problems)
    monkeypatch.undo()  # and nothing of that is remembered
    alone = facts(project, ALONE)
    assert [each for each in found if each.path != "m3.py"] == [
        each for each in alone if each.path != "m3.py"
    ]
    assert facts(project, Resources(cache, 1)) == alone
    assert reading.complete(problem for each in alone for problem in each.problems)


def test_small_projects_are_read_in_one_process(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_read_packed", None)  # no worker could do anything
    assert facts(project, Resources(None, None)) == facts(project, ALONE)


@pytest.mark.skipif(sys.platform == "win32", reason="processes are counted in /proc")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import time; from autospan.processes import processes\n"
        "executor = processes(1); print(executor.submit(time.sleep, 0).result(), flush=True)\n"
        "print(*executor._processes, flush=True); time.sleep(60)\n"
    )
    line = [sys.executable, "-c", code]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        run.stdout.readline()
        (worker,) = map(int, run.stdout.readline().split())
        run.kill()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the worker is still there")
