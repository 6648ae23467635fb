"""Values of the model as bytes, and back.

Rows of nouns are turned into columns, which takes no step of the interpreter a row; and columns of
numbers, strings and plain tuples are what `marshal` is fastest at. It takes half the time of
`pickle` on the facts of a tree, and loading runs no code. Bytes are only good for the version of
Python and of the model that packed them.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from itertools import islice
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class _Codec(NamedTuple):
    """How many values of a type are taken apart into plain tuples, and put together again."""

    apart: Callable[[Sequence[Any]], Any]
    together: Callable[[Any], Sequence[Any]]


def pack(kind: type[T], value: T) -> bytes:
    """A value of a type as bytes."""
    return marshal.dumps(_codec(kind).apart([value]))


def unpack(kind: type[T], data: bytes) -> T:
    """The value that was packed; of other bytes, a `ValueError`, `EOFError` or `TypeError`."""
    (value,) = _codec(kind).together(marshal.loads(data))
    found: T = value
    return found


_PLAIN = _Codec(tuple, tuple)
_known: dict[Any, _Codec] = {}


def _codec(kind: Any) -> _Codec:
    """The codec of a type; `_PLAIN` where values are plain already."""
    if kind not in _known:
        _known[kind] = _made(kind)
    return _known[kind]


def _made(kind: Any) -> _Codec:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _sequences(parts[0]) if parts[-1] is Ellipsis else _rows(parts)
    if origin in (Union, UnionType):
        return _optional(parts)
    if origin is Literal or not isinstance(kind, type):
        return _PLAIN
    return _nouns(kind) if is_dataclass(kind) or issubclass(kind, tuple) else _PLAIN


def _sequences(kind: Any) -> _Codec:
    """The codec of `tuple[X, ...]`: how long each one is, and what is in all of them."""
    inner = _codec(kind)
    if inner is _PLAIN:
        return _PLAIN

    def apart(rows: Sequence[Any]) -> Any:
        return tuple(map(len, rows)), inner.apart([each for row in rows for each in row])

    def together(plain: Any) -> Sequence[Any]:
        lengths, values = plain[0], iter(inner.together(plain[1]))
        return [tuple(islice(values, length)) for length in lengths]

    return _Codec(apart, together)


def _rows(kinds: Sequence[Any]) -> _Codec:
    """The codec of `tuple[X, Y]`."""
    if all(_codec(each) is _PLAIN for each in kinds):
        return _PLAIN
    return _columns(kinds, iter, partial(zip, strict=True))


def _optional(kinds: Iterable[Any]) -> _Codec:
    """The codec of `X | None`; nothing in the model is one noun or another."""
    codecs = [found for each in kinds if (found := _codec(each)) is not _PLAIN]
    if not codecs:
        return _PLAIN
    (inner,) = codecs

    def apart(values: Sequence[Any]) -> Any:
        present = [each for each in values if each is not None]
        return tuple(each is not None for each in values), inner.apart(present)

    def together(plain: Any) -> Sequence[Any]:
        values = iter(inner.together(plain[1]))
        return [next(values) if present else None for present in plain[0]]

    return _Codec(apart, together)


def _nouns(kind: Any) -> _Codec:
    """The codec of a named tuple or a dataclass, which may hold others of its kind."""
    late: list[_Codec] = []
    _known[kind] = _Codec(lambda rows: late[0].apart(rows), lambda plain: late[0].together(plain))
    hints = get_type_hints(kind)
    if is_dataclass(kind):
        names = [each.name for each in fields(kind)]
        values, made = attrgetter(*names), partial(map, kind)
        codec = _columns([hints[name] for name in names], partial(map, values), made)
    else:
        new = partial(tuple.__new__, kind)
        codec = _columns(
            list(hints.values()), iter, lambda *each: map(new, zip(*each, strict=True))
        )
    late.append(codec)
    return codec


def _columns(
    kinds: Iterable[Any],
    values: Callable[[Sequence[Any]], Iterable[Any]],
    made: Callable[..., Iterable[Any]],
) -> _Codec:
    """The codec of rows with fields of these types: their `values`, and rows `made` of columns."""
    codecs = [_codec(each) for each in kinds]

    def apart(rows: Sequence[Any]) -> Any:
        columns = zip(*values(rows), strict=True)
        return tuple(codec.apart(column) for codec, column in zip(codecs, columns, strict=False))

    def together(plain: Any) -> Sequence[Any]:
        if not plain:
            return []
        return list(
            made(*(codec.together(each) for codec, each in zip(codecs, plain, strict=True)))
        )

    return _Codec(apart, together)
