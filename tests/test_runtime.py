"""`traced`, the file that instrumented projects get a copy of: what it keeps, what it records."""

import abc
import ast
import asyncio
import contextlib
import contextvars
import copy
import decimal
import enum
import functools
import gc
import importlib.util
import inspect
import itertools
import os
import pickle
import sys
import threading
import types
import typing
import uuid
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import opentelemetry
import pytest
from opentelemetry import context, trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider, sampling
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from autospan import runtime
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


# --- Every kind of function.


def test_result_and_span(kind, spans):
    work = make(kind, lambda a, b: (a, b, current()))
    with span("root"):
        before = current()
        a, b, inside = run(work, 3)
        assert current() == before
    made = spans.one("work")
    assert (a, b) == (3, 2)
    assert made.context.span_id == inside
    assert made.parent.span_id == before
    assert made.status.status_code is trace.StatusCode.UNSET


def test_without_sdk_it_only_calls(kind, no_sdk):
    assert run(make(kind, lambda a, b: (a, b, current())), 3, b=4) == (3, 4, 0)


def test_remote_parent_is_kept_without_sdk(kind, no_sdk):
    remote = trace.SpanContext(1 << 70, 5, True, trace.TraceFlags(1))
    with trace.use_span(trace.NonRecordingSpan(remote)):
        inside = run(make(kind, lambda a, b: trace.get_current_span().get_span_context()))
    assert inside is remote


def test_provider_may_be_set_after_the_first_call(kind, install, no_sdk):
    work = make(kind, lambda a, b: None)
    run(work)
    for recorded in (Spans(), Spans()):
        install(recorded.provider)
        run(work)
        recorded.one("work")


def test_exception_is_recorded_once_and_passes_unchanged(kind, spans):
    error = ValueError("boom")

    def fail(a, b):
        raise error

    with span("root"):
        before = current()
        with pytest.raises(ValueError, match="boom") as caught:
            run(make(kind, fail))
        assert current() == before
    made = spans.one("work")
    (event,) = made.events
    assert caught.value is error
    assert error.__context__ is None
    assert error.__cause__ is None
    assert vars(error) == {}
    assert made.status.description == "ValueError: boom"
    assert event.name == "exception"
    assert event.attributes["exception.type"] == "ValueError"
    assert event.attributes["exception.message"] == "boom"
    assert "in fail" in event.attributes["exception.stacktrace"]
    assert runtime.__file__ not in event.attributes["exception.stacktrace"]


@pytest.mark.parametrize("error", [GeneratorExit, KeyboardInterrupt, SystemExit(0), SystemExit])
def test_control_flow_is_not_an_error(error, spans):
    @traced("work")
    def work():
        raise error

    with pytest.raises(BaseException) as caught:
        work()
    assert caught.value is error or type(caught.value) is error
    assert spans.one("work").status.is_unset


@pytest.mark.parametrize("code", [1, "no configuration"])
def test_failing_exit_is_an_error(code, spans):
    @traced("work")
    def work():
        sys.exit(code)

    with pytest.raises(SystemExit):
        work()
    assert spans.one("work").status.description == f"SystemExit: {code}"


def test_end_of_iteration_is_not_an_error(spans):
    class Countdown:
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return self

        @traced("next")
        def __next__(self):
            if not self.n:
                raise StopIteration
            self.n -= 1
            return self.n

    assert list(Countdown(2)) == [1, 0]
    assert all(not made.events for made in spans.named("next"))


@pytest.mark.parametrize("method", ["on_start", "on_end"])
def test_failing_span_machinery_is_swallowed(kind, method, spans):
    broken = SpanProcessor()
    setattr(broken, method, mock.Mock(side_effect=RuntimeError("broken")))
    spans.provider.add_span_processor(broken)
    calls = []
    assert run(make(kind, lambda a, b: calls.append(a) or a), 7) == 7
    assert calls == [7]
    assert current() == 0


def test_recursion_error_is_the_programs_own(spans):
    @traced("deep")
    def deep(n):
        return deep(n + 1)

    with pytest.raises(RecursionError):
        deep(0)
    assert current() == 0


def test_nothing_is_kept_alive_after_an_exception(kind, spans):
    class Thing: ...

    things = []

    def fail(a, b):
        thing = Thing()
        things.append(weakref.ref(thing))
        raise ValueError

    work = make(kind, fail)
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(ValueError):
            run(work)
        if kind in ("coroutine", "async generator"):
            gc.collect()  # the event loop's own cycles
        assert things[0]() is None
    finally:
        gc.enable()


