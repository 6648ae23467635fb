"""The command line from outside: what is printed, written and returned."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import pty
import re
import subprocess
import sys
from itertools import pairwise, takewhile
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import jsonschema
import pytest

from autospan import __version__
from autospan.cli import main

FILES = {
    "pyproject.toml": b'[project]\nname = "shop"\nversion = "1"\n',
    "shop/__init__.py": b"",
    "shop/web.py": (
        b"from flask import Flask\n\nfrom shop import orders\n\napp = Flask(__name__)\n\n\n"
        b'@app.post("/orders")\ndef create(order_id):\n    return orders.place(order_id, 3, "x")\n'
    ),
    "shop/orders.py": (
        b'"""Orders."""\n\nimport sqlite3\n\nimport requests\n\n\n'
        b"def place(order_id, qty, password):\n"
        b"    for item in load(order_id):\n"
        b'        charge(order_id, item, "EUR")\n'
        b"    return qty\n\n\n"
        b"def load(order_id):\n"
        b'    db = sqlite3.connect("shop.db")\n'
        b'    return db.execute("select 1").fetchall()\n\n\n'
        b"def charge(order_id, amount, currency):\n"
        b"    answer = requests.post('http://pay', json={'id': order_id})\n"
        b"    return answer.json()\n"
    ),
    # Latin-1, CRLF, no newline at the end
    "shop/brief.py": (
        "# -*- coding: latin-1 -*-\r\nimport smtplib\r\n\r\n\r\ndef schicke(auftrag_id):\r\n"
        '    """Grüße."""\r\n    with smtplib.SMTP("post") as post:\r\n'
        "        return post.sendmail('a', 'b', 'ä')"
    ).encode("latin-1"),
    "shop/nightly.py": (
        b"from shop import brief, orders\n\n\ndef main():\n"
        b"    for row in orders.load(1):\n        brief.schicke(row)\n\n\n"
        b'if __name__ == "__main__":\n    main()\n'
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, data in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


class Done(NamedTuple):
    stdout: str
    stderr: str


def run(cwd: Path, *arguments: str, code: int = 0, columns: int = 100) -> Done:
    """`autospan …` in a folder and in this process, with the exit code that is expected."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    here, returned = Path.cwd(), 0
    os.chdir(cwd)
    try:
        with (
            mock.patch.object(sys, "argv", ["autospan", *arguments]),
            mock.patch.dict(os.environ, {"COLUMNS": str(columns)}),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            main()
    except SystemExit as stop:
        returned = stop.code if isinstance(stop.code, int) else 0
    finally:
        os.chdir(here)
    told = [each.buffer.getvalue().decode("utf-8", "surrogateescape") for each in (out, err)]
    assert returned == code, "".join(told)
    return Done(*told)


def command(cwd: Path, *arguments: str, code: int = 0) -> bytes:
    """What `python -m autospan …` prints, as a process of its own."""
    line = [sys.executable, "-m", "autospan", *arguments]
    done = subprocess.run(line, cwd=cwd, capture_output=True, timeout=60)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    return done.stdout


def git(cwd: Path, *arguments: str, data: bytes | None = None) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"]
    done = subprocess.run([*command, *arguments], cwd=cwd, input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def committed(root: Path) -> Path:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


def contents(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


# --- help and usage -----------------------------------------------------------------------------


def test_version_and_help(tmp_path: Path) -> None:
    version = f"autospan {__version__}\n"
    assert command(tmp_path, "--version").decode() == version
    assert run(tmp_path, "-V").stdout == run(tmp_path, "-V", "suggest").stdout == version
    told = run(tmp_path, "--help").stdout
    for name in ("suggest", "diff", "apply", "check", "explain", "graph", "remove"):
        assert name in told


@pytest.mark.parametrize(
    "command",
    [*"suggest diff apply check explain graph remove init packs".split(), "packs test"],
)
def test_the_help_of_every_command_has_examples(command: str, tmp_path: Path) -> None:
    told = run(tmp_path, *command.split(), "--help", columns=80).stdout
    _, _, examples = told.partition("Example")
    assert f"  autospan {command}" in examples
    assert "[tool.autospan]" in told
    lines = takewhile(str.strip, examples.splitlines()[1:])
    assert all(line.startswith("   autospan ") for line in lines), "an example is too wide"
    assert not re.search(r"--quiet +-q +(<bool>|BOOLEAN)", told), "a flag takes no value"


def test_help_loads_what_it_shows_and_the_rest_once_it_is_used() -> None:
    code = (
        "import sys; from autospan.panels import load_panels; load_panels(); "
        "from typer import rich_utils; loaded = {'markdown_it', 'pygments'} & {*sys.modules}; "
        "print(loaded, len(rich_utils.Markdown('# One').parsed))"
    )
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "set() 3\n"


def test_a_shell_is_told_the_options_of_a_command(tmp_path: Path) -> None:
    asked = {"_AUTOSPAN_COMPLETE": "complete_bash", "COMP_CWORD": "2"}
    with mock.patch.dict(os.environ, {**asked, "COMP_WORDS": "autospan diff --split"}):
        assert run(tmp_path).stdout.strip() == "--split-by"


def test_version_does_not_import_typer() -> None:
    code = (
        "import sys, autospan.cli as c; sys.argv[1:] = ['--version']; c.main(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"typer", "rich", "libcst", "rustworkx"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sugest"], "sugest"),
        (["suggest", "nowhere"], "nowhere"),
        (["apply", "--top", "0"], "--top"),
        (["apply", "--all", "--top", "3"], "--all"),
        (["diff", "--function", "chrage"], "shop.orders.charge"),
        (["explain", "chrage"], "shop.orders.charge"),
    ],
)
def test_wrong_usage(shop: Path, arguments: list[str], told: str) -> None:
    done = run(shop, *arguments, code=2)
    assert told in done.stderr
    assert done.stdout == ""


