"""Where a decorator does harm: special methods, the end of the stack, other threads, the end."""

import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import SpanProcessor
from spans import current, span

from autospan import runtime
from autospan.runtime import traced


class Plain:
    """Special methods of every sort, each with a visible effect."""

    made = 0

    def __new__(cls, *args):
        cls.made += 1
        return super().__new__(cls)

    def __init_subclass__(cls, /, tag="none", **kwargs):
        super().__init_subclass__(**kwargs)
        cls.tag = tag

    def __class_getitem__(cls, item):
        return (cls.__name__, item)

    def __init__(self, *parts):
        self.parts = list(parts)

    def __getattr__(self, name):
        if name == "missing":
            raise AttributeError(name)
        return f"made up {name}"

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def __hash__(self):
        return hash(tuple(self.parts))

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts

    def __iter__(self):
        yield from self.parts

    def __len__(self):
        return len(self.parts)

    def __bool__(self):
        return bool(self.parts)

    def __contains__(self, part):
        return part in self.parts

    def __getitem__(self, place):
        return self.parts[place]

    def __repr__(self):
        return f"Thing{self.parts}"

    def __call__(self, more):
        return [*self.parts, more]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, frames):
        return kind is KeyError

    def __add__(self, other):
        return NotImplemented

    def __radd__(self, other):
        return other + len(self.parts)


SPECIAL = [name for name, value in vars(Plain).items() if callable(getattr(Plain, name, None))]


def thing_of(decorate):
    """`Plain` with all methods decorated, in the order in which a class body would do it."""
    body = {}
    for name, value in vars(Plain).items():
        if isinstance(value, classmethod):
            body[name] = classmethod(decorate(value.__func__))
        elif isinstance(value, staticmethod):
            body[name] = staticmethod(decorate(value.__func__))
        elif callable(value) and name in SPECIAL:
            body[name] = decorate(value)
        elif name == "made":
            body[name] = 0
    # `super()` finds its class in a cell that belongs to `Plain`
    return type("Thing", (Plain,), {n: v for n, v in body.items() if "super" not in names(v)})


def names(value):
    code = getattr(getattr(value, "__func__", value), "__wrapped__", value)
    return getattr(getattr(code, "__code__", None), "co_names", ())


def used(thing):
    """What a class of things does."""
    one, two = thing(1, 2), thing(3)
    with one as inside:
        raise KeyError("swallowed")
    return [
        (
            inside is one,
            one == thing(1, 2),
            one != two,
            two < one,
            sorted([two, one]) == [one, two],
        ),
        (hash(one) == hash(thing(1, 2)), {one: 1}[thing(1, 2)], 2 in one, len(one), bool(thing())),
        (list(one), one[0], repr(one), one(3), one.anything, hasattr(one, "missing"), 5 + one),
        (thing[int][1], type("Sub", (thing,), {}, tag="x").tag),
    ]


def test_special_methods_do_what_they_did(spans):
    assert used(thing_of(traced)) == used(Plain)
    made = {each.name.rpartition(".")[2] for each in spans.exporter.get_finished_spans()}
    assert {"__getattr__", "__hash__", "__eq__", "__iter__", "__len__", "__repr__"} <= made


def test_a_finalizer_is_traced(spans):
    class Thing:
        @traced("del")
        def __del__(self):
            gone.append(current())

    gone = []
    thing = weakref.ref(Thing())
    gc.collect()
    assert thing() is None
    assert gone == [spans.one("del").context.span_id]


def test_arguments_whose_own_methods_are_traced(spans):
    """A span that starts compares, hashes, prints nothing of the program's."""
    thing = thing_of(traced)(1)

    @traced("work", capture=("thing",))
    def work(thing):
        raise ValueError(thing)

    spans.exporter.clear()
    try:
        work(thing)
    except ValueError:
        assert [each.name for each in spans.exporter.get_finished_spans()] == ["work"]


def outcomes(function):
    """What a call gives with ever less of the stack left: its result, or `RecursionError`."""

    def deeper(left):
        return function() if left == 0 else deeper(left - 1)

    found = []
    for left in range(sys.getrecursionlimit() - 120, sys.getrecursionlimit()):
        try:
            found.append(deeper(left))
        except RecursionError:
            found.append("no stack left")
        assert current() == 0
    return found


def test_the_end_of_the_stack(spans):
    """The program gets its own result as long as one frame more is there, and runs once."""
    calls = []

    def leaf():
        calls.append(1)
        return "done"

    plain = outcomes(leaf)
    expected, count = plain.count("done"), len(calls)
    calls.clear()
    given = outcomes(traced("leaf")(leaf))
    assert set(given) == {"done", "no stack left"}
    assert given == sorted(given)  # no failure before the stack is used up
    assert expected - given.count("done") <= 2
    assert len(calls) == given.count("done")
    assert count == expected
    assert 0 < len(spans.named("leaf")) <= len(calls)
    assert traced("after")(leaf)() == "done"
    spans.one("after")


def test_the_sdk_in_one_thread_does_not_silence_another(spans):
    inside, leave = threading.Event(), threading.Event()

    class Slow(SpanProcessor):
        def on_end(self, span):
            if span.name == "slow":
                inside.set()
                assert leave.wait(10)

    spans.provider.add_span_processor(Slow())
    slow = threading.Thread(target=traced("slow")(lambda: None))
    slow.start()
    assert inside.wait(10)
    traced("meanwhile")(lambda: None)()
    spans.one("meanwhile")
    leave.set()
    slow.join()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interrupted_in_the_sdk(error, spans):
    """What must not be swallowed passes, and tracing goes on in that thread."""

    class Interrupted(SpanProcessor):
        def on_start(self, span, parent_context=None):
            if span.name == "interrupted":
                raise error

    spans.provider.add_span_processor(Interrupted())
    with pytest.raises(error):
        traced("interrupted")(lambda: None)()
    assert current() == 0
    traced("after")(lambda: None)()
    spans.one("after")


def test_under_a_trace_function(spans):
    seen = []

    def tracer(frame, event, arg):
        seen.append(frame.f_code.co_name)
        return tracer

    @traced("numbers")
    def numbers():
        yield from range(3)

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        found = list(numbers())
    finally:
        sys.settrace(before)
    assert found == [0, 1, 2]
    assert "numbers" in seen
    spans.one("numbers")


LATE = """
import builtins, sys
sys.path.insert(0, {path!r})
import runtime
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())

class Late:
    write = sys.__stdout__.write

    @runtime.traced
    def __del__(self):
        self.write("gone ")

@runtime.traced
def numbers(write=sys.__stdout__.write):
    try:
        yield 1
        yield 2
    finally:
        write("closed ")

builtins.late, builtins.left = Late(), numbers()
next(builtins.left)
sys.modules["runtime"] = None
for name in {cleared}:
    vars(runtime)[name] = None  # as the interpreter does with the globals of a module, last
"""


@pytest.mark.parametrize("cleared", ["()", "[each for each in vars(runtime) if each[:2] != '__']"])
def test_at_the_end_of_the_interpreter(cleared):
    path = str(Path(runtime.__file__).parent)
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    code = LATE.format(path=path, cleared=cleared)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert sorted(done.stdout.split()) == ["closed", "gone"]
    assert done.stderr == ""


def test_a_span_held_open_by_the_caller_is_not_touched(spans):
    with span("outer"):
        before = current()
        for _ in range(3):
            traced("work")(lambda: None)()
            assert current() == before
