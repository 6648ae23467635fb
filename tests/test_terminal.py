"""The terminal: widths, colours, progress, completion, interrupts, suggestions."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
from test_cli import contents, run, shop

from autospan.present import _terminal as terminal

__all__ = ["shop"]
COMMANDS = ("  pip install", "      opentelemetry-", "  autospan ", "  git ", "  python -m")
"""Lines to copy, which are never broken."""


@pytest.mark.parametrize("columns", [40, 72, 200])
def test_everything_fits_the_width(shop: Path, columns: int) -> None:
    told = run(shop, "suggest", "--verbose", columns=columns).stdout
    told += run(shop, "explain", "shop.orders.place", columns=columns).stdout.partition("DIFF")[0]
    told += run(shop, "graph", "-f", "text", columns=columns).stdout
    told += run(shop, "apply", "--all", columns=columns).stdout
    wide = [line for line in told.splitlines() if len(line) > min(columns, 120)]
    assert [line for line in wide if not line.startswith(COMMANDS)] == []
    assert "shop.orders.place\n" in told or columns > 40


@pytest.mark.parametrize(
    ("env", "report", "diff"),
    [
        ({}, False, False),
        ({"FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_pipes_get_colours_only_if_they_are_forced(
    shop: Path, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], report: bool, diff: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in run(shop, "suggest", "--top", "1").stdout) is report
    assert ("\x1b[" in run(shop, "diff", "--top", "1").stdout) is diff


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_progress_tells_the_stage_the_files_and_what_is_left() -> None:
    screen = Screen()
    with (
        mock.patch("sys.stderr", screen),
        mock.patch.object(terminal, "_PATIENCE", 0.0),
        mock.patch.dict("os.environ", {"COLUMNS": "100"}),
        terminal.progress() as tell,
    ):
        tell("read", 0, 400)
        time.sleep(0.02)
        tell("read", 100, 400)
        time.sleep(0.25)
    lines = screen.getvalue().split("\r\x1b[K")
    assert "Reading  █████░░░░░░░░░░░░░░░  100 of 400 files  0 s  about 0 s left" in lines
    assert lines[-1] == ""


def test_progress_is_silent_where_nobody_looks() -> None:
    with mock.patch("sys.stderr", io.StringIO()) as told, terminal.progress() as tell:
        tell("read", 0, 1)
    assert told.getvalue() == ""


def test_an_interrupt_is_one_line(shop: Path) -> None:
    before = contents(shop)
    with mock.patch("autospan.pipeline.analyze", side_effect=KeyboardInterrupt):
        assert run(shop, "apply", code=130).stderr == "autospan: interrupted\n"
    assert contents(shop) == before


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sugest", "Did you mean 'suggest'?"),
        ("suggest --tpo 3", "--top"),
        ("packs tset", "Did you mean 'test'?"),
        ("explain shop.orders.plce", "shop.orders.place"),
        ("diff --function plce", "did you mean shop.orders.place?"),
        ("diff -o nowhere/x", "nowhere/x: No such file or directory"),
    ],
)
def test_what_is_misspelt_is_told_with_what_was_meant(shop: Path, line: str, told: str) -> None:
    assert told in " ".join(run(shop, *line.split(), code=2).stderr.split())


def test_shells_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AUTOSPAN_COMPLETE", "source_bash")
    assert "complete -o default -F _autospan_completion autospan" in run(tmp_path).stdout
    monkeypatch.setenv("_AUTOSPAN_COMPLETE", "complete_bash")
    for words, found in [
        ("autospan su", "suggest"),
        ("autospan diff --split-by o", "owner"),
        ("autospan apply --inter", "--interactive"),
    ]:
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        assert run(tmp_path).stdout.split() == [found]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--version"], ["packs"]])
def test_a_full_disk_is_told(tmp_path: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        line = [sys.executable, "-m", "autospan", *arguments]
        done = subprocess.run(line, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.stderr == b"error: standard output: No space left on device\n"
    assert done.returncode == 2
