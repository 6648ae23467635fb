"""`init` and `packs`: what is printed, written and returned."""

from __future__ import annotations

from pathlib import Path

from test_cli import run

APP = "import flask\napp = flask.Flask(__name__)\n\n@app.route('/')\ndef home():\n    return ''\n"


def _shop(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "requirements.txt").write_text("flask>=2\n")
    (tmp_path / "Procfile").write_text("web: gunicorn app:app\n")
    return tmp_path


def test_init_prints_a_diff_and_writes_nothing(tmp_path: Path) -> None:
    done = run(_shop(tmp_path), "init")
    assert "+++ b/telemetry.py" in done.stdout and "+++ b/gunicorn.conf.py" in done.stdout
    assert "+opentelemetry-instrumentation-flask==" in done.stdout
    assert "autospan init --write" in done.stderr
    assert not (tmp_path / "telemetry.py").exists()


def test_init_write_writes_once(tmp_path: Path) -> None:
    first = run(_shop(tmp_path), "init", "--write")
    assert "Wrote 3 files" in first.stderr
    assert "configure_tracing" in (tmp_path / "gunicorn.conf.py").read_text()
    compile((tmp_path / "telemetry.py").read_text(), "telemetry.py", "exec")
    assert run(tmp_path, "init").stdout == ""


def test_packs_lists_and_tests(tmp_path: Path) -> None:
    pack = tmp_path / "pigeon.toml"
    pack.write_text(
        '[library]\nname = "pigeon"\nimports = ["pigeon"]\n'
        '[[effect]]\nwhere = "call"\nnames = ["pigeon.send"]\nkind = "queue"\nsystem = "pigeon"\n'
    )
    listed = run(tmp_path, "packs", "--pack", "pigeon.toml")
    assert "pigeon" in listed.stdout and "flask" in listed.stdout
    fixture = tmp_path / "fixture.py"
    fixture.write_text(
        "import pigeon\npigeon.send('x')  # effect: queue pigeon\npigeon.rest()  # none\n"
    )
    run(tmp_path, "packs", "test", "fixture.py", "--pack", "pigeon.toml")
    wrong = run(tmp_path, "packs", "test", "fixture.py", code=1)
    assert "fixture.py:2" in wrong.stderr and "is marked and not found" in wrong.stderr