# --- suggest ------------------------------------------------------------------------------------


def test_the_report(shop: Path) -> None:
    told = run(shop, "suggest").stdout
    titles = ("FREE", "CHEAP", "ENTRY POINTS", "NEXT")
    assert sorted(titles, key=told.index) == list(titles)
    assert "pip install" in told
    assert "opentelemetry-instrumentation-flask" in told
    assert "shop.orders.place" in told
    assert "withholds password" in told
    assert "autospan apply" in told
    assert "\x1b" not in told
    assert max(len(line) for line in told.splitlines()) <= 100


def test_the_width_of_the_report(shop: Path) -> None:
    for width in (60, 80):
        told = run(shop, "suggest", columns=width).stdout
        assert max(len(line) for line in told.splitlines()) <= width


def test_top_limits_the_report(shop: Path) -> None:
    ranked = run(shop, "suggest", "--quiet").stdout.splitlines()
    assert len(ranked) == 5
    assert run(shop, "suggest", "--quiet", "--top", "2").stdout.splitlines() == ranked[:2]
    assert ranked[0].split("\t")[0] == "1"


def test_a_terminal_gets_colours_unless_it_wants_none(shop: Path) -> None:
    assert b"\x1b[1m" in on_a_terminal(shop)
    assert b"\x1b[" not in on_a_terminal(shop, NO_COLOR="1")
    assert b"\x1b[" not in on_a_terminal(shop, TERM="dumb")


def test_a_page_goes_into_a_file(shop: Path) -> None:
    assert b"give --output report.html" in on_a_terminal(shop, "--format", "html", code=2)
    said = run(shop, "suggest", "-f", "html", "-o", "report.html", "--top", "1")
    assert (said.stdout, said.stderr) == ("", "report.html: open it in a browser\n")
    page = (shop / "report.html").read_text(encoding="utf-8")
    assert page == run(shop, "suggest", "-f", "html", "--top", "1").stdout
    assert "autospan apply --top 1" in page.replace("</span>", "").replace("<span>", "")


def test_the_report_in_markdown(shop: Path) -> None:
    """Every table is whole, and says what the report in JSON says."""
    told = run(shop, "suggest", "-f", "markdown", "--top", "1").stdout
    report = json.loads(run(shop, "suggest", "-f", "json", "--top", "1").stdout)
    (best,) = [each for each in report["functions"] if each["selected"]]
    before = report["summary"]["coverage"]["before"]
    assert f"| 1 | <code>{best['qualname']}</code><br>" in told
    assert f"| entry points with a root span | {before['rooted']} |" in told
    cells = {line.count("|") for line in told.split("\n### Cheap")[1].split("\n\n")[1].splitlines()}
    assert cells == {5}


