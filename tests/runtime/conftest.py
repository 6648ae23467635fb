"""What the tests of `traced` get: a provider that records, or none; each kind of function."""

import pytest
from opentelemetry import trace
from spans import KINDS, Spans


@pytest.fixture
def install(monkeypatch):
    """Makes a provider the global one, which the API itself allows only once in a process."""
    return lambda provider: monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)


@pytest.fixture
def spans(install):
    recorded = Spans()
    install(recorded.provider)
    return recorded


@pytest.fixture
def no_sdk(install):
    install(None)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param
