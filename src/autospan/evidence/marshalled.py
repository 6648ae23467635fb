"""The files of cProfile: a dictionary in Python's marshal format, of which the few types that a
profile has are read here. `marshal` itself warns against data that one does not trust."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from autospan.model import Frame

_FLAG = 0x80
_DEEP = 20


def is_profile(data: bytes) -> bool:
    """Whether this is no JSON object but a marshalled dictionary, which begins alike."""
    return data[:1] in (b"{", b"\xfb") and data[1:2] in (b"(", b")", b"\xa8", b"\xa9", b"0")


def profile(data: bytes) -> Iterator[Frame]:
    """The functions of a profile.

    Raises:
        ValueError: if this is none, with the byte at which that is seen.
    """
    found = _Reader(data).value(0)
    if not isinstance(found, dict):
        raise ValueError("no dictionary of functions (cProfile writes one)")
    rows = [_row(key, value) for key, value in found.items()]
    whole = sum(own for _, _, _, _, own, _ in rows)
    for file, line, name, calls, _, seconds in rows:
        yield Frame(file, line, name, calls, seconds, whole)


def _row(key: Any, value: Any) -> tuple[str, int, str, int, float, float]:
    match key, value:
        case (str(file), int(line), str(name)), (_, int(calls), float(own), float(all_of_it), _):
            return file, line, name, calls, own, all_of_it
        case (str(file), int(line), str(name)), (_, int(calls), int(own), int(all_of_it), _):
            return file, line, name, calls, float(own), float(all_of_it)
        case _:
            raise ValueError(f"not an entry of a profile: {str(key)[:60]}")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._kept: list[Any] = []

    def value(self, depth: int) -> Any:
        start = self._at
        code = self._take(1)[0]
        kept = code & _FLAG
        place = len(self._kept)
        if kept:
            self._kept.append(None)
        found = self._decoded(chr(code & ~_FLAG), depth, start)
        if kept:
            self._kept[place] = found
        return found

    def _decoded(self, kind: str, depth: int, start: int) -> Any:
        if depth > _DEEP:
            raise ValueError(f"nested too deeply at byte {start}")
        match kind:
            case "N" | "T" | "F":
                return {"N": None, "T": True, "F": False}[kind]
            case "i":
                return int.from_bytes(self._take(4), "little", signed=True)
            case "I":
                return int.from_bytes(self._take(8), "little", signed=True)
            case "l":
                return self._long()
            case "g":
                return struct.unpack("<d", self._take(8))[0]
            case "z" | "Z":
                return self._take(self._take(1)[0]).decode("ascii")
            case "a" | "A":
                return self._take(self._length()).decode("ascii")
            case "u" | "t":
                return self._take(self._length()).decode("utf-8", "surrogatepass")
            case "s":
                return self._take(self._length())
            case "r":
                return self._kept[self._length()]
            case ")":
                return tuple(self.value(depth + 1) for _ in range(self._take(1)[0]))
            case "(":
                return tuple(self.value(depth + 1) for _ in range(self._length()))
            case "{":
                return dict(self._pairs(depth))
            case _:
                raise ValueError(f"no profile: byte {start} is of type {kind!r}")

    def _pairs(self, depth: int) -> Iterator[tuple[Any, Any]]:
        while self._data[self._at : self._at + 1] != b"0":
            yield self.value(depth + 1), self.value(depth + 1)
        self._at += 1

    def _long(self) -> int:
        count = int.from_bytes(self._take(4), "little", signed=True)
        digits = struct.unpack(f"<{abs(count)}H", self._take(2 * abs(count)))
        found: int = sum(digit << (15 * place) for place, digit in enumerate(digits))
        return -found if count < 0 else found

    def _length(self) -> int:
        return int.from_bytes(self._take(4), "little")

    def _take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise ValueError(f"ends in the middle, at byte {len(self._data)}")
        self._at += size
        return found
