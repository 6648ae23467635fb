"""The cache: it changes no output, whatever state it is in (law 4), and stops no run."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from autospan import cache as store
from autospan import pipeline
from autospan.analysis import Analysis
from autospan.cache import Cache
from autospan.codec import pack, unpack
from autospan.config import Config
from autospan.equip import equipped
from autospan.model import Candidate, Facts, Graph, Survey, Value
from autospan.options import Means
from autospan.read import read
from autospan.resources import ALONE, Resources, source_key

CONFIG = Config()
FILES = {
    "shop/__init__.py": "",
    "shop/web.py": "import flask\nfrom shop.pay import charge\napp = flask.Flask(__name__)\n\n\n"
    "@app.route('/orders', methods=['POST'])\ndef order(number: int):\n    return charge(number)\n",
    "shop/pay.py": "import requests\n\n\ndef charge(number):\n"
    "    for each in range(number):\n        requests.post('https://pay', json=each)\n",
    "shop/old.py": "print 'no'\n",
    "Procfile": "web: gunicorn shop.web:app\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "shop-project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "shop-project"


def analyzed(root: Path, cache: Cache | None) -> Analysis:
    return pipeline.analyze(root, CONFIG, None, Resources(cache))


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        count = file.execute("SELECT count(*) FROM entries").fetchone()[0]
        return int(count)


# --- values as bytes ----------------------------------------------------------------------------


def test_what_was_packed_is_unpacked(shop: Path) -> None:
    analysis = analyzed(shop, None)
    assert unpack(Graph, pack(Graph, analysis.graph)) == analysis.graph
    assert unpack(Survey, pack(Survey, analysis.survey)) == analysis.survey
    kind = tuple[Candidate, ...]
    assert unpack(kind, pack(kind, analysis.candidates)) == analysis.candidates
    for source in analysis.tree.sources:
        facts = read(source)
        assert unpack(Facts, pack(Facts, facts)) == facts


def test_values_within_values() -> None:
    kind, plain = tuple[Value, ...], Value("constant", "x")
    one = Value("collection", "", 3, (plain, Value("collection", "é", -1, (plain, plain)), plain))
    for values in ((), (plain,), (one, plain, one), (one._replace(items=(one, one)), one)):
        assert unpack(kind, pack(kind, values)) == values


# --- law 4: the state of the cache changes no output ---------------------------------------------


def test_any_state_of_the_cache_gives_the_same(shop: Path, tmp_path: Path) -> None:
    alone = pipeline.analyze(shop, CONFIG, None, ALONE)
    cache = Cache(tmp_path / "cache")
    assert analyzed(shop, cache) == alone  # nothing known
    assert analyzed(shop, cache) == alone  # everything known
    chance = random.Random(7)
    for _ in range(6):  # some of the files known, the whole not
        with closing(sqlite3.connect(cache.path)) as file, file:
            keys = [key for (key,) in file.execute("SELECT key FROM entries ORDER BY key")]
            for key in chance.sample(keys, len(keys) // 2):
                file.execute("DELETE FROM entries WHERE key = ?", (key,))
        assert analyzed(shop, cache) == alone
    assert not cache.trouble


@pytest.mark.parametrize("name", ["shop/web.py", "shop/pay.py", "shop/old.py", "Procfile"])
def test_a_change_is_seen(shop: Path, tmp_path: Path, name: str) -> None:
    cache = Cache(tmp_path / "cache")
    before = analyzed(shop, cache)
    text = "worker: python shop/pay.py\n" if name == "Procfile" else "\n\ndef more(): return 1\n"
    with (shop / name).open("a") as file:
        file.write(text)
    assert analyzed(shop, cache) == analyzed(shop, None) != before


def test_settings_and_packs_are_part_of_what_is_known(shop: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    analyzed(shop, cache)
    config = Config(traced_by=("flask.Flask.route",))
    with_cache = pipeline.analyze(shop, config, None, Resources(cache))
    assert with_cache == pipeline.analyze(shop, config)
    assert with_cache.survey.traced


def test_only_what_has_changed_is_read_anew(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, known = Cache(tmp_path / "cache"), []
    analyzed(shop, cache)
    monkeypatch.setattr("autospan.reading.read", lambda one: known.append(one.path) or read(one))
    (shop / "shop/pay.py").write_text("def charge(number): return number * 2\n")
    analyzed(shop, cache)
    assert known == ["shop/pay.py"]


def test_what_is_not_ranked_is_not_ranked(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` and `init` go without; what they leave in the cache serves those that rank."""
    cache, alone = Cache(tmp_path / "cache"), analyzed(shop, None)
    with monkeypatch.context() as without:
        without.setattr("autospan.rank.rank", None)
        examined = pipeline.examine(shop, CONFIG, None, Resources(cache))
        assert pipeline.examine(shop, CONFIG, None, Resources(cache)) == examined
    assert pipeline.ranked(examined, CONFIG) == alone
    assert analyzed(shop, cache) == analyzed(shop, cache) == alone
    unlearned = Config(learn=False)
    found = pipeline.analyze(shop, unlearned, None, Resources(cache))
    assert found == pipeline.analyze(shop, unlearned)


# --- a file that fails ---------------------------------------------------------------------------


