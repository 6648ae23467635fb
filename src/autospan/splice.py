"""Carries changed lines back into the bytes of a file, so that every other line stays as it was.

LibCST reads a plain copy of the text (`\\n` newlines, no byte-order mark, no form feeds). The lines
in which its result differs from that copy are put into, or taken out of, the original bytes. So
encodings, mixed newlines, form feeds and a missing last newline are kept by construction.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

BOM = b"\xef\xbb\xbf"


def plain(data: bytes, encoding: str) -> str:
    """The text of a file, line for line, in the form that LibCST reproduces faithfully.

    A form feed resets the indentation (CPython's tokenizer), so what stands before it on a line
    goes; and LibCST does not always keep what is in white lines. Raises `ValueError` for null
    bytes and what does not decode, `LookupError` where there is no such codec.
    """
    if b"\0" in data:
        raise ValueError("source code cannot contain null bytes")
    text = data.removeprefix(BOM).decode(_codec(encoding))
    text = re.sub(r"\r\n?", "\n", text)
    text = re.sub(r"(?m)^[ \t\f]*\f", "", text).replace("\f", " ")
    return re.sub(r"(?m)^[ \t]+$", "", text)


def splice(
    data: bytes, encoding: str, before: str, after: str
) -> tuple[bytes, tuple[tuple[int, str], ...]]:
    """The bytes with the lines of `before`, their `plain` text, made into the lines of `after`.

    Also gives the new lines: (1-based number of the original line that they stand above, text).
    Raises `ValueError` if the encoding cannot spell a new line.
    """
    body = data.removeprefix(BOM)
    lines, old, new = byte_lines(body), before.split("\n"), after.split("\n")
    if len(lines) == len(old) - 1:
        lines.append(b"")
    if len(lines) != len(old):
        raise ValueError(f"{encoding} hides line breaks")
    out, added, at = [data[: len(data) - len(body)]], [], 0
    for number, kept in enumerate(_aligned(old, new)):
        if kept is not None:
            out.append(lines[kept])
            at = kept + 1
            continue
        out.append(new[number].encode(_codec(encoding)))
        out.append(_newline(lines, at) if number < len(new) - 1 else b"")
        added.append((at + 1, new[number]))
    return b"".join(out), tuple(added)


def byte_lines(data: bytes) -> list[bytes]:
    """The lines with their ends, as Python's tokenizer sees them: `\\n`, `\\r\\n` or `\\r`."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", data)


def _codec(encoding: str) -> str:
    return "utf-8" if encoding.lower().replace("_", "-") == "utf-8-sig" else encoding


def _newline(lines: Sequence[bytes], at: int) -> bytes:
    """The newline of the line above `at`, or else of that at `at`, the file's first.

    Not the other way round: between `a\\r` and `b\\n` an empty line must not become `\\n`, which
    would make `a\\r\\n`.
    """
    for line in (*lines[max(at - 1, 0) : at], *lines[at : at + 1]):
        if line.endswith((b"\n", b"\r")):
            return line[len(line.rstrip(b"\r\n")) :]
    return b"\n"


def _aligned(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """For each line of `after` the index of the line of `before` that it is, None for a new one.

    Exact where lines were only put in or only taken out, which is all that most transforms do.
    """
    end: list[int | None] = [len(before) - 1] if before[-1] == after[-1] else []
    head, tail = before[: len(before) - len(end)], after[: len(after) - len(end)]
    kept: list[int | None] = []
    at = 0
    for line in tail:
        same = at < len(head) and head[at] == line
        kept.append(at if same else None)
        at += same
    return (kept if at == len(head) else _thinned(head, tail)) + end


def _thinned(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """`_aligned` where lines were taken out: each line is the next one of its text, if there is."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(before):
        places[line].append(number)
    kept: list[int | None] = []
    at = 0
    for line in after:
        spots = places.get(line, [])
        following = bisect_left(spots, at)
        found = following < len(spots)
        kept.append(spots[following] if found else None)
        at = spots[following] + 1 if found else at
    return kept
