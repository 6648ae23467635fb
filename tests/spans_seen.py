"""A plugin of pytest for programs under test: all spans that are opened in a run, written as JSON
to the file that SPANS_SEEN names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
FlaskInstrumentor().instrument()


def pytest_sessionfinish() -> None:
    """Write of each span that has ended its name, id, parent's id, whether something was raised."""
    rows = [
        (
            each.name,
            each.context.span_id,
            each.parent.span_id if each.parent else None,
            any(event.name == "exception" for event in each.events),
        )
        for each in exporter.get_finished_spans()
    ]
    Path(os.environ["SPANS_SEEN"]).write_text(json.dumps(rows), "utf-8")
