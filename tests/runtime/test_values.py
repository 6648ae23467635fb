"""What `traced` records of parameters and exceptions, and that no code of theirs runs."""

import decimal
import enum
import functools
import uuid
from unittest import mock

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import sampling
from spans import Spans, make, run

from autospan import runtime
from autospan.runtime import traced

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
