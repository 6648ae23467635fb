"""`check --near`: a part is looked at again after an edit, and says what the whole would say."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest

from autospan import pipeline
from autospan.analysis import Audited
from autospan.cache import Cache
from autospan.config import Config
from autospan.correction import corrected
from autospan.model import Facts, Finding, Import, Place, Source
from autospan.options.gating import Gating
from autospan.pipeline import change
from autospan.resources import Resources
from autospan.vicinity import importers, vicinity

CONFIG = Config()
RULES = frozenset(("AS001", "AS002", "AS004", "AS006"))
JOBS = """import schedule

from shop.work import tidy


@schedule.repeat(schedule.every().day)
def sweep():
    tidy()
    print("swept")


@schedule.repeat(schedule.every().day)  # autospan: ignore[AS001: nobody waits for it]
def polish():
    tidy()
    print("polished")
"""
WORK = """def tidy():
    for each in range(3):
        print(each)


def count():
    for each in range(3):
        print(each)
"""
TIMES = """import schedule

from shop import work

schedule.every().day.do(work.count)
"""
FILES = {
    "shop/__init__.py": "",
    "shop/jobs.py": JOBS,
    "shop/work.py": WORK,
    "shop/times.py": TIMES,
    "shop/rest.py": "# nothing of interest\n" * 100,
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(change, "LIMIT", 1_000)
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def kept(shop: Path, tmp_path: Path) -> Resources:
    resources = Resources(Cache(tmp_path / "cache"))
    pipeline.audit(shop, CONFIG, RULES, None, resources)
    return resources


def near(root: Path, file: str, resources: Resources) -> Audited:
    """What is found from this file alone; the whole must not be examined."""
    with pytest.MonkeyPatch.context() as without:
        without.setattr("autospan.pipeline.auditing.examined", None)
        return pipeline.audit(root, CONFIG, RULES, None, resources, file.__eq__)


def replaced(root: Path, file: str, before: str, after: str) -> None:
    text = (root / file).read_text()
    assert before in text
    (root / file).write_text(text.replace(before, after))


EDITS = [
    ("shop/jobs.py", "def sweep", "def wipe"),
    ("shop/jobs.py", "import schedule\n", "import schedule\n\n# a comment\n"),
    ("shop/jobs.py", "import schedule\n", ""),
    ("shop/jobs.py", "  # autospan: ignore[AS001: nobody waits for it]", ""),
    ("shop/jobs.py", "@schedule.repeat(schedule.every().day)\ndef sweep", "def sweep"),
    ("shop/jobs.py", "def sweep():\n", "def sweep():  # autospan: ignore[AS001: rarely]\n"),
    ("shop/jobs.py", "    tidy()\n    print(", "    print("),
    ("shop/jobs.py", "def sweep():", "def sweep("),
    ("shop/work.py", "def count():", '"""Counts."""\n\n\ndef count():'),
    ("shop/work.py", "def count():", "def add():"),
    ("shop/work.py", "def count():\n", "def count():  # autospan: ignore[AS001: rarely]\n"),
    ("shop/work.py", "def count():\n    for each in range(3):\n        print(each)", "count = 3"),
    ("shop/times.py", "work.count", "work.tidy"),
]


@pytest.mark.parametrize(("file", "before", "after"), EDITS)
def test_a_part_says_what_the_whole_says(
    shop: Path, kept: Resources, file: str, before: str, after: str
) -> None:
    replaced(shop, file, before, after)
    found, whole = near(shop, file, kept), pipeline.audit(shop, CONFIG, RULES)
    assert [e for e in found.findings if e.place.file == file] == [
        each for each in whole.findings if each.place.file == file
    ]
    assert {path: set(names) for path, names in found.present} == {
        path: set(names) for path, names in whole.present
    }
    assert (found.problems, found.files) == (whole.problems, whole.files)


def test_what_only_the_whole_shows_stays_until_it_is_traced(
    shop: Path, kept: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing around is looked at: that something far away starts a function is known from then."""
    monkeypatch.setattr("autospan.pipeline.change.vicinity", lambda *_: ())
    replaced(shop, "shop/work.py", "def tidy", "import os\n\n\ndef tidy")
    (one,) = (e for e in near(shop, "shop/work.py", kept).findings if "work" in e.function)
    assert (one.rule, one.function, one.place.line) == ("AS001", "shop.work:count", 9)
    head = "from opentelemetry import trace\n\ntracer = trace.get_tracer(__name__)\n"
    replaced(shop, "shop/work.py", "import os\n", head)
    spanned = '@tracer.start_as_current_span("count")\ndef count'
    replaced(shop, "shop/work.py", "def count", spanned)
    assert not [e for e in near(shop, "shop/work.py", kept).findings if "work" in e.function]