def on_a_terminal(shop: Path, *arguments: str, code: int = 0, **env: str) -> bytes:
    ours, theirs = pty.openpty()
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "autospan", "suggest", "--top", "1", *arguments],
        cwd=shop,
        env={**plain, "TERM": "xterm", "COLUMNS": "80", **env},
        stdout=theirs,
        stderr=theirs if code else None,
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        told += part
    os.close(ours)
    assert process.wait() == code
    return told


def test_a_reader_that_goes_away_is_no_error(shop: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "autospan", "suggest", "--format", "json"],
        cwd=shop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_an_empty_folder_and_a_single_file(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "No Python files" in run(tmp_path / "empty", "suggest").stdout
    assert "1 file" in run(shop, "suggest", "shop/orders.py").stdout


def test_problems_change_the_exit_code_only_with_strict(shop: Path) -> None:
    (shop / "shop/old.py").write_text("print 'hello'\n")
    assert "shop/old.py:1" in run(shop, "suggest").stdout
    run(shop, "suggest", "--strict", code=1)
    run(shop, "check", "--strict", "shop/orders.py", code=1)
    run(shop, "check", "shop/orders.py")


def test_source_text_cannot_drive_the_terminal(shop: Path) -> None:
    (shop / "shop/evil.py").write_text(
        'from flask import Flask\n\napp = Flask("x")\n\n\n'
        '@app.get("/\\x1b[31m\\u202e")\ndef f():\n    return 1\n'
    )
    told = run(shop, "suggest", "--verbose").stdout
    assert "\x1b" not in told
    assert "\u202e" not in told


# --- the JSON contract --------------------------------------------------------------------------


def test_json_keeps_its_contract(shop: Path) -> None:
    report = json.loads(run(shop, "suggest", "--format", "json", "--top", "1").stdout)
    schema = json.loads((Path(__file__).parent.parent / "docs/suggest.schema.json").read_bytes())
    jsonschema.validate(report, schema)
    functions = report["functions"]
    names = {each["qualname"] for each in functions}
    assert names == {
        "shop.web.create",
        "shop.orders.place",
        "shop.orders.load",
        "shop.orders.charge",
        "shop.brief.schicke",
        "shop.nightly.main",
    }
    assert [each["rank"] for each in functions] == list(range(1, 7))
    assert [each["selected"] for each in functions].count(True) == 1
    for each in functions:
        assert sum(reason["weight"] for reason in each["reasons"]) == pytest.approx(each["score"])
        assert (each["span"] is None) != (each["skip"] is None)
    entries = {each["name"]: each for each in report["entrypoints"]}
    assert entries["POST /orders"]["root_span"] == "auto"
    assert entries["POST /orders"]["qualname"] == "shop.web.create"


def test_json_is_the_same_every_time(shop: Path) -> None:
    run(shop, "suggest", "-f", "json", "-o", "one.json")
    told = run(shop, "suggest", "-f", "json").stdout
    assert (shop / "one.json").read_text("utf-8") == told


# --- diff, apply, remove ------------------------------------------------------------------------


def test_git_takes_the_diff_that_apply_would_write(shop: Path) -> None:
    committed(shop)
    patch = command(shop, "diff", "--all")
    git(shop, "apply", "--check", data=patch)
    git(shop, "apply", data=patch)
    taken = contents(shop)
    assert b"@__traced__(capture=('auftrag_id',))\r\n" in taken["shop/brief.py"]
    git(shop, "checkout", "-q", ".")
    git(shop, "clean", "-qfd")
    assert contents(shop) == FILES
    command(shop, "apply", "--all")
    assert contents(shop) == taken
    command(shop, "remove")
    assert contents(shop) == FILES


def test_the_diff_of_a_folder_is_taken_in_that_folder(tmp_path: Path, shop: Path) -> None:
    committed(tmp_path)
    patch = command(tmp_path, "diff", "project", "--all")
    git(shop, "apply", data=patch)
    assert b"@__traced__" in (shop / "shop/orders.py").read_bytes()
    git(tmp_path, "apply", "-R", data=patch)
    assert contents(shop) == FILES


def test_apply_twice_then_remove(shop: Path) -> None:
    committed(shop)
    first = run(shop, "apply", "--top", "3").stdout
    assert "Wrote 3 spans" in first
    assert "pip install opentelemetry-api" in first
    assert "git diff" in first
    once = contents(shop)
    assert "Nothing to do" in run(shop, "apply", "--top", "3", "--allow-dirty").stdout
    assert contents(shop) == once
    run(shop, "apply", "--all", "--allow-dirty")
    assert "deleted" in run(shop, "remove").stdout
    assert contents(shop) == FILES
    assert "Nothing to do" in run(shop, "remove").stdout


def test_a_dirty_work_tree_is_refused(shop: Path) -> None:
    committed(shop)
    (shop / "pyproject.toml").write_bytes(FILES["pyproject.toml"] + b"# more\n")
    before = contents(shop)
    refused = run(shop, "apply", "shop", code=2)
    assert "pyproject.toml" in refused.stderr
    assert "--allow-dirty" in refused.stderr
    assert contents(shop) == before
    run(shop, "apply", "shop", "--allow-dirty")
    assert contents(shop) != before


def test_untracked_files_count_only_if_they_would_be_written(shop: Path) -> None:
    committed(shop)
    (shop / "shop/fresh.py").write_bytes(FILES["shop/orders.py"])
    run(shop, "apply", "--function", "shop.orders.*")
    git(shop, "add", "shop/orders.py", "shop/_tracing.py")
    git(shop, "commit", "-qm", "traced")
    assert "shop/fresh.py" in run(shop, "apply", "--function", "shop.fresh.*", code=2).stderr


def test_without_git_apply_just_works(shop: Path) -> None:
    told = run(shop, "apply", "--top", "1").stdout
    assert "git diff" not in told
    assert "autospan remove" in told


def test_the_selection(shop: Path) -> None:
    def added(*options: str) -> list[str]:
        lines = run(shop, "diff", *options).stdout.splitlines()
        return [
            following.partition("(")[0].removeprefix(" def ").removeprefix(" async def ")
            for line, following in pairwise(lines)
            if line.startswith(("+@traced", "+@__traced__"))
        ]

    assert added("--function", "charge", "--function", "shop.orders.l*") == ["load", "charge"]
    assert added("--entrypoints") == ["main"]
    assert len(added("--all")) == 5  # and a block in `create`, which is one statement
    assert len(added()) == 5  # Flask's instrumentation opens the span of `create`
    assert added("--min-score", "1") == []
    assert added("--function", "shop.orders.*", "--top", "1") != []


def test_a_plan_is_carried_out_as_edited(shop: Path) -> None:
    run(shop, "suggest", "-f", "json", "-o", "plan.json", "--top", "2")
    unedited = run(shop, "diff", "--plan", "plan.json").stdout
    assert unedited == run(shop, "diff", "--top", "2").stdout
    plan = {
        "functions": [
            {
                "qualname": "shop.orders.place",
                "span": {
                    "name": "place an order",
                    "attributes": [
                        {"parameter": "order_id", "key": "shop.order"},
                        {"parameter": "qty", "captured": False},
                        {"parameter": "password", "captured": True},
                    ],
                },
            },
            {"qualname": "shop.orders.load", "span": None},
            {"qualname": "shop.orders.charge", "selected": False},
            {"qualname": "shop.orders.gone"},
        ]
    }
    (shop / "plan.json").write_text(json.dumps(plan))
    done = run(shop, "diff", "--plan", "plan.json")
    traced = [line for line in done.stdout.splitlines() if line.startswith("+@traced")]
    assert traced == ['+@traced("place an order", capture={"order_id": "shop.order"})']
    assert "shop.orders.gone" in done.stderr
    assert "`password` stays out" in done.stderr


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"functions": [1]}', '{"version": 9, "functions": []}']
)
def test_a_bad_plan(shop: Path, text: str) -> None:
    (shop / "plan.json").write_text(text)
    assert "plan.json" in run(shop, "apply", "--plan", "plan.json", code=2).stderr
    assert not (shop / "shop/_tracing.py").exists()


