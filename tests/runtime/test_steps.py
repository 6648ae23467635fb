"""`traced` on what runs in steps: coroutines, generators and asynchronous generators."""

import asyncio
import contextlib
import contextvars
import gc
import inspect
import sys
import threading
import warnings
import weakref

import pytest
from spans import Spans, current, span

from autospan.runtime import traced

# --- Coroutines.


def test_coroutine_is_lazy_and_names_itself(spans):
    @traced("work")
    async def fetch(): ...

    coroutine = fetch()
    assert (coroutine.__name__, coroutine.cr_code.co_name) == ("fetch", "fetch")
    coroutine.close()
    assert not spans.named("work")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        fetch()
        gc.collect()
    (warning,) = seen
    assert "fetch' was never awaited" in str(warning.message)


def test_tasks_keep_their_parents(spans):
    @traced("leaf")
    async def leaf(delay):
        await asyncio.sleep(delay)

    @traced("top")
    async def top():
        await asyncio.gather(leaf(0.002), leaf(0.001), asyncio.create_task(leaf(0)))

    asyncio.run(top())
    parents = {made.parent.span_id for made in spans.named("leaf")}
    assert parents == {spans.one("top").context.span_id}


@pytest.mark.parametrize("kind", ["coroutine", "async generator"])
def test_cancelled_task_is_not_an_error(kind, spans, caplog):
    started = []

    @traced("work")
    async def work():
        started.append(1)
        await asyncio.sleep(5)

    @traced("work")
    async def items():
        yield 1
        await work.__wrapped__()

    async def consume():
        async for _ in items():
            pass

    async def main():
        task = asyncio.create_task(work() if kind == "coroutine" else consume())
        while not started:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not spans.one("work").events
    assert not caplog.records


def test_coroutine_closed_in_another_context(spans, caplog):
    class Pause:
        def __await__(self):
            yield

    @traced("work")
    async def work():
        await Pause()

    coroutine = work()
    contextvars.copy_context().run(coroutine.send, None)
    coroutine.close()
    assert not spans.one("work").events
    assert not caplog.records


# --- Generators.


def count(n):
    with span("body"):
        yield from range(n)
    with span("after"):
        pass
    return "done"


def test_generator_span_lasts_from_first_step_to_end(spans):
    generator = traced("count")(count)(2)
    with span("before"):
        pass
    assert next(generator) == 0
    assert not spans.named("count")
    assert next(generator) == 1
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "done"
    made = spans.one("count")
    assert made.start_time >= spans.one("before").end_time
    assert spans.one("body").parent.span_id == made.context.span_id
    assert spans.one("after").parent.span_id == made.context.span_id


def test_generator_never_started_has_no_span(spans):
    traced("count")(count)(2).close()
    assert not spans.named("count")


def test_generator_does_not_leak_its_context(spans):
    with span("root"):
        before = current()
        for _ in traced("count")(count)(3):
            assert current() == before
            with span("consumer"):
                pass
    assert {made.parent.span_id for made in spans.named("consumer")} == {before}


def test_interleaved_generators_keep_apart(spans):
    @traced("work")
    def work():
        for _ in range(3):
            yield current()

    with span("root"):
        before = current()
        first, second = zip(*zip(work(), work(), strict=True), strict=True)
        assert current() == before
    assert len(set(first)) == len(set(second)) == 1
    assert set(first) != set(second)


def test_generator_protocol_is_kept(spans):
    log = []

    def inner():
        try:
            log.append((yield 1))
            yield 2
        except KeyError:
            yield 3
        finally:
            log.append(current())
        return 4

    @traced("work")
    def work():
        return (yield from inner())

    generator = work()
    assert next(generator) == 1
    assert generator.send("sent") == 2
    assert generator.throw(KeyError("k")) == 3
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == 4
    assert log == ["sent", spans.one("work").context.span_id]
    assert not spans.one("work").events


def test_generator_close_runs_finally_in_the_span(spans):
    log = []

    @traced("work")
    def work():
        try:
            yield 1
        finally:
            log.append(current())

    for close in (lambda generator: generator.close(), lambda generator: None):
        generator = work()
        next(generator)
        close(generator)
        del generator
    assert log == [made.context.span_id for made in spans.named("work")]
    assert len(log) == 2
    assert not any(made.events for made in spans.named("work"))