def test_findings_are_remembered_by_all_that_they_depend_on(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = frozenset(("AS001", "AS004"))
    (shop / "shop/job.py").write_text(
        "import schedule\n\n\n@schedule.repeat(schedule.every().day)\n"
        "def sweep():\n    print(1)\n    print(2)\n"
    )
    resources = Resources(Cache(tmp_path / "cache"))
    alone = pipeline.audit(shop, CONFIG, rules)
    assert pipeline.audit(shop, CONFIG, rules, None, resources) == alone
    with monkeypatch.context() as without:
        without.setattr("autospan.remembered.Known", None)
        without.setattr("autospan.review.review", None)
        assert pipeline.audit(shop, CONFIG, rules, None, resources) == alone
    assert [each.function for each in alone.findings] == ["shop.job:sweep"]
    assert not pipeline.audit(shop, CONFIG, rules - {"AS001"}, None, resources).findings
    declined = {"version": 1, "declined": {"shop/job.py": ["sweep"]}}
    config = Config(baseline=str(tmp_path / "baseline.json"))
    Path(config.baseline).write_text(json.dumps(declined))
    assert not pipeline.audit(shop, config, rules, None, resources).findings


def test_a_cache_folder_that_cannot_be_made(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    cache = Cache(tmp_path / "taken" / "cache")
    assert analyzed(shop, cache) == analyzed(shop, None)
    assert "taken" in cache.trouble


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write")
def test_a_read_only_folder(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o500)
    cache = Cache(folder)
    assert analyzed(shop, cache) == analyzed(shop, None)
    assert cache.trouble


@pytest.mark.parametrize("damage", [b"not a database at all" * 99, b""])
def test_a_file_that_is_no_cache(shop: Path, tmp_path: Path, damage: bytes) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "cache.sqlite").write_bytes(damage)
    cache = Cache(folder)
    assert analyzed(shop, cache) == analyzed(shop, None)
    assert ("not a database" in cache.trouble) == bool(damage)  # an empty file is an empty cache


def test_a_file_that_is_damaged_while_it_is_in_use(shop: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    alone = analyzed(shop, cache)
    cache.close()
    size = cache.path.stat().st_size
    with cache.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    damaged = Cache(tmp_path / "cache")
    assert analyzed(shop, damaged) == alone
    assert damaged.trouble


def test_bytes_that_have_changed_are_not_given(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store({b"a": b"right", b"b": b"other"})
    with closing(sqlite3.connect(cache.path)) as file, file:
        file.execute("UPDATE entries SET data = ? WHERE key = ?", (b"wrong", b"a"))
    assert cache.load([b"a", b"b", b"c"]) == {b"b": b"other"}


def test_a_full_disk(shop: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache._file
    cache._file.execute("PRAGMA max_page_count = 1")
    assert analyzed(shop, cache) == analyzed(shop, None)
    assert "full" in cache.trouble


def test_another_run_that_writes_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PATIENCE", 0.05)
    cache = Cache(tmp_path)
    with closing(sqlite3.connect(cache.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        cache.store({b"a": b"1"})
        other.execute("ROLLBACK")
    assert (cache.load([b"a"]), cache.trouble) == ({}, "")
    cache.store({b"a": b"1"})
    assert cache.load([b"a"]) == {b"a": b"1"}


def test_runs_at_once_and_a_killed_one(tmp_path: Path) -> None:
    Cache(tmp_path).close()
    code = (
        "import os, sys; from pathlib import Path; from autospan.cache import Cache\n"
        "cache = Cache(Path(sys.argv[1])); number = sys.argv[2].encode()\n"
        "for each in range(20): cache.store({number + b'%d' % each: b'x' * 9000})\n"
        "if number == b'2': os.kill(os.getpid(), 9)\n"
        "sys.exit(bool(cache.trouble))\n"
    )
    line = [sys.executable, "-c", code, str(tmp_path)]
    runs = [subprocess.Popen([*line, str(number)]) for number in range(3)]
    assert [each.wait() for each in runs] == [0, 0, -9]
    assert rows(tmp_path / "cache.sqlite") == 60


def test_the_oldest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, now = Cache(tmp_path, limit=600_000), iter(range(10**6, 10**9, 10**5))
    monkeypatch.setattr(store.time, "time", lambda: next(now))
    for number in range(20):
        cache.store({b"%d" % number: b"x" * 50_000})
        assert cache.load([b"0"])  # used again and again
    assert cache.load([b"19"]) and not cache.load([b"1"])
    assert cache.path.stat().st_size < 1_200_000


# --- the command line ----------------------------------------------------------------------------


def test_what_is_said_of_the_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")

    def said(means: Means, quiet: bool = False) -> str:
        with equipped(means, quiet) as resources:
            assert means.no_cache == (resources.cache is None)
        return capsys.readouterr().err

    assert "the first run fills it" in said(Means(tmp_path / "new"))
    assert said(Means(tmp_path / "new")) == ""
    assert "without the cache" in said(Means(tmp_path / "taken" / "below"))
    assert said(Means(tmp_path / "taken" / "below"), quiet=True) == ""
    assert said(Means(no_cache=True)) == ""


def test_the_key_of_a_file_is_what_its_facts_depend_on(shop: Path) -> None:
    sources = analyzed(shop, None).tree.sources
    assert len({source_key(each) for each in sources}) == len(sources)


def test_a_cache_that_is_left_is_closed_by_whatever_thread_collects_it(tmp_path: Path) -> None:
    left = [Cache(tmp_path)]
    file = left[0]._file
    assert file is not None
    worker = threading.Thread(target=left.clear)
    worker.start()
    worker.join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        file.execute("SELECT 1")
