"""`traced` among samplers, processors, processes, and releases of the API; the file itself."""

import ast
import asyncio
import gc
import itertools
import os
import sys
from pathlib import Path
from unittest import mock

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider, sampling
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from spans import Spans, current, make, run, span

from autospan import runtime
from autospan.runtime import traced

# --- Samplers, processors, processes.


def test_unsampled_children_are_not_even_started(kind, install):
    recorded = Spans(sampling.ParentBased(sampling.ALWAYS_OFF))
    install(recorded.provider)
    work = make(kind, lambda a, b: current())
    with mock.patch.object(recorded.provider.id_generator, "generate_span_id") as make_id:
        make_id.side_effect = itertools.count(1).__next__
        with span("root"):
            assert run(work) == current() == 1
        assert make_id.call_count == 1
        assert run(work) == 2  # an unsampled root of its own must still hand on its trace id


def test_unsampled_remote_parent_gets_a_span(install):
    install(Spans(sampling.ParentBased(sampling.ALWAYS_OFF)).provider)
    remote = trace.SpanContext(1 << 70, 5, True, trace.TraceFlags(0))
    with trace.use_span(trace.NonRecordingSpan(remote)):
        assert make("function", lambda a, b: current())() not in (0, 5)


def test_other_samplers_are_always_asked(install):
    class Mine(sampling.ParentBased):
        """Says what the official one says, but decides by itself."""

        def should_sample(self, parent_context, trace_id, name, *args, **kwargs):
            rule = sampling.ALWAYS_ON if name == "work" else sampling.ALWAYS_OFF
            return rule.should_sample(parent_context, trace_id, name)

    recorded = Spans(Mine(sampling.ALWAYS_OFF))
    install(recorded.provider)
    with span("root"):
        make("function", lambda a, b: 0)()
    recorded.one("work")


def test_traced_exporter_does_not_feed_itself(spans):
    calls = []

    class Exporter(InMemorySpanExporter):
        @traced("export")
        def export(self, batch):
            calls.append(len(batch))
            return super().export(batch)

    spans.provider.add_span_processor(SimpleSpanProcessor(Exporter()))
    make("function", lambda a, b: 0)()
    assert calls == [1]
    assert not spans.named("export")


@pytest.mark.parametrize("step", ["should_sample", "generate_span_id", "on_start", "on_end"])
def test_what_the_sdk_calls_is_not_traced(kind, step, install):
    """A project's own sampler or processor may be traced as well: no span in a span without end."""
    calls = []

    @traced("own")
    def own(*args, **kwargs):
        calls.append(step)
        return given(*args, **kwargs)

    recorded = Spans()
    install(recorded.provider)
    processor = SpanProcessor()
    recorded.provider.add_span_processor(processor)
    owner = {
        "should_sample": recorded.provider.sampler,
        "generate_span_id": recorded.provider.id_generator,
    }.get(step, processor)
    given = getattr(owner, step)
    with mock.patch.object(owner, step, own):
        assert run(make(kind, lambda a, b: a), 3) == 3
    assert calls == [step]
    assert not recorded.named("own")
    own_again = traced("after")(lambda: 1)
    own_again()
    assert recorded.one("after")


def test_hash_of_the_provider_is_not_traced(install):
    class Provider(TracerProvider):
        @traced("hash")
        def __hash__(self):
            return 1

    recorded, provider = InMemorySpanExporter(), Provider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(recorded))
    install(provider)
    assert make("function", lambda a, b: a)(3) == 3
    assert [each.name for each in recorded.get_finished_spans()] == ["work"]


def test_every_span_that_starts_ends(spans):
    counts = {"started": 0, "ended": 0}

    class Counter(SpanProcessor):
        def on_start(self, span, parent_context=None):
            counts["started"] += 1

        def on_end(self, span):
            counts["ended"] += 1

    spans.provider.add_span_processor(Counter())

    @traced("numbers")
    def numbers():
        yield from itertools.count()

    @traced("more")
    async def more():
        for i in numbers():
            yield i
            await asyncio.sleep(0)

    async def use(stop):
        async for i in more():
            if i == stop:
                break

    async def main():
        await asyncio.gather(*(use(i % 5) for i in range(50)))

    asyncio.run(main())
    for i in range(200):
        assert next(itertools.islice(numbers(), i % 7, None)) == i % 7
    gc.collect()
    assert counts == {"started": 300, "ended": 300}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_child_records(spans):
    work = make("function", lambda a, b: 0)
    work()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        before = len(spans.exporter.get_finished_spans())
        work()
        made = len(spans.exporter.get_finished_spans()) - before
        os.write(writer, str(made).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"1"
    os.close(reader)
    os.close(writer)


# --- The file itself.


def test_file_is_short_and_self_contained():
    source = Path(runtime.__file__).read_text("utf-8")
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"opentelemetry"}
    assert len(source.splitlines()) <= 300
    assert "project owns it" in source.splitlines()[0]
