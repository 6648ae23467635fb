"""`apply --interactive`, in a real terminal: yes, no, all, edit, quit, interrupt."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pexpect
import pytest
from test_cli import FILES, committed, contents, git, run, shop

from autospan.declined import declining
from autospan.model import Edit

__all__ = ["shop"]
BASELINE = ".autospan-baseline.json"
PROMPT = r"Write this span\? \[y,n,a,e,q,\?\] "


class Terminal:
    """A dialogue with `autospan apply --interactive` in a pseudo-terminal."""

    def __init__(self, root: Path, *arguments: str) -> None:
        line = ["-m", "autospan", "apply", "--interactive", *arguments]
        plain = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
        self.told = io.StringIO()
        self.process = pexpect.spawn(
            sys.executable,
            line,
            cwd=str(root),
            env={**plain, "NO_COLOR": "1", "TERM": "xterm"},
            encoding="utf-8",
            timeout=60,
            dimensions=(40, 100),
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a suite that runs
            # in the background of a shell ignores it, and so would all that it starts
        )
        self.process.logfile_read = self.told

    def answer(self, *answers: str, prompt: str = PROMPT) -> str:
        """Give answers, each after a prompt; what was shown before the last of them."""
        for each in answers:
            self.process.expect(prompt)
            before = self.process.before
            self.process.sendline(each)
        return before.replace("\r\n", "\n")

    def end(self, code: int = 0) -> str:
        """What is said at the end."""
        self.process.expect(pexpect.EOF)
        self.process.close()
        assert self.process.exitstatus == code, self.told.getvalue()
        assert "Traceback" not in self.told.getvalue()
        return self.process.before.replace("\r\n", "\n")


def test_a_dialogue(shop: Path) -> None:
    committed(shop)
    talk = Terminal(shop, "--function", "shop.*")
    assert "[1/6] shop.nightly.main  shop/nightly.py:4" in talk.answer("y")
    shown = talk.answer("what?")
    assert "[2/6] shop.orders.place  shop/orders.py:8" in shown
    assert "on the way of http POST /orders" in " ".join(shown.split())
    assert "+from shop._tracing import traced" in shown
    assert '+@traced(capture=("order_id", "qty"))' in shown
    assert "what? is none of the answers:" in talk.answer("e")
    prompt = r"Name of the span \[shop.orders.place\]: "
    talk.answer("shop.nightly.main", prompt=prompt)
    said = talk.answer("orders.place", prompt=prompt)
    assert "The span of shop.nightly.main is called so" in said
    assert '+@traced("orders.place", capture=("order_id", "qty"))' in talk.answer("yes")
    shown = talk.answer("n")
    assert "[3/6] shop.orders.load" in shown
    assert "import traced" not in [line[:5] for line in shown.splitlines()]
    assert "+from" not in shown
    talk.answer("a", "q")
    said = talk.end()
    assert "Wrote 3 spans in 2 files" in said
    assert "Declined 1 function: remembered in the baseline" in said
    assert "Left 2 functions undecided" in said
    text = (shop / "shop/orders.py").read_bytes()
    assert b'@traced("orders.place", capture=("order_id", "qty"))\ndef place' in text
    assert b"\n\ndef load" in text
    assert json.loads((shop / BASELINE).read_bytes()) == {
        "version": 1,
        "declined": {"shop/orders.py": ["load"]},
    }
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "reviewed")
    told = run(shop, "apply", "--function", "shop.orders.load").stdout
    assert "declined in the review: load" in told
    told = run(shop, "explain", "shop.orders.load").stdout
    assert "declined; .autospan-baseline.json says so, and is where to take that back" in told


def test_an_interrupt_writes_nothing(shop: Path) -> None:
    talk = Terminal(shop, "--function", "shop.*")
    talk.answer("y", "n")
    talk.process.expect(PROMPT)
    talk.process.sendintr()
    assert "autospan: interrupted, nothing was written" in talk.end(code=130)
    assert contents(shop) == FILES


def test_the_end_of_the_input_is_a_quit(shop: Path) -> None:
    talk = Terminal(shop, "--function", "shop.orders.*")
    talk.answer("no")
    talk.process.expect(PROMPT)
    talk.process.sendeof()
    told = talk.end()
    assert "Wrote nothing." in told
    assert "Left 2 functions undecided" in told
    assert {**contents(shop)}.pop(BASELINE) == (
        b'{\n "version": 1,\n "declined": {\n  "shop/orders.py": [\n   "place"\n  ]\n }\n}\n'
    )


def test_without_a_terminal_nobody_is_asked(shop: Path) -> None:
    told = run(shop, "apply", "--interactive", code=2).stderr
    assert "error: command line: --interactive asks in a terminal, and input or output is" in told
    assert contents(shop) == FILES


# --- what was declined --------------------------------------------------------------------------


def declined(root: Path, **entries: list[str]) -> None:
    files = {f"shop/{name}.py": names for name, names in entries.items()}
    document = {"version": 1, "accepted": {"AS001": {}}, "declined": files}
    (root / BASELINE).write_text(json.dumps(document))


def test_a_no_holds_for_every_command(shop: Path) -> None:
    assert "shop.nightly.main" in run(shop, "check", code=1).stdout
    assert "shop.orders.load" in run(shop, "suggest", "-q").stdout
    declined(shop, nightly=["main"], orders=["load"])
    assert "shop.nightly.main" not in run(shop, "check").stdout
    assert "shop.orders.load" not in run(shop, "suggest", "-q").stdout
    assert run(shop, "diff", "--function", "load", "--function", "main").stdout == ""
    assert "declined in the review: load" in run(shop / "shop", "apply", "orders.py").stdout


def test_a_no_follows_a_file_that_moves_and_stays_with_one_of_two(shop: Path) -> None:
    declined(shop, gone=["load"], brief=["schicke"])
    (shop / "shop/letters.py").write_bytes(FILES["shop/brief.py"])
    listed = run(shop, "suggest", "-q").stdout
    assert "shop.orders.load" not in listed
    assert "shop.brief.schicke" not in listed
    assert "shop.letters.schicke" in listed


def test_a_no_outlasts_what_check_accepts_and_is_where_it_is_configured(shop: Path) -> None:
    declined(shop, orders=["load"])
    (shop / BASELINE).rename(shop / "accepted.json")
    (shop / "pyproject.toml").write_text("[tool.autospan]\nbaseline = 'accepted.json'\n")
    run(shop, "check", "--update-baseline")
    document = json.loads((shop / "accepted.json").read_bytes())
    assert document["declined"] == {"shop/orders.py": ["load"]}
    assert document["accepted"]["AS001"] == {"shop/nightly.py": ["main"]}
    assert "shop.orders.load" not in run(shop, "suggest", "-q").stdout


def test_what_else_a_baseline_holds_stays(shop: Path) -> None:
    declined(shop, gone=["x"])
    edit = Edit("orders.py", "shop.orders:load", 0, 1, "", "shop.orders.load")
    patch = declining(shop / BASELINE, shop / "shop", [edit])
    assert patch.path == f"../{BASELINE}"
    assert json.loads(patch.after or b"") == {
        "version": 1,
        "accepted": {"AS001": {}},
        "declined": {"shop/gone.py": ["x"], "shop/orders.py": ["load"]},
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", f"{BASELINE}:1: not valid JSON"),
        ('{"version": 2}', "no baseline of version 1"),
        ('{"version": 1, "declined": ["x"]}', "`declined` is not {file: [function]}"),
    ],
)
def test_a_broken_baseline(shop: Path, text: str, told: str) -> None:
    (shop / BASELINE).write_text(text)
    assert told in run(shop, "suggest", code=2).stderr
