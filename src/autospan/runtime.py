"""`traced`: OpenTelemetry spans for functions. Written once by autospan; the project owns it."""

from __future__ import annotations

import inspect
import os
import re
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from enum import Enum
from functools import WRAPPER_ASSIGNMENTS, lru_cache, partial, update_wrapper
from typing import Any, TypeVar, overload

F = TypeVar("F", bound="Callable[..., Any]")


@overload
def traced(name: str | None = None, /, *, capture: Iterable[str] = ()) -> Callable[[F], F]: ...
@overload
def traced(function: F, /) -> F: ...
@overload
def traced(*, block: str, capture: Mapping[str, object] = ...) -> Any: ...
def traced(target: Any = None, /, *, capture: Any = (), block: str = "") -> Any:
    """Give every call of a function a span, with the chosen parameters as attributes.

    Functions keep what they are; the span of a generator lasts from first step to end. `capture`
    names parameters, or maps them to attribute keys; a block's maps keys to values. Recorded are
    numbers, strings (cut), enums by value, collections by length; no parameter that looks secret:
        @traced("checkout", capture=("order_id", "amount"))  # @traced: by module and function
        with traced(block="checkout", capture={"order_id": order_id}):  # around a body
    """
    if block:
        read = capture and (lambda v, _: {k: a for k in v if (a := _attribute(v[k])) is not None})
        return _start(block, read, capture, None) or nullcontext()
    keys = dict(capture) if isinstance(capture, Mapping) else {name: name for name in capture}
    if target is None or isinstance(target, str):
        return partial(_decorate, name=target, keys=keys)
    return _decorate(target, None, keys)


def _decorate(target: Any, name: str | None, keys: Mapping[str, str]) -> Any:
    if isinstance(target, (classmethod, staticmethod)):
        return type(target)(_decorate(target.__func__, name, keys))
    if isinstance(target, property):
        return target.getter(_decorate(target.fget, name, keys))
    code: Any = getattr(target, "__code__", None)
    if code is not None and code in _MANAGERS:  # the span covers the block, not the creation
        return _MANAGERS[code](_decorate(target.__wrapped__, name, keys))
    if not callable(target) or isinstance(target, type):
        raise TypeError(f"traced is for functions, not for {target!r}")
    path = f"{target.__module__}.{getattr(target, '__qualname__', type(target).__qualname__)}"
    stepwise = inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target)
    wrap, name = _stepwise if stepwise else _at_once, name or path.replace(".<locals>", "")
    wrapper = wrap(target, name, _reader(target, keys), _otel, _start)
    if inspect.isfunction(target):  # in frames, names and globals are those of the function
        own, scope = wrapper.__code__, globals() if stepwise else target.__globals__
        named = {k: getattr(code, k) for k in ("co_name", "co_qualname") if hasattr(code, k)}
        named["co_flags"] = own.co_flags | code.co_flags & inspect.CO_ITERABLE_COROUTINE
        wrapper = type(target)(own.replace(**named), scope, closure=wrapper.__closure__)
    return update_wrapper(wrapper, target, (*WRAPPER_ASSIGNMENTS, "__defaults__", "__kwdefaults__"))