def test_one_frame_more(kind, spans):
    def depth(a, b):
        return len(inspect.stack(0))

    assert run(make(kind, depth)) - run(make(kind, depth, lambda work: work)) == 1


def test_interpreter_metadata_is_kept(kind):
    plain = make(kind, lambda a, b: None, lambda work: work)
    plain.custom = {"route": "/"}
    work = traced(plain)
    for name in ("__name__", "__qualname__", "__doc__", "__module__", "__defaults__"):
        assert getattr(work, name) == getattr(plain, name)
    assert work.__kwdefaults__ == {"b": 2}
    assert work.__wrapped__ is plain
    assert work.custom == plain.custom
    assert inspect.signature(work) == inspect.signature(plain)
    assert inspect.signature(work, follow_wrapped=False) is not None
    assert inspect.getsource(work) == inspect.getsource(plain)
    assert type(work) is types.FunctionType
    kinds = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    assert work.__code__.co_flags & kinds == plain.__code__.co_flags & kinds
    for is_kind in (
        inspect.isgeneratorfunction,
        inspect.iscoroutinefunction,
        inspect.isasyncgenfunction,
    ):
        assert is_kind(work) == is_kind(plain)


def test_threads_keep_their_own_spans(kind, spans):
    work = make(kind, lambda a, b: current())

    def use(_):
        with span("root"):
            return current(), [run(work) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(use, range(8)))
    parents = {made.context.span_id: made.parent.span_id for made in spans.named("work")}
    assert len(parents) == 40
    assert all(parents[child] == root for root, children in results for child in children)


# --- Names and places of the decorator.


@traced
def at_module_level():
    return current()


def test_default_name_is_module_and_qualified_name(spans):
    class Order:
        @traced
        def pay(self):
            return 1

    at_module_level()
    Order().pay()
    here = f"{__name__}.test_default_name_is_module_and_qualified_name"
    assert spans.one(f"{__name__}.at_module_level")
    assert spans.one(f"{here}.Order.pay")


@pytest.mark.parametrize(
    "decorate", [traced, traced(), traced(capture=("a",)), traced("f", capture={"a": "shop.a"})]
)
def test_every_form_of_the_decorator(decorate, spans):
    @decorate
    def f(a):
        return a

    assert f(5) == 5
    (made,) = spans.exporter.get_finished_spans()
    assert made.name in (f"{__name__}.test_every_form_of_the_decorator.f", "f")


def test_block(spans):
    def f(fails):
        with traced(block="block"):
            with traced(block="inner"):
                depth = len(inspect.stack(0))
            assert trace.get_current_span().name == "block"
            return 1 // 0 if fails else depth

    assert f(False) == len(inspect.stack(0)) + 1
    with pytest.raises(ZeroDivisionError) as caught:
        f(True)
    assert [each.name for each in caught.traceback[1:]] == ["f"]
    assert current() == 0
    good, bad = spans.named("block")
    assert good.status.is_unset
    assert [each.name for each in bad.events] == ["exception"]
    assert spans.named("inner")[0].parent.span_id == good.context.span_id


def test_block_captures_values(spans):
    def f(order_id, items, thing):
        with traced(block="block", capture={"id": order_id, "items": items, "thing": thing}):
            return order_id

    assert f(7, [1, 2], object()) == 7
    assert spans.attributes("block") == {"id": 7, "items": 2}


def test_block_reads_no_value_unless_it_is_recorded(install):
    install(Spans(sampling.ALWAYS_OFF).provider)
    with mock.patch.object(runtime, "_attribute") as read, traced(block="b", capture={"a": 1}):
        pass
    read.assert_not_called()


def test_block_of_a_coroutine(spans):
    async def f(a):
        with traced(block="block"):
            await asyncio.sleep(0)
            return current()

    async def main():
        return await asyncio.gather(f(1), f(2))

    assert asyncio.run(main()) == [each.context.span_id for each in spans.named("block")]


def test_block_without_sdk(no_sdk):
    with traced(block="block"):
        assert current() == 0


def test_block_costs_one_level_not_one_a_call(spans):
    def deep(n):
        with traced(block="deep"):
            return n and 1 + deep(n - 1)

    limit = sys.getrecursionlimit()
    assert deep(limit - len(inspect.stack(0)) - 60) > 0


@pytest.mark.parametrize("target", [int, 5, "text"], ids=repr)
def test_only_functions_can_be_traced(target):
    with pytest.raises(TypeError, match="traced is for functions"):
        traced("name")(target)


