"""All spans that a program opens, written as JSON when it ends, into a folder (SPANS_SEEN).

Where this folder is on PYTHONPATH, every interpreter that starts imports this first: that of the
application's tests, and those of the scripts that these run.
"""

from __future__ import annotations

import atexit
import json
import os
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from wrapt import when_imported

PACKAGES = ("celery", "flask", "redis", "requests", "sqlite3", "threading", "urllib")

exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)


def instrument(package: EntryPoint) -> None:
    """Once a library is imported: most of the scripts never import the heaviest."""
    library = {"urllib": "urllib.request"}.get(package.name, package.name)
    when_imported(library)(lambda _: package.load()().instrument())


for each in entry_points(group="opentelemetry_instrumentor"):
    if each.name in PACKAGES:
        instrument(each)


def failed(span: ReadableSpan) -> bool:
    """Whether something was raised in it, which a web framework may have made an answer of."""
    status = span.attributes.get("http.status_code", 0)
    return status >= 400 or any(event.name == "exception" for event in span.events)


@atexit.register
def write() -> None:
    """Of each span that has ended: name, id, parent's id, whether it failed, and who opened it."""
    rows = [
        (
            each.name,
            each.context.span_id,
            each.parent.span_id if each.parent else None,
            failed(each),
            each.instrumentation_scope.name,
        )
        for each in exporter.get_finished_spans()
    ]
    Path(os.environ["SPANS_SEEN"], f"{os.getpid()}.json").write_text(json.dumps(rows), "utf-8")