def test_what_cannot_be_written_changes_nothing(shop: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with mock.patch("os.fsync", side_effect=full):
        assert "No space left on device" in run(shop, "apply", "--all", code=2).stderr
    assert contents(shop) == FILES


def test_an_interrupt_changes_nothing(shop: Path) -> None:
    with mock.patch("os.fsync", side_effect=KeyboardInterrupt):
        run(shop, "apply", "--all", code=130)
    assert contents(shop) == FILES


# --- check --------------------------------------------------------------------------------------


def test_check(shop: Path) -> None:
    done = run(shop, "check", code=1)
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "shop/nightly.py:4:1: AS001 untraced entry point shop.nightly.main "
        "(main python -m shop.nightly)"
    )
    assert "autospan check --fix" in done.stdout
    run(shop, "apply", "--entrypoints", "--allow-dirty")
    assert run(shop, "check").stdout == "Nothing found in 5 files.\n"
    assert run(shop, "check", "-q").stdout == ""


def test_check_reads_the_whole_project_and_reports_on_the_files(tmp_path: Path, shop: Path) -> None:
    run(tmp_path, "check", "project/shop/orders.py")
    told = run(tmp_path, "check", "project/shop/nightly.py", code=1).stdout
    assert told.startswith("project/shop/nightly.py:4:")
    run(shop / "shop", "check", ".", code=1)