def test_methods_with_the_decorator_on_either_side(spans):
    class Shop:
        @classmethod
        @traced("inside")
        def make(cls):
            return cls

        @traced("outside")
        @classmethod
        def make_too(cls):
            return cls

        @staticmethod
        @traced("inside")
        def add(a, b):
            return a + b

        @traced("outside")
        @staticmethod
        def add_too(a, b):
            return a + b

        @property
        @traced("inside")
        def size(self):
            return 3

        @traced("outside")
        @property
        def size_too(self):
            return 3

    class Sub(Shop): ...

    assert Sub.make() is Sub().make() is Sub.make_too() is Sub
    assert Shop.add(1, 2) == Shop().add_too(1, 2) == Shop().size == Shop().size_too == 3
    assert len(spans.named("inside")) == 4
    assert len(spans.named("outside")) == 3


def test_abstract_methods_stay_abstract():
    class Base(abc.ABC):
        @traced
        @abc.abstractmethod
        def one(self): ...

        @abc.abstractmethod
        @traced
        def two(self): ...

    assert Base.__abstractmethods__ == {"one", "two"}


@pytest.mark.parametrize("outside", [False, True])
def test_context_manager_span_covers_the_block(outside, spans):
    seen = []

    def manage(x):
        try:
            yield x
        except KeyError:
            seen.append(current())

    decorators = (contextlib.contextmanager, traced("manage"))
    for decorate in decorators if outside else reversed(decorators):
        manage = decorate(manage)
    with span("root"):
        before = current()
        with manage(3) as x:
            assert current() == before
            raise KeyError
    made = spans.one("manage")
    assert x == 3
    assert seen == [made.context.span_id]
    assert not made.events


@pytest.mark.parametrize("outside", [False, True])
def test_async_context_manager_span_covers_the_block(outside, spans):
    async def manage(x):
        with contextlib.suppress(KeyError):
            yield x

    decorators = (contextlib.asynccontextmanager, traced("manage"))
    for decorate in decorators if outside else reversed(decorators):
        manage = decorate(manage)

    async def main():
        async with manage(3):
            with span("in block"):
                raise KeyError

    asyncio.run(main())
    assert spans.one("manage").end_time > spans.one("in block").end_time
    assert not spans.one("manage").events


@pytest.mark.parametrize("target", [functools.partial(max, 1), max], ids=["partial", "builtin"])
def test_other_callables(target, spans):
    assert traced("call")(target)(2, 3) == 3
    spans.one("call")


def test_generator_based_coroutine(spans):
    @traced("old")
    @types.coroutine
    def old():
        yield from asyncio.sleep(0).__await__()
        return 5

    async def main():
        return await old()

    assert asyncio.run(main()) == 5
    spans.one("old")


def test_pickle_deepcopy_and_weakref():
    assert pickle.loads(pickle.dumps(at_module_level)) is at_module_level
    assert copy.deepcopy(at_module_level) is at_module_level
    assert weakref.ref(at_module_level)() is at_module_level


def test_type_hints_and_autospec():
    @traced
    def charge(amount: "decimal.Decimal", currency: str = "EUR") -> "uuid.UUID": ...

    hints = {"amount": decimal.Decimal, "currency": str, "return": uuid.UUID}
    assert typing.get_type_hints(charge) == hints
    with pytest.raises(TypeError):
        mock.create_autospec(charge)()


def test_wrong_call_fails_with_the_functions_own_words(spans):
    @traced
    def work(a): ...

    with pytest.raises(TypeError, match=r"work\(\) missing 1 required positional argument: 'a'"):
        work()
    with pytest.raises(TypeError, match="unexpected keyword argument 'zz'"):
        work(1, zz=2)


def test_any_parameter_name_may_be_used(spans):
    @traced(capture=("name", "args"))
    def work(self, name, function, read, span, target, capture, **args):
        return self, name, function, read, span, target, capture, args

    given = dict.fromkeys(("self", "name", "function", "read", "span", "target", "capture"), 1)
    assert work(**given, kwargs=2) == (*given.values(), {"kwargs": 2})


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


# --- Captured parameters.