def test_generator_that_ignores_close(spans):
    @traced("work")
    def work():
        while True:
            with contextlib.suppress(GeneratorExit):
                yield

    generator = work()
    next(generator)
    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        generator.close()
    with pytest.raises(ValueError, match="enough"):
        generator.throw(ValueError("enough"))
    assert len(spans.one("work").events) == 1


def test_exception_thrown_in_leaves_no_trace(spans):
    class ThrownError(Exception): ...

    @traced("work")
    def work():
        with contextlib.suppress(ThrownError):
            yield
        try:
            yield
        finally:
            assert sys.exc_info()[1] is None or isinstance(sys.exc_info()[1], GeneratorExit)
        raise LookupError

    generator = work()
    next(generator)
    error = ThrownError()
    seen = weakref.ref(error)
    gc.disable()
    try:
        generator.throw(error)
        del error
        assert seen() is None
    finally:
        gc.enable()
    with pytest.raises(LookupError) as caught:
        next(generator)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "finish", [list, lambda g: g.close(), lambda g: None], ids=["exhaust", "close", "drop"]
)
def test_generator_steps_in_other_threads_and_contexts(finish, spans, caplog):
    @traced("work")
    def work():
        for _ in range(3):
            with span("step"):
                pass
            yield

    generator = work()
    contextvars.copy_context().run(next, generator)
    thread = threading.Thread(target=next, args=(generator,))
    thread.start()
    thread.join()
    finish(generator)
    del thread, generator
    made = spans.one("work")
    assert {step.parent.span_id for step in spans.named("step")} == {made.context.span_id}
    assert not caplog.records


def test_arguments_of_a_generator_are_released(spans):
    class Big: ...

    @traced("work")
    def work(big):
        del big
        yield

    big = Big()
    seen = weakref.ref(big)
    generator = work(big)
    del big
    next(generator)
    assert seen() is None


class Item:
    """What a generator gives away; nobody but the consumer is to keep it."""


def test_what_is_yielded_is_the_consumers_alone(spans):
    kept = []

    @traced("work")
    def work():
        for _ in range(2):
            item = Item()
            known = weakref.ref(item)
            items, item = [item], None
            yield items.pop()
            kept.append(known() is not None)

    steps = work()
    while next(steps, None):
        pass
    assert (kept, len(spans.named("work"))) == ([False, False], 1)


# --- Async generators.


def test_async_generator_protocol_is_kept(spans):
    log = []

    @traced("work")
    async def work():
        try:
            log.append((yield 1))
            yield 2
        except KeyError:
            yield 3
        finally:
            await asyncio.sleep(0)
            log.append(current())

    async def main():
        before = current()
        generator = work()
        assert inspect.isasyncgen(generator)
        assert await generator.__anext__() == 1
        assert await generator.asend("sent") == 2
        assert current() == before
        assert await generator.athrow(KeyError("k")) == 3
        await generator.aclose()
        assert current() == before

    asyncio.run(main())
    assert log == ["sent", spans.one("work").context.span_id]
    assert not spans.one("work").events


@pytest.mark.parametrize("sdk", [True, False])
def test_async_generator_left_open_is_finalised_once(sdk, install, caplog):
    recorded, ends, kept = Spans(), [], []
    install(recorded.provider if sdk else None)

    @traced("work")
    async def work():
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            ends.append(1)

    async def main():
        kept.append(work())  # left to the shutdown of the loop
        await kept[0].__anext__()
        async for _ in work():  # left to the garbage collector
            break
        await asyncio.sleep(0.01)

    asyncio.run(main())
    assert ends == [1, 1]
    assert len(recorded.named("work")) == 2 * sdk
    assert not any(made.events for made in recorded.named("work"))
    assert not caplog.records


def test_async_generator_steps_in_other_tasks(spans, caplog):
    @traced("work")
    async def work():
        for i in range(3):
            with span("step"):
                await asyncio.sleep(0)
            yield i

    async def main():
        generator = work()

        async def step():
            return await generator.__anext__()

        assert [await asyncio.create_task(step()) for _ in range(3)] == [0, 1, 2]
        await asyncio.create_task(generator.aclose())

    asyncio.run(main())
    made = spans.one("work")
    assert {step.parent.span_id for step in spans.named("step")} == {made.context.span_id}
    assert not caplog.records