@pytest.mark.parametrize(
    "where", ["def main():  # autospan: ignore[at night nobody looks]", "above"]
)
def test_check_accepts_what_is_ignored_with_a_reason(shop: Path, where: str) -> None:
    path = shop / "shop/nightly.py"
    line = "# autospan: ignore[why]\ndef main():" if where == "above" else where
    path.write_text(path.read_text().replace("def main():", line))
    run(shop, "check")
    assert "ignore[" in run(shop, "explain", "nightly.main").stdout
    assert "marked with" in run(shop, "apply", "--function", "nightly.main").stdout


# --- explain ------------------------------------------------------------------------------------


def test_explain(shop: Path) -> None:
    told = run(shop, "explain", "shop.orders.charge").stdout
    titles = ("REACHED FROM", "CALLED BY", "CALLS", "I/O", "RANK", "PLAN", "DIFF")
    assert sorted(titles, key=told.index) == list(titles)
    assert "def charge(order_id, amount, currency)" in told
    assert "http POST /orders" in told
    assert "shop.web.create  shop/web.py:10 calls" in told
    assert "requests.post" in told
    assert '+@traced(capture=("order_id", "amount", "currency"))' in told


@pytest.mark.parametrize(
    "name", ["charge", "shop.orders:charge", "shop/orders.py:20", "orders.charge"]
)
def test_explain_takes_many_names(shop: Path, name: str) -> None:
    assert run(shop, "explain", name).stdout.startswith("shop.orders.charge\n")


def test_the_score_is_the_sum_of_what_is_shown(shop: Path) -> None:
    told = run(shop, "explain", "place").stdout
    rank = told[told.index("\nRANK") : told.index("\nPLAN")].splitlines()
    numbers = [float(word) for line in rank for word in line.split()[:1] if word[-4:].isdigit()]
    *weights, score = numbers
    assert sum(weights) == pytest.approx(score, abs=0.0002)
    assert len(weights) > 3


def test_explain_says_why_not(shop: Path) -> None:
    (shop / "shop/old.py").write_text("def f():\n    print 'hello'\n")
    (shop / "tests").mkdir()
    (shop / "tests/test_it.py").write_text("def test_it():\n    pass\n")
    (shop / "shop/twice.py").write_text("def charge():\n    return 1\n")
    assert "module body" in run(shop, "explain", "shop.nightly").stdout
    for name, told in (
        ("charge", "may be any of 2"),
        ("shop.old.f", "shop/old.py:2"),
        ("tests/test_it.py:1", "a test"),
        ("tests.test_it.test_it", "a test"),
        ("nowhere.py:3", "no file nowhere.py"),
    ):
        assert told in " ".join(run(shop, "explain", name, code=2).stderr.split())


# --- graph --------------------------------------------------------------------------------------