def test_captured_parameters(spans):
    @traced("work", capture=("a", "b", "c", "rest", "k", "extra", "missing"))
    def work(a, /, b, c=3, *rest, k=9, d="not chosen", **extra):
        return a, b, c, rest, k, d, extra

    assert work(1, "x") == (1, "x", 3, (), 9, "not chosen", {})
    assert spans.attributes("work") == {"a": 1, "b": "x", "c": 3, "rest": 0, "k": 9, "extra": ""}
    spans.exporter.clear()
    work(1, 2, 3, 4, 5, k=6, d="private", zone="eu", unit="kg")
    expected = {"a": 1, "b": 2, "c": 3, "rest": 2, "k": 6, "extra": "zone, unit"}
    assert spans.attributes("work") == expected


def test_captured_parameters_of_every_kind(kind, spans):
    run(make(kind, lambda a, b: 0, traced("work", capture={"a": "shop.a", "b": "shop.b"})), 7)
    assert spans.attributes("work") == {"shop.a": 7, "shop.b": 2}


def test_captured_parameters_of_a_method(spans):
    class Order:
        @traced("pay", capture=("amount", "self"))
        def pay(self, amount):
            return amount

    Order().pay(amount=5)
    assert spans.attributes("pay") == {"amount": 5}


class Colour(enum.Enum):
    RED = "red"
    PAIR = (1, 2)
    THING = object()


class Level(enum.IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        (True, True),
        (2.5, 2.5),
        ("name", "name"),
        ("x" * 2_000_000, "x" * 500),
        ("gr\xfc\xdfe \udc80", "gr\xfc\xdfe ?"),
        (2**63 - 1, 2**63 - 1),
        (1 << 80, hex(1 << 80)),
        (10**5000, hex(10**5000)[:500]),
        ([1, 2], 2),
        ({"k": 1}, 1),
        (b"\xff" * 10, 10),
        (frozenset("ab"), 2),
        (Colour.RED, "red"),
        (Colour.PAIR, 2),
        (Level.HIGH, 3),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.50"), "1.50"),
        (None, None),
        (Colour.THING, None),
        (Text("subclass"), None),
        (object(), None),
        (int, None),
        (iter([1]), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_attribute_values(value, attribute, spans):
    @traced("work", capture=("value",))
    def work(value): ...

    work(value)
    expected = {} if attribute is None else {"value": attribute}
    assert spans.attributes("work") == expected


def test_no_code_of_a_value_runs(spans):
    ran = []

    def spy(name):
        return lambda *args: ran.append(name)

    hooks = """
        __repr__ __str__ __bool__ __len__ __iter__ __eq__ __hash__ __getattr__ __getattribute__
        __int__ __float__ __index__ __format__ __call__ __fspath__ __dir__
    """.split()
    body = {name: spy(name) for name in hooks}
    body["__class__"] = property(spy("__class__"))

    class Meta(type):
        __eq__ = __hash__ = __repr__ = __instancecheck__ = __subclasscheck__ = spy("metaclass")

    @traced("work", capture=("a", "b", "c"))
    def work(a, b, c):
        return 7

    class Size(list):
        __len__ = spy("__len__")

    assert work(type("Hostile", (), body)(), Meta("Worse", (), dict(body))(), Size()) == 7
    assert spans.attributes("work") == {}
    assert ran == []


def test_values_are_read_at_entry_and_only_if_recorded(install):
    value = ["one"]

    @traced("work", capture=("value",))
    def work(value):
        value.append("two")

    recorded = Spans()
    install(recorded.provider)
    work(value)
    assert recorded.attributes("work") == {"value": 1}
    with mock.patch.object(runtime, "_attribute") as read:
        for provider in (None, Spans(sampling.ALWAYS_OFF).provider):
            install(provider)
            work(value)
    read.assert_not_called()


SECRETS = """
    password new_password password2 userPasswd db_pwd passphrase password_hash client_secret token
    access_token csrftoken api_key X_API_KEY privateKey ssh_key authorization auth oauth cookie
    set_cookie session session_id jwt otp pin pin_code card credit_card_number cvv iban ssn salt
    nonce signature dsn connection_string credentials security_code
""".split()
HARMLESS = """
    user order_id token_count amount key cache_key pin_count author cardinal pass_width
""".split()


@pytest.mark.parametrize(("names", "expected"), [(SECRETS, []), (HARMLESS, HARMLESS)])
def test_secrets_are_refused(names, expected, spans):
    @traced("work", capture=[*names])
    def work(**given): ...

    work(**dict.fromkeys(names, "value"))
    assert list(spans.attributes("work")) == expected


def test_secret_attribute_key_is_refused(spans):
    @traced("work", capture={"value": "user.password", "other": "user.id"})
    def work(value, other): ...

    work("hunter2", 5)
    assert spans.attributes("work") == {"user.id": 5}


def test_capture_of_what_is_not_the_functions_own_signature(spans):
    def shifted(function):
        @functools.wraps(function)
        def inner(*args):
            return function("injected", *args)

        return inner

    @traced("work", capture=("order_id",))
    @shifted
    def work(session, order_id, token): ...

    work(5, "s3cret")
    assert spans.attributes("work") == {}


# --- Recorded exceptions.


def record(spans, error):
    """The attributes of the event that an exception leaves."""

    @traced("work")
    def work():
        raise error

    try:
        work()
    except type(error) as caught:
        assert caught is error
    (event,) = spans.one("work").events
    return event.attributes


class SilentError(Exception):
    """Its own code must not run while it is recorded."""

    def hook(self, *args):
        raise AssertionError("user code ran")

    __str__ = __repr__ = __bool__ = __len__ = __dir__ = __getattr__ = hook


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("boom"), "boom"),
        (ValueError(), ""),
        (KeyError("k"), "'k'"),
        (FileNotFoundError(2, "No such file", "/nope"), "[Errno 2] No such file: '/nope'"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "'utf-8' codec can't decode byte 0xff"),
        (SilentError("text", 7), "text, 7"),
        (SilentError(SilentError("inner"), 7), "7"),
        (ValueError(object(), "text"), "text"),
        (ValueError("x" * 9999), "x" * 500),
        (ValueError(10**5000), ""),  # too long an int to be printed
    ],
    ids=lambda value: type(value).__name__,
)
def test_exception_message(error, message, spans):
    assert record(spans, error)["exception.message"].startswith(message)


