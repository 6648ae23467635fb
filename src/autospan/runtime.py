"""`traced`: OpenTelemetry spans for functions. Written once by autospan; the project owns it.

    @traced                                           # span name: module and qualified name
    @traced(capture=("order_id", "amount"))           # parameters as attributes
    @traced("checkout", capture={"order_id": "shop.order.id"})
    with traced(block="shop.audit.caller"):           # in the body, where a wrapper would be seen

Functions of all kinds keep kind, name, signature, results and exceptions. A generator's span lasts
from first step to end. Failures of tracing are swallowed; without a provider it costs 0.1 us.
"""

import contextlib
import functools
import inspect
import os
import re
import sys
import traceback
import types
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from enum import Enum
from typing import Any, TypeVar, overload

from opentelemetry import context, trace

__all__ = ["traced"]
F = TypeVar("F", bound=Callable[..., Any])


@overload
def traced(name: str | None = None, /, *, capture: Iterable[str] = ()) -> Callable[[F], F]: ...
@overload
def traced(function: F, /) -> F: ...
@overload
def traced(*, block: str) -> contextlib.AbstractContextManager[None]: ...
def traced(target: Any = None, /, *, capture: Iterable[str] = (), block: str = "") -> Any:
    """Give every call of a function a span, with the chosen parameters as attributes.

    `capture` names parameters, or maps them to attribute keys. Values are read at entry, if the
    span records: numbers, strings cut, enums by value, collections by length, of `**names` the
    names, other objects not at all. Names that look secret or that it does not have are ignored.
    """
    if block:
        return _start(block, None, (), {}) or contextlib.nullcontext()
    keys = dict(capture) if isinstance(capture, Mapping) else {name: name for name in capture}
    if target is None or isinstance(target, str):
        return functools.partial(_decorate, name=target, keys=keys)
    return _decorate(target, None, keys)


def _decorate(target: Any, name: str | None, keys: Mapping[str, str]) -> Any:
    code = getattr(target, "__code__", None)
    if isinstance(target, (classmethod, staticmethod)):
        return type(target)(_decorate(target.__func__, name, keys))
    if isinstance(target, property):
        return target.getter(_decorate(target.fget, name, keys))
    for manager in (contextlib.contextmanager, contextlib.asynccontextmanager):
        if code is manager(_decorate).__code__:  # the span covers the block, not the creation
            return manager(_decorate(target.__wrapped__, name, keys))
    if not callable(target) or isinstance(target, type):
        raise TypeError(f"traced is for functions, not for {target!r}")
    wrap = _generator if inspect.isgeneratorfunction(target) else _function
    wrap = _coroutine if inspect.iscoroutinefunction(target) else wrap
    wrap = _async_generator if inspect.isasyncgenfunction(target) else wrap
    path = f"{target.__module__}.{getattr(target, '__qualname__', type(target).__qualname__)}"
    wrapper = wrap(target, name or path.replace(".<locals>", ""), _reader(target, keys))
    copied = (*functools.WRAPPER_ASSIGNMENTS, "__defaults__", "__kwdefaults__")
    functools.update_wrapper(wrapper, target, copied)
    wrapper.__code__ = wrapper.__code__.replace(co_name=wrapper.__name__)  # as frames show it
    awaitable = code is not None and code.co_flags & inspect.CO_ITERABLE_COROUTINE
    return types.coroutine(wrapper) if awaitable else wrapper


# The four kinds: one frame between caller and function, and nothing kept after the call.
def _function(function: Any, name: str, read: Any) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if (span := _start(name, read, args, kwargs)) is None:
            return function(*args, **kwargs)
        with span:
            return function(*args, **kwargs)

    return wrapper


def _coroutine(function: Any, name: str, read: Any) -> Any:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        if (span := _start(name, read, args, kwargs)) is None:
            return await function(*args, **kwargs)
        with span:
            return await function(*args, **kwargs)

    return wrapper