def test_graph(shop: Path) -> None:
    calls = json.loads(run(shop, "graph").stdout)
    assert calls["shop.web.create"] == ["shop.orders.place"]
    assert "shop.nightly.main" in calls["shop.nightly"]
    assert "requests.post" in calls["shop.orders.charge"]
    assert calls["shop.brief"] == []
    (shop / "shop" / "names.py").write_text('print(", ".join({"a": 1}.keys()))\n')
    calls = json.loads(run(shop, "graph").stdout)
    assert calls["shop.names"] == ["<**PyDict**>.keys", "<**PyStr**>.join", "<builtin>.print"]
    drawn = run(shop, "graph", "--format", "dot", "--min-confidence", "exact").stdout
    assert '"shop.web.create" -> "shop.orders.place"' in drawn
    assert 'subgraph "cluster_shop.web"' in drawn
    assert '"shop.web.create" [label="create\\nhttp POST /orders", style="filled"' in drawn


def test_graph_around_a_function(shop: Path) -> None:
    calls = json.loads(run(shop, "graph", "--from", "place", "--depth", "1", "-f", "json").stdout)
    assert {"shop.orders.charge", "shop.orders.place"} <= set(calls)
    assert "shop.web.create" not in calls
    assert calls["shop.orders.charge"] == []
    callers = ("graph", "--from", "orders.charge", "--direction", "callers", "-f", "json")
    assert "shop.orders.place" in json.loads(run(shop, *callers).stdout)["shop.web.create"]
    told = run(shop, "graph", "--from", "shop.orders.pl*", "--direction", "both").stdout
    assert "shop.orders.place  shop/orders.py:" in told
    assert "shop.web.create" in told.partition("called by")[2]
    assert "leaves the project" not in told
    assert "between them" in run(shop, "graph", "-f", "text").stdout
    assert "did you mean" in run(shop, "graph", "--from", "orders.plaec", code=2).stderr


# --- configuration ------------------------------------------------------------------------------


def test_configuration_errors_are_told_at_once(shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.autospan]\ntop = "ten"\nexcluded = ["x"]\n')
    told = run(shop, "suggest", code=2).stderr
    assert "pyproject.toml:2: `top` must be an integer" in told
    assert "did you mean `exclude`?" in told


def test_a_bad_pack_is_told(shop: Path) -> None:
    (shop / "mine.toml").write_text('[library]\nname = "mine"\nimports = 3\n')
    assert "mine.toml" in run(shop, "suggest", "--pack", "mine.toml", code=2).stderr


def test_flags_override_the_configuration(shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.autospan]\ntop = 1\nnamespace = "old"\n')
    assert len(run(shop, "suggest", "-q").stdout.splitlines()) == 1
    told = run(shop, "diff", "--function", "charge", "--namespace", "acme", "--secret", "amount")
    assert 'capture={"order_id": "acme.order_id", "currency": "acme.currency"}' in told.stdout
    told = run(shop, "diff", "--function", "charge", "--no-capture", "--helper", "autospan.runtime")
    assert "from autospan.runtime import traced" in told.stdout
    assert "capture" not in told.stdout
    assert "shop/orders.py" not in run(shop, "suggest", "-v", "--exclude", "orders.py").stdout


def test_an_older_helper_is_replaced_and_an_edited_one_is_not(shop: Path) -> None:
    run(shop, "apply", "--function", "charge")
    helper = shop / "shop" / "_tracing.py"
    new = helper.read_bytes()
    old = new.replace(f"helper {__version__} ".encode(), b"helper 0.0.9 ")
    helper.write_bytes(old)
    told = run(shop, "apply", "--function", "charge").stdout
    assert told.startswith("Wrote no span: ") and "brought up to date" in told
    assert helper.read_bytes() == new
    helper.write_bytes(old + b"mine = 1\n")
    told = run(shop, "apply", "--function", "charge").stdout
    assert "shop/_tracing.py:1  edited, so not brought up to autospan" in told
    assert "delete all but its first line and run `autospan apply` again" in told
    assert "kept: it was edited since autospan wrote it" in run(shop, "remove").stdout
    assert helper.read_bytes() == old + b"mine = 1\n"
    helper.write_bytes(old.partition(b"\n")[0] + b"\n")
    run(shop, "apply", "--function", "charge")
    assert helper.read_bytes() == new