def _at_once(function: Any, name: str, read: Any, otel: Any, start: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            if otel.api._TRACER_PROVIDER is None or not (span := start(name, read, args, kwargs)):
                return function(*args, **kwargs)
            with span:
                return function(*args, **kwargs)
        finally:  # a traceback does not show them, nor keep them alive
            del args, kwargs

    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        try:
            if otel.api._TRACER_PROVIDER is None or not (span := start(name, read, args, kwargs)):
                return await function(*args, **kwargs)
            with span:
                return await function(*args, **kwargs)
        finally:
            del args, kwargs

    return coroutine if inspect.iscoroutinefunction(function) else call


def _stepwise(function: Any, name: str, read: Any, otel: Any, start: Any) -> Any:
    def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        body, span = function(*args, **kwargs), start(name, read, args, kwargs, None)
        del args, kwargs
        if span is None:
            return (yield from body)
        inside, send, step, value = span[1], body.send, body.send, None
        attach, detach, current = otel.attach, otel.detach, otel.current
        with span:
            while True:
                token = attach(inside)
                try:
                    item = step(value)
                except StopIteration as stop:
                    return stop.value
                finally:  # keep the spans that the body holds open, not an exception thrown in
                    inside, value = current(), detach(token)
                try:
                    step, value = send, (yield (item, item := None)[0])  # the consumer's alone
                except BaseException as error:
                    step, value = body.throw, error

    async def async_generator(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        body, span = function(*args, **kwargs), start(name, read, args, kwargs, None)
        del args, kwargs
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)  # else the event loop finalises body and wrapper at once
        inside, step = span and span[1], body.asend(None)
        sys.set_asyncgen_hooks(*hooks)
        with span or nullcontext():
            while True:
                token = span and otel.attach(inside)
                try:
                    item = await step
                except StopAsyncIteration:
                    return
                finally:  # to detach fails if it is finalised in another Context
                    inside, step = span and otel.current(), span and _quietly(otel.detach, token)
                try:
                    step = body.asend((yield (item, item := None)[0]))
                except BaseException as error:
                    step = body.athrow(error)

    return async_generator if inspect.isasyncgenfunction(function) else generator


_MANAGERS = {make(_at_once).__code__: make for make in (contextmanager, asynccontextmanager)}
_sdk: Any = threading.local()  # whether code of the SDK runs in this thread, and the tracer
_NAMED = os.environ.get("OTEL_PYTHON_TRACER_PROVIDER")  # the API loads it when asked for one
_LATE: Any = property(lambda *_, modules=sys.modules: modules.get("opentelemetry.trace", _NAMED))
_otel: Any = type("_otel", (), {"api": type("", (), {"_TRACER_PROVIDER": _LATE})(), "trace": None})


def _load() -> Any:
    """Bind OpenTelemetry, which somebody else has loaded: before that, nobody can be listening."""
    from opentelemetry import context, trace  # private names serve speed; else public ones do

    trace.get_tracer_provider()  # loads one that is named; fails while the module is loading
    context.get_current()  # older releases load their runtime context at its first use
    now: Any = getattr(context, "_RUNTIME_CONTEXT", None) or context
    _otel.attach, _otel.detach, _otel.current = now.attach, now.detach, now.get_current
    if type(now).__module__ == "opentelemetry.context.contextvars_context":
        _otel.attach, _otel.detach, _otel.current = (v := now._current_context).set, v.reset, v.get
    _otel.off = getattr(context, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation")
    (_otel.key,) = trace.set_span_in_context(trace.INVALID_SPAN, context.Context())
    _otel.api = trace if hasattr(trace, "_TRACER_PROVIDER") else _otel.api
    _otel.trace = trace
    return trace


class _Span(tuple[Any, ...]):
    """A started span, the context in it, and the token of that, unless it is entered stepwise."""

    __enter__ = object.__init__  # nothing is left to do

    def __exit__(self, kind: Any, error: Any, frames: Any, sdk: Any = _sdk) -> None:
        (span, _, token), sdk = self, sdk.__dict__
        before, sdk["runs"] = sdk.get("runs"), True
        try:
            if token:
                _quietly(_otel.detach, token)  # fails if finalised in another Context
            if error is not None:
                _quietly(self.record, error)
            span.end()
        except Exception:
            return
        finally:
            sdk["runs"] = before

    def record(self, error: BaseException) -> None:  # cancelled, interrupted: no failures
        exits = isinstance(error, SystemExit) and type(error.code) in (int, str) and error.code != 0
        fails = issubclass(type(error), Exception) and not issubclass(type(error), _ENDS)
        if (exits or fails) and self[0].is_recording():
            kind, message = _headline(error)
            event = {"type": kind, "message": message, "stacktrace": _stack(error)}
            self[0].add_event("exception", {f"exception.{k}": text for k, text in event.items()})
            self[0].set_status(_otel.trace.StatusCode.ERROR, f"{kind}: {message}")


def _start(name: str, read: Any, args: Any, kwargs: Any, enter: Any = True) -> Any:
    """Start the span of a call; None if nobody listens, that fails, or code of the SDK calls."""
    sdk: Any = getattr(_sdk, "__dict__", None)  # of this thread; none at the interpreter's end
    if sdk is None or sdk.get("runs") or (otel := _otel).api._TRACER_PROVIDER is None:
        return None
    try:
        sdk["runs"] = True
        trace = otel.trace or _load()
        provider = trace._TRACER_PROVIDER if otel.api is trace else trace.get_tracer_provider()
        parent = (current := otel.current()).get(otel.key)
        dropped = type(parent) is trace.NonRecordingSpan and _dropped(provider, parent)
        if provider is None or dropped or current.get(otel.off):
            return None
        if sdk.get("provider") is not provider:
            sdk.update(provider=provider, tracer=provider.get_tracer(__name__))
        span = sdk["tracer"].start_span(name, current)
        if read and type(span) is not trace.NonRecordingSpan:
            _quietly(span.set_attributes, read(args, kwargs))
        inside = type(current)({**current, otel.key: span})
        return _Span((span, inside, enter and otel.attach(inside)))
    except Exception:
        return None
    finally:
        sdk["runs"] = False


@lru_cache(maxsize=64)
def _dropped(provider: Any, parent: Any) -> bool:
    """Whether a child would surely only repeat that the trace of its parent is not sampled."""
    known, sampler = parent.get_span_context(), getattr(provider, "sampler", provider)
    official = type(sampler).__module__ == "opentelemetry.sdk.trace.sampling"
    off = official and sampler.get_description().rstrip("}").endswith("AlwaysOffSampler")
    return off and known.is_valid and not (known.is_remote or known.trace_flags.sampled)


def _quietly(action: Any, value: Any) -> Any:
    try:
        return action(value)
    except Exception:
        return None


# From here on no code of values or exceptions runs, as it would by `str` or `format_exception`.
_ENDS, _PLAIN = (StopIteration, StopAsyncIteration), (str, int, float, bool, type(None))
_SIZED = (list, tuple, dict, set, frozenset, bytes, bytearray)
_WRITTEN = ("uuid.UUID", "decimal.Decimal", "datetime.date")
_SECRET = (  # anywhere in a name, or at its end
    "(api|app|application|encryption|gpg|license|master|pgp|private|recaptcha|ssh)key|authorization|"
    "cardnumber|connectionstring|cookie|credential|creditcard|csrf|databaseurl|geolocation|ipaddress|"
    "passphrase|passw(d|or)|pemfile|pincode|remoteaddr|routingnumber|security(answer|code|question)|"
    "secret|serviceaccount|phpsessid|session|signature|socialsecurity|voterid|xforwardedfor|xrealip|xsrf|"
    "(2fa|auth|card|ccnumber|cvv|dburl|dsn|iban|jti|jwt|nonce|otp|passhash|pin|pwd|salt|ssn|token)\\b"
)


def _headline(error: BaseException) -> tuple[str, str]:
    """Type and message: `str(error)` where the interpreter alone makes it, else plain arguments."""
    kind, args = type(error), vars(BaseException)["args"].__get__(error)
    plain = [arg for arg in args if type(arg) in _PLAIN]
    builtin = isinstance(kind.__str__, type(object.__str__))
    known = builtin and (len(plain) == len(args) or kind is UnicodeDecodeError)
    message = _quietly(", ".join, map(str, [error] if known else plain)) or ""
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."), _attribute(message)


def _stack(error: BaseException, depth: int = 8) -> str:
    """The tracebacks of an exception and its causes, without source lines and our own frames."""
    from traceback import format_list, walk_tb  # few programs need it

    at = ((f.f_code.co_filename, n, f.f_code.co_name, "") for f, n in walk_tb(error.__traceback__))
    lines = "".join(format_list([step for step in at if step[0] != __file__][-100:]))
    cause = error.__cause__ if error.__suppress_context__ else error.__context__
    before = f"{_stack(cause, depth - 1)}\n\nled to:\n\n" if cause is not None and depth else ""
    return f"{before}Traceback (most recent call last):\n{lines}{': '.join(_headline(error))}"


def _reader(function: Any, keys: Mapping[str, str]) -> Any:
    words = {n: re.sub(r"[^a-z0-9 ]|\d+\b", "", f"{n} {key}".lower()) for n, key in keys.items()}
    keys = {name: key for name, key in keys.items() if not re.search(_SECRET, words[name])}
    if not keys or not inspect.isfunction(function):
        return None
    names, rest, extra = inspect.getargs(function.__code__)
    places = {name: place for place, name in enumerate(names[: function.__code__.co_argcount])}
    optional = dict(zip(reversed(places), reversed(function.__defaults__ or ())))
    optional.update(function.__kwdefaults__ or {})
    chosen = [(key, name, places.get(name, sys.maxsize)) for name, key in keys.items()]

    def read(args: Any, kwargs: Any) -> dict[str, Any]:
        if rest in keys or extra in keys:
            other = ", ".join(name for name in kwargs if name not in names)
            kwargs = {**kwargs, rest: args[len(places) :], extra: other}
        found, given = {}, len(args)
        for key, name, place in chosen:
            value = args[place] if place < given else kwargs.get(name, optional.get(name))
            kind = type(value)  # the common ones without a call, which would cost as much again
            small = kind is float or (kind is int and -(1 << 63) < value < 1 << 63)
            short = kind is str and len(value) <= 500 and value.isascii()
            if small or short or (value := _attribute(value)) is not None:
                found[key] = value
        return found

    return read


def _attribute(value: Any) -> Any:
    kind = type(value)
    if kind is str:  # without the surrogates that exporters fail on
        return value[:500].encode("utf-8", "replace").decode("utf-8")
    if type(kind) is not type:  # the metaclass may have code of its own
        known = issubclass(kind, Enum)
        return _attribute(object.__getattribute__(value, "_value_")) if known else None
    if kind in _PLAIN:
        return _attribute(hex(value)) if kind is int and value.bit_length() > 63 else value
    written = f"{kind.__module__}.{kind.__qualname__}" in _WRITTEN
    return len(value) if kind in _SIZED else str(value) if written else None