def test_a_new_file_and_one_that_is_gone(shop: Path, kept: Resources) -> None:
    (shop / "shop/more.py").write_text(JOBS.replace("sweep", "mow"))
    (shop / "shop/times.py").unlink()
    found, whole = near(shop, "shop/more.py", kept), pipeline.audit(shop, CONFIG, RULES)
    assert [each for each in found.findings if each.place.file == "shop/more.py"] == [
        each for each in whole.findings if each.place.file == "shop/more.py"
    ]
    assert {path for path, _ in found.present} == {path for path, _ in whole.present}


def test_the_whole_is_looked_at_where_a_part_does_not_pay(
    shop: Path, kept: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pipeline.audit(shop, CONFIG, RULES, None, kept)
    assert near(shop, "shop/jobs.py", kept) == whole  # nothing has changed: all is known
    replaced(shop, "shop/times.py", "work.count", "work.tidy")
    whole = pipeline.audit(shop, CONFIG, RULES)
    for limit in (10, 10_000):  # more than that has changed; all is no more than that
        monkeypatch.setattr(change, "LIMIT", limit)
        monkeypatch.setattr(change, "_SHARE", 1_000)
        found = pipeline.audit(shop, CONFIG, RULES, None, kept, "shop/jobs.py".__eq__)
        assert found == whole


def test_options_that_need_the_whole() -> None:
    assert "--fix" in Gating(near=True, fix=True).conflict()
    assert not Gating(near=True).conflict()


# --- the files around, and the correction


def facts(module: str, *imports: str) -> Facts:
    found = tuple(Import(1, *(each.rpartition(".")[::2]), "") for each in imports)
    return Facts(f"{module}.py", module, False, imports=found)


def test_the_nearest_files_come_first_as_far_as_the_limit_goes() -> None:
    known = {"a": ["b.x", "os.path", "p.c"], "b": ["d.y"], "p.c": [], "d": ["a.z"], "e": []}
    sources = {
        f"{name}.py": Source(f"{name}.py", name, False, b"12345", "utf-8", "") for name in known
    }

    def around(limit: int) -> list[str]:
        start = facts("a", *known["a"])
        read = [*vicinity([start], ["e.py", "?.py"], sources, reading, limit)]
        return [each.module for each in read]

    def reading(some: object) -> list[Facts]:
        assert isinstance(some, list)
        return [facts(each.module, *known[each.module]) for each in some]

    assert around(100) == ["e", "b", "p.c", "d"]
    assert around(14) == ["e", "b"]
    assert [*importers(["d", "e"], [facts("b", "d.y"), facts("c")])] == ["b.py"]


ALL = [
    Finding(Place("a.py", line), "AS001", name, words, "fix")
    for line, name, words in ((1, "f", "x"), (2, "f", "y"), (3, "g", "x"), (4, "g", "x"))
]
SOME = [part for size in range(len(ALL) + 1) for part in combinations(ALL, size)]


def test_a_part_that_shows_all_is_believed() -> None:
    for known, after in product(SOME, SOME):
        assert sorted(corrected(known, known, after, lambda _: None)) == sorted(after)


def test_a_part_that_shows_no_change_changes_nothing() -> None:
    for known, part in product(SOME, SOME):
        found = corrected(known, part, part, lambda each: each)
        assert sorted((each.function, each.words) for each in found) == sorted(
            (each.function, each.words) for each in known
        )
