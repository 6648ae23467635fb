"""`init`: the wiring module works, requirement lines land where they belong, twice is once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from autospan.model import Document, Free, Launch, Place, Source, Survey, Tree
from autospan.requirements import amended
from autospan.wire import wire

LINES = ["opentelemetry-sdk", "opentelemetry-instrumentation-flask==0.66b1"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(
            "requirements.txt",
            "flask\n# end",
            "flask\n# end\nopentelemetry-sdk\nopentelemetry-instrumentation-flask==0.66b1\n",
            id="no final newline",
        ),
        pytest.param(
            "requirements.txt",
            "flask\r\n",
            "flask\r\nopentelemetry-sdk\r\nopentelemetry-instrumentation-flask==0.66b1\r\n",
            id="crlf",
        ),
        pytest.param(
            "pyproject.toml",
            '[project]\ndependencies = [\n  "flask",  # web\n  "x[a]"\n]\nname = "n"\n',
            '[project]\ndependencies = [\n  "flask",  # web\n  "x[a]",\n  "opentelemetry-sdk",\n'
            '  "opentelemetry-instrumentation-flask==0.66b1",\n]\nname = "n"\n',
            id="a list of lines",
        ),
        pytest.param(
            "pyproject.toml",
            '[project]\nname = "n"\ndependencies = ["flask", "redis"]\n[tool.x]\na = 1\n',
            '[project]\nname = "n"\ndependencies = ["flask", "redis",\n    "opentelemetry-sdk",\n'
            '    "opentelemetry-instrumentation-flask==0.66b1",\n]\n[tool.x]\na = 1\n',
            id="a list in one line",
        ),
        pytest.param(
            "pyproject.toml",
            "[project]\ndependencies = []\n",
            '[project]\ndependencies = [\n    "opentelemetry-sdk",\n'
            '    "opentelemetry-instrumentation-flask==0.66b1",\n]\n',
            id="an empty list",
        ),
        pytest.param(
            "pyproject.toml",
            '[tool.poetry.dependencies]\npython = "^3.10"\n\n[tool.x]\n',
            '[tool.poetry.dependencies]\npython = "^3.10"\nopentelemetry-sdk = "*"\n'
            'opentelemetry-instrumentation-flask = "0.66b1"\n\n[tool.x]\n',
            id="poetry",
        ),
        pytest.param(
            "setup.cfg",
            "[options]\ninstall_requires =\n  flask\n  redis\nzip_safe = no\n",
            "[options]\ninstall_requires =\n  flask\n  redis\n  opentelemetry-sdk\n"
            "  opentelemetry-instrumentation-flask==0.66b1\nzip_safe = no\n",
            id="setup.cfg",
        ),
        pytest.param("setup.py", "setup(install_requires=['flask'])", None, id="code is left"),
        pytest.param("pyproject.toml", "[tool.black]\n", None, id="no dependencies here"),
        pytest.param(
            "pyproject.toml", "dependencies = [\n[project]\n", None, id="what nobody can read"
        ),
        pytest.param(
            "pyproject.toml",
            '[project]\ndynamic = ["dependencies"]\n',
            None,
            id="dynamic dependencies",
        ),
    ],
)
def test_requirement_lines(path: str, text: str, expected: str | None) -> None:
    assert amended(Document(path, text), LINES) == expected


def _source(path: str, text: str = "") -> Source:
    data = text.encode()
    package = path.endswith("__init__.py")
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Source(path, module, package, data, "utf-8", hashlib.sha256(data).hexdigest())


FREE = Free("opentelemetry-instrumentation-flask", "flask", "spans", pin=LINES[1])
OLD = Free("opentelemetry-instrumentation-redis", "redis", "spans", pin="x", fits=False)
WIRED = Free("opentelemetry-instrumentation-celery", "celery", "spans", pin="y", wired=True)
GUNICORN = Launch(
    Place("Procfile", 1),
    "gunicorn",
    "gunicorn shop.wsgi:app",
    "shop.wsgi",
    "it forks",
    code="def post_fork(server, worker):\n    import {module}\n",
    file="gunicorn.conf.py",
)


def _tree(*extra: Source, requirements: str = "flask\n") -> Tree:
    shop = ("shop/__init__.py", "shop/web.py", "shop/db.py", "tests/__init__.py", "manage.py")
    sources = (*(_source(path) for path in shop), *extra)
    return Tree("/", sources, (Document("requirements.txt", requirements),))


def test_what_is_written() -> None:
    wiring = wire(Survey(free=(FREE, OLD, WIRED), launches=(GUNICORN,)), _tree())
    after = {patch.path: (patch.after or b"").decode() for patch in wiring.patches}
    assert list(after) == ["gunicorn.conf.py", "requirements.txt", "shop/telemetry.py"]
    assert "import shop.telemetry" in after["gunicorn.conf.py"]
    assert after["requirements.txt"].endswith("-flask==0.66b1\n")
    assert '"opentelemetry-instrumentation-flask"' in after["shop/telemetry.py"]
    assert "redis" not in after["shop/telemetry.py"], "the library is too old for it"
    assert "celery" not in after["shop/telemetry.py"], "it is wired already"
    assert not wiring.steps


def test_a_file_of_the_project_is_never_overwritten() -> None:
    own = (_source("gunicorn.conf.py", "bind = ''\n"), _source("shop/telemetry.py", "x = 1\n"))
    wiring = wire(Survey(free=(FREE,), launches=(GUNICORN,)), _tree(*own))
    assert [patch.path for patch in wiring.patches] == ["requirements.txt", "shop/_telemetry.py"]
    assert [step.where for step in wiring.steps] == ["gunicorn.conf.py"]
    assert "import shop._telemetry" in wiring.steps[0].do


def test_twice_is_once() -> None:
    survey = Survey(free=(FREE,))
    first = {patch.path: patch.after or b"" for patch in wire(survey, _tree()).patches}
    again = _tree(
        _source("shop/telemetry.py", first["shop/telemetry.py"].decode()),
        requirements=first["requirements.txt"].decode(),
    )
    assert wire(survey, again).patches == ()


def test_without_a_list_of_requirements_it_is_a_step() -> None:
    tree = Tree("/", (_source("run.py"),), ())
    wiring = wire(Survey(free=(FREE,)), tree)
    assert [patch.path for patch in wiring.patches] == ["telemetry.py"]
    assert any(step.do.startswith("pip install opentelemetry-sdk") for step in wiring.steps)


def test_what_registers_no_instrumentor_is_a_step() -> None:
    rq = Free("opentelemetry-instrumentation-rq", "rq", "spans", pin="o-i-rq", by_hand="call it")
    wiring = wire(Survey(free=(FREE, rq)), _tree())
    after = {patch.path: (patch.after or b"").decode() for patch in wiring.patches}
    assert "-rq" not in after["shop/telemetry.py"] and "o-i-rq" in after["requirements.txt"]
    assert [step.do for step in wiring.steps if step.where == "shop.telemetry"] == ["call it"]


EXPORTER = """
class OTLPSpanExporter:
    def export(self, spans):
        print("exported", [span.name for span in spans])
    def shutdown(self): pass
    def force_flush(self, timeout_millis=0): return True
"""
APP = """
from telemetry import configure_tracing
configure_tracing()
import flask
app = flask.Flask(__name__)
app.route("/orders/<int:number>")(lambda number: "fine")
app.test_client().get("/orders/7")
from opentelemetry import trace
trace.get_tracer_provider().shutdown()
"""


def test_the_wiring_works(tmp_path: Path) -> None:
    """Flask's own package opens a span, although only our module was called."""
    wiring = wire(Survey(free=(FREE,)), Tree("/", (_source("run.py"),), ()))
    (tmp_path / "telemetry.py").write_bytes(wiring.patches[0].after or b"")
    (tmp_path / "run.py").write_text(APP)
    exporter = tmp_path / "opentelemetry/exporter/otlp/proto/http"
    exporter.mkdir(parents=True)
    (exporter / "trace_exporter.py").write_text(EXPORTER)
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert "exported ['GET /orders/<int:number>']" in done.stdout, done.stderr