def test_exception_chain_is_recorded_causes_first(spans):
    def inner():
        raise KeyError("inner")

    def outer():
        try:
            inner()
        except KeyError as error:
            raise ValueError("outer") from error

    with pytest.raises(ValueError, match="outer"):
        traced("work")(outer)()
    stack = spans.one("work").events[0].attributes["exception.stacktrace"]
    first, second = stack.split("led to:")
    assert "in inner" in first
    assert "KeyError: 'inner'" in first
    assert "in outer" in second
    assert second.endswith("ValueError: outer")


def test_exception_that_is_its_own_cause(spans):
    error = ValueError("loop")
    error.__cause__ = KeyError("back")
    error.__cause__.__cause__ = error
    assert record(spans, error)["exception.message"] == "loop"


def test_exception_is_recorded_on_every_span_it_leaves(spans):
    inner = traced("inner")(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        traced("outer")(lambda: inner())()
    assert len(spans.one("inner").events) == len(spans.one("outer").events) == 1


def test_status_set_by_the_body_stays(spans):
    @traced("work")
    def work():
        trace.get_current_span().set_status(trace.StatusCode.ERROR, "mine")

    work()
    assert spans.one("work").status.description == "mine"


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

    install(Provider(shutdown_on_exit=False))
    make("function", lambda a, b: 0)()


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
    at_module_level()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        before = len(spans.exporter.get_finished_spans())
        at_module_level()
        made = len(spans.exporter.get_finished_spans()) - before
        os.write(writer, str(made).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"1"
    os.close(reader)
    os.close(writer)


# --- The file itself.


def public(module):
    """A module as it would be without its private names."""
    names = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return types.SimpleNamespace(**names)


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the file in a project, on an API release without the private names."""
    path = tmp_path / "_tracing.py"
    path.write_bytes(Path(runtime.__file__).read_bytes())
    monkeypatch.setattr(opentelemetry, "context", public(context))
    monkeypatch.setattr(opentelemetry, "trace", public(trace))
    spec = importlib.util.spec_from_file_location("shop._tracing", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_copy_works_without_private_names(kind, copied, install):
    assert not copied._DIRECT
    work = make(kind, lambda a, b: current(), copied.traced("work", capture=("a",)))
    install(None)
    assert run(work) == 0
    recorded = Spans()
    install(recorded.provider)
    assert run(work) == recorded.one("work").context.span_id
    assert recorded.attributes("work") == {"a": 1}
    assert recorded.one("work").instrumentation_scope.name == "shop._tracing"
    assert current() == 0


def test_provider_named_by_the_environment_is_loaded_on_first_use(install, monkeypatch):
    recorded = Spans()
    install(None)
    monkeypatch.setattr(
        runtime, "_api", types.SimpleNamespace(_TRACER_PROVIDER=0)
    )  # as with OTEL_PYTHON_TRACER_PROVIDER
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: recorded.provider)
    make("function", lambda a, b: 0)()
    recorded.one("work")


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
