"""When `traced` loads OpenTelemetry: not before somebody else has, nor where it is missing."""

import importlib.util
import itertools
import os
import subprocess
import sys
import types
from pathlib import Path

import opentelemetry
import pytest
from opentelemetry import context, trace
from spans import Spans, current, make, run

from autospan import runtime

PROGRAM = """
import asyncio, sys
{before}
sys.path.insert(0, {folder!r})
from runtime import traced

@traced
def function():
    return list(generator())

@traced(capture=("items",))
def generator(items=3):
    with traced(block="body", capture={{"items": items}}):
        yield from range(items)

@traced
async def coroutine():
    return [item async for item in agenerator()]

@traced
async def agenerator():
    for item in function():
        yield item

class Of:
    @property
    @traced
    def items(self):
        return asyncio.run(coroutine())

assert Of().items == [0, 1, 2]
print("opentelemetry" in sys.modules)
{after}
"""

LISTENING = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider, export
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

assert Of().items == [0, 1, 2]  # with the API alone
recorded = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(export.SimpleSpanProcessor(recorded))
trace.set_tracer_provider(provider)
assert Of().items == [0, 1, 2]
print(*sorted(span.name for span in recorded.get_finished_spans()))
"""

NAMED = """
from opentelemetry import trace

print(type(trace._TRACER_PROVIDER).__module__)
"""

MISSING = "sys.modules['opentelemetry'] = None  # to import it fails"


def outcome(before="", after="", **env):
    code = PROGRAM.format(before=before, folder=str(Path(runtime.__file__).parent), after=after)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    env = {**clean, **env, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_nothing_is_loaded_until_somebody_else_has_loaded_it():
    loaded, names = outcome(after=LISTENING)
    assert loaded == "False"
    expected = ("Of.items", "agenerator", "coroutine", "function", "generator")
    assert names.split() == [*(f"__main__.{name}" for name in expected), "body"]


@pytest.mark.parametrize("env", [{}, {"OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}])
def test_programs_run_where_opentelemetry_is_not_installed(env):
    assert outcome(before=MISSING, **env) == ["True"]


def test_provider_that_the_environment_names_is_loaded_at_the_first_span():
    found = outcome(after=NAMED, OTEL_PYTHON_TRACER_PROVIDER="sdk_tracer_provider")
    assert found == ["True", "opentelemetry.sdk.trace"]


# --- In this process, which has loaded it long since.


@pytest.fixture
def copied(tmp_path):
    """A copy of the file in a project, as it is when imported."""
    path = tmp_path / "_tracing.py"
    path.write_bytes(Path(runtime.__file__).read_bytes())
    spec = importlib.util.spec_from_file_location("shop._tracing", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def public(module):
    """A module as it would be without its private names."""
    names = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return types.SimpleNamespace(**names)


def test_copy_works_without_private_names(kind, copied, install, monkeypatch):
    monkeypatch.setattr(opentelemetry, "context", public(context))
    monkeypatch.setattr(opentelemetry, "trace", public(trace))
    work = make(kind, lambda a, b: current(), copied.traced("work", capture=("a",)))
    install(None)
    assert run(work) == 0
    recorded = Spans()
    install(recorded.provider)
    assert run(work) == recorded.one("work").context.span_id
    assert recorded.attributes("work") == {"a": 1}
    assert recorded.one("work").instrumentation_scope.name == "shop._tracing"
    assert current() == 0


def test_called_while_opentelemetry_is_loading(kind, copied, spans, monkeypatch):
    """Which may import packages that are traced, and runs code of entry points."""
    work = make(kind, lambda a, b: current(), copied.traced("work"))
    with monkeypatch.context() as loading:
        half = types.ModuleType("opentelemetry.trace")
        before = itertools.takewhile(
            lambda pair: pair[0] != "_TRACER_PROVIDER", vars(trace).items()
        )
        vars(half).update(before)
        loading.setitem(sys.modules, "opentelemetry.trace", half)
        loading.setattr(opentelemetry, "trace", half)
        assert run(work) == 0
    assert run(work) == spans.one("work").context.span_id