def _generator(function: Any, name: str, read: Any) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        body = function(*args, **kwargs)
        span = _start(name, read, args, kwargs, stepwise=True)
        del args, kwargs
        if span is None:
            return (yield from body)
        resume, value = body.send, None
        while True:
            try:
                with span:
                    item = resume(value)
            except StopIteration as stop:
                return stop.value
            finally:
                value = None  # an exception thrown in must not live on in this frame
            try:
                resume, value = body.send, (yield item)
            except BaseException as error:
                resume, value = body.throw, error

    return wrapper


def _async_generator(function: Any, name: str, read: Any) -> Any:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        body = function(*args, **kwargs)
        span = _start(name, read, args, kwargs, stepwise=True) or contextlib.nullcontext()
        del args, kwargs
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)  # else the event loop finalises body and wrapper at once
        step = body.asend(None)
        sys.set_asyncgen_hooks(*hooks)
        while True:
            try:
                with span:
                    item = await step
            except StopAsyncIteration:
                return
            finally:
                del step  # an exception thrown in must not live on in this frame
            try:
                step = body.asend((yield item))
            except BaseException as error:
                step = body.athrow(error)

    return wrapper


# Private names of the API, for speed and silence; where they are missing, public ones serve.
_DIRECT = hasattr(trace, "_TRACER_PROVIDER") and "OTEL_PYTHON_TRACER_PROVIDER" not in os.environ
context.get_current()  # older releases load their runtime context at its first use
_runtime: Any = getattr(context, "_RUNTIME_CONTEXT", None) or context
_attach, _detach, _get_current = _runtime.attach, _runtime.detach, _runtime.get_current
_SUPPRESSED: str = getattr(context, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation")
(_SPAN,) = trace.set_span_in_context(trace.INVALID_SPAN, context.Context())  # its key in a context


class _Span:
    """A started span: entered, its context is current; left for good, it ends."""

    __slots__ = ("context", "span", "stepwise", "token")

    def __init__(self, span: trace.Span, current: context.Context, stepwise: bool) -> None:
        self.span, self.context, self.stepwise = span, current, stepwise

    def __enter__(self) -> None:
        self.token = _quietly(_attach, self.context)

    def __exit__(self, kind: object, error: BaseException | None, frames: object) -> None:
        if self.stepwise:
            self.context = _get_current()  # with the spans that the body holds open
        _quietly(_detach, self.token)  # fails if finalised in another Context
        if error is not None:
            _quietly(self.record, error)
        if error is not None or not self.stepwise:
            _quietly(self.span.end, None)

    def record(self, error: BaseException) -> None:
        """Record errors and failing exits; not ends of iterations, cancelled tasks, interrupts."""
        exits = isinstance(error, SystemExit) and type(error.code) in (int, str) and error.code != 0
        fails = isinstance(error, Exception) and not isinstance(error, _ENDS)
        if (exits or fails) and self.span.is_recording():
            kind, message = _headline(error)
            event = {"type": kind, "message": message, "stacktrace": _stack(error)}
            self.span.add_event("exception", {f"exception.{k}": text for k, text in event.items()})
            self.span.set_status(trace.StatusCode.ERROR, f"{kind}: {message}")


def _start(name: str, read: Any, args: Any, kwargs: Any, stepwise: bool = False) -> _Span | None:
    """Start the span of a call; None if nobody listens, or if that fails."""
    provider = trace._TRACER_PROVIDER if _DIRECT else trace.get_tracer_provider()
    if provider is None:
        return None
    try:
        current = _get_current()
        if current.get(_SUPPRESSED):
            return None
        tracer, parent_decides = _source(provider)
        parent = current.get(_SPAN, trace.INVALID_SPAN)
        if parent_decides and not parent.is_recording():
            known = parent.get_span_context()
            if known.is_valid and not (known.is_remote or known.trace_flags.sampled):
                return None  # a child would only repeat that the trace is not sampled
        span = tracer.start_span(name, current)
        if read and span.is_recording():
            _quietly(span.set_attributes, read(args, kwargs))
        return _Span(span, context.Context({**current, _SPAN: span}), stepwise)
    except Exception:
        return None


@functools.lru_cache(maxsize=1)
def _source(provider: trace.TracerProvider) -> tuple[trace.Tracer, bool]:
    """Its tracer, and whether it surely drops the children of a local span that is not sampled."""
    sampler: Any = getattr(provider, "sampler", None)
    known = type(sampler).__module__ == "opentelemetry.sdk.trace.sampling"
    rule = sampler.get_description().rstrip("}") if known else ""
    return provider.get_tracer(__name__), rule.endswith("AlwaysOffSampler")


def _quietly(action: Callable[[Any], Any], value: Any) -> Any:
    try:
        return action(value)
    except Exception:
        return None


# From here on no code of values or exceptions runs, as it would by `str` or `format_exception`.
_ENDS = (StopIteration, StopAsyncIteration)
_PLAIN = (str, int, float, bool, type(None))
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
    builtin = isinstance(kind.__str__, types.WrapperDescriptorType)
    known = builtin and (len(plain) == len(args) or kind is UnicodeDecodeError)
    message = _quietly(str, error) if known else _quietly(", ".join, map(str, plain))
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."), _cut(message or "")


def _stack(error: BaseException, depth: int = 8) -> str:
    """The tracebacks of an exception and its causes, without source lines and our own frames."""
    frames = traceback.walk_tb(error.__traceback__)
    codes = [(frame.f_code, line) for frame, line in frames if frame.f_globals is not globals()]
    steps = [(code.co_filename, line, code.co_name, "") for code, line in codes[-100:]]
    cause = error.__cause__ if error.__suppress_context__ else error.__context__
    before = f"{_stack(cause, depth - 1)}\n\nled to:\n\n" if cause is not None and depth else ""
    lines = "".join(traceback.format_list(steps))
    return f"{before}Traceback (most recent call last):\n{lines}{': '.join(_headline(error))}"


def _reader(function: Any, keys: Mapping[str, str]) -> Callable[..., dict[str, Any]] | None:
    """What reads the chosen parameters from the arguments of a call."""
    words = {n: re.sub(r"[^a-z0-9 ]|\d+\b", "", f"{n} {key}".lower()) for n, key in keys.items()}
    keys = {name: key for name, key in keys.items() if not re.search(_SECRET, words[name])}
    if not keys or not inspect.isfunction(function):
        return None
    names, rest, extra = inspect.getargs(function.__code__)
    places = {name: place for place, name in enumerate(names[: function.__code__.co_argcount])}
    optional = dict(zip(reversed(places), reversed(function.__defaults__ or ()), strict=False))
    optional.update(function.__kwdefaults__ or {})
    chosen = [(key, name, places.get(name, sys.maxsize)) for name, key in keys.items()]
    starred = rest in keys or extra in keys

    def read(args: Any, kwargs: Any) -> dict[str, Any]:
        if starred:
            other = ", ".join(name for name in kwargs if name not in names)
            kwargs = {**kwargs, rest: args[len(places) :], extra: other}
        found, given = {}, len(args)
        for key, name, place in chosen:
            value = args[place] if place < given else kwargs.get(name, optional.get(name))
            if (attribute := _attribute(value)) is not None:
                found[key] = attribute
        return found

    return read


def _attribute(value: Any) -> Any:
    kind = type(value)
    if type(kind) is not type:  # the metaclass may have code of its own
        raw = object.__getattribute__(value, "_value_") if issubclass(kind, Enum) else None
        return _attribute(raw)
    if kind is str:
        return value if len(value) <= 500 and value.isascii() else _cut(value)
    if kind in _PLAIN:
        return _cut(hex(value)) if kind is int and value.bit_length() > 63 else value
    if kind in _SIZED:
        return len(value)
    return str(value) if f"{kind.__module__}.{kind.__qualname__}" in _WRITTEN else None


def _cut(text: str) -> str:  # without the surrogates that exporters fail on
    return text[:500].encode("utf-8", "replace").decode("utf-8")
