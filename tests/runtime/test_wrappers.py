"""`traced` on functions of every kind, in every place: what they keep, and their spans."""

import abc
import asyncio
import contextlib
import copy
import decimal
import functools
import gc
import inspect
import pickle
import sys
import traceback
import types
import typing
import uuid
import weakref
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, sampling
from spans import Spans, current, make, run, span

from autospan import runtime
from autospan.runtime import traced

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


def test_what_wrappers_hold_is_pickled_by_reference(kind):
    """As those do who pickle the function itself: no context variable, no lock, no tracer."""
    work = make(kind, lambda: None)
    held = [each.cell_contents for each in work.__closure__]
    own = [each for each in held if each is not work.__wrapped__ and each is not trace]
    assert own and pickle.loads(pickle.dumps(own)) == own


def test_frames_of_a_wrapper_look_like_those_of_the_function(spans):
    class Order:
        @traced
        def ship(self):
            return sys._getframe(1)

    frame = Order().ship()
    assert frame.f_globals is globals() is Order.ship.__globals__
    assert frame.f_code.co_name == "ship"
    code = Order.ship.__wrapped__.__code__
    assert getattr(frame.f_code, "co_qualname", "") == getattr(code, "co_qualname", "")


@pytest.mark.parametrize("sdk", ["spans", "no_sdk"])
def test_a_traceback_shows_no_arguments(kind, sdk, request):
    """Debug pages print the variables of every frame, and know nothing of `args`."""
    request.getfixturevalue(sdk)
    work = make(kind, lambda password, pin: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        run(work, "hunter2", b="1234")
    frames = [frame for frame, _ in traceback.walk_tb(caught.tb)]
    ours = [frame for frame in frames if frame.f_code.co_filename == runtime.__file__]
    assert ours
    assert not any({"args", "kwargs"}.intersection(frame.f_locals) for frame in ours)


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


def test_wrong_call_of_what_is_stepped_fails_at_the_first_step(spans):
    @traced
    async def later(a): ...

    @traced
    def items(a):
        yield a

    @traced
    async def stream(a):
        yield a

    for start in (later, lambda: next(items()), lambda: anext(stream())):
        with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'a'"):
            asyncio.run(_awaited(start))


async def _awaited(start):
    await start()


def test_any_parameter_name_may_be_used(spans):
    @traced(capture=("name", "args"))
    def work(self, name, function, read, span, target, capture, **args):
        return self, name, function, read, span, target, capture, args

    given = dict.fromkeys(("self", "name", "function", "read", "span", "target", "capture"), 1)
    assert work(**given, kwargs=2) == (*given.values(), {"kwargs": 2})
