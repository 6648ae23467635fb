"""Functions of every kind, traced, and the spans that they leave."""

import asyncio
import inspect

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from autospan.runtime import traced

KINDS = ["function", "coroutine", "generator", "async generator"]


class Spans:
    """The finished spans of one test."""

    def __init__(self, sampler=sampling.ALWAYS_ON):
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def named(self, name):
        return [span for span in self.exporter.get_finished_spans() if span.name == name]

    def one(self, name):
        (span,) = self.named(name)
        return span

    def attributes(self, name):
        return dict(self.one(name).attributes)


def span(name):
    return trace.get_tracer("test").start_as_current_span(name)


def current():
    return trace.get_current_span().get_span_context().span_id


TRACED = traced("work")


def make(kind, body, decorate=TRACED):
    """A decorated function of the kind, which returns or yields what `body(a, b)` gives."""
    if kind == "function":

        def work(a=1, *, b=2):
            return body(a, b)

    elif kind == "coroutine":

        async def work(a=1, *, b=2):
            await asyncio.sleep(0)
            return body(a, b)

    elif kind == "generator":

        def work(a=1, *, b=2):
            yield body(a, b)

    else:

        async def work(a=1, *, b=2):
            await asyncio.sleep(0)
            yield body(a, b)

    return decorate(work)


def run(function, *args, **kwargs):
    """What a call of a function of any kind gives, run to its end."""
    result = function(*args, **kwargs)
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    if inspect.isgenerator(result):
        (item,) = result
        return item
    if inspect.isasyncgen(result):

        async def collect():
            return [item async for item in result]

        (item,) = asyncio.run(collect())
        return item
    return result
