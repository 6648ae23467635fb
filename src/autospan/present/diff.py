"""Patches as a unified diff that `git apply` takes.

`git apply` reads paths below `a/` and `b/` from the top of the work tree, in all of its folders.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.model import Patch

_CONTEXT = 3
_Opcode = tuple[str, int, int, int, int]
_NAMED = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_ODD = re.compile(r'[\x00-\x1f\x7f"\\]')


def present(
    patches: Sequence[Patch],
    folder: str = "",
    colors: bool = False,
    hashes: bool = False,
) -> bytes:
    """The diff, each file's lines in its own encoding; with ANSI colours for a terminal.

    `folder` is where the patches' paths begin, as seen from the top of the work tree ("": there).
    `hashes`: with git's names of both contents, from which `git am -3` merges.
    """
    above = f"{folder.rstrip('/')}/" if folder else ""
    lines = (line for patch in patches for line in _file(patch, above, hashes))
    return b"".join(_colored(line) for line in lines) if colors else b"".join(lines)


def _file(patch: Patch, above: str, hashes: bool) -> Iterator[bytes]:
    old, new = _name(f"a/{above}{patch.path}"), _name(f"b/{above}{patch.path}")
    yield b"diff --git %s %s\n" % (old, new)
    if patch.before is None:
        yield b"new file mode 100644\n"
    if patch.after is None:
        yield b"deleted file mode 100644\n"
    if hashes:
        yield b"index %s..%s\n" % (_blob(patch.before), _blob(patch.after))
    yield b"--- %s\n" % (b"/dev/null" if patch.before is None else _ended(old))
    yield b"+++ %s\n" % (b"/dev/null" if patch.after is None else _ended(new))
    yield from _hunks(_lines(patch.before), _lines(patch.after))


def _blob(data: bytes | None) -> bytes:
    if data is None:
        return b"0" * 40
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest().encode()


def _name(path: str) -> bytes:
    """A path as git writes it: in quotes, like a C string, where it holds odd characters."""
    if not _ODD.search(path):
        return path.encode("utf-8", "surrogateescape")
    quoted = _ODD.sub(lambda found: _escape(found[0]), path)
    return f'"{quoted}"'.encode("utf-8", "surrogateescape")


def _escape(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return "\\" + _NAMED.get(character, f"{ord(character):03o}")


def _ended(name: bytes) -> bytes:
    """A tab ends a name with blanks, as it does in git's own diffs."""
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name


def _lines(data: bytes | None) -> list[bytes]:
    """Lines as git has them: a newline ends one, nothing else does."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data or b"")


# --- hunks


def _hunks(before: list[bytes], after: list[bytes]) -> Iterator[bytes]:
    for group in _grouped(_opcodes(before, after)):
        first, last = group[0], group[-1]
        old, new = _range(first[1], last[2]), _range(first[3], last[4])
        yield b"@@ -%s +%s @@\n" % (old.encode(), new.encode())
        for tag, start, end, other_start, other_end in group:
            if tag == "equal":
                yield from _marked(b" ", before[start:end])
                continue
            yield from _marked(b"-", before[start:end])
            yield from _marked(b"+", after[other_start:other_end])


def _range(start: int, end: int) -> str:
    """A line range of a hunk's head: an empty one counts from the line above it."""
    count = end - start
    return f"{start + bool(count)}" if count == 1 else f"{start + bool(count)},{count}"


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        ended = line.endswith(b"\n")
        yield mark + line if ended else mark + line + b"\n\\ No newline at end of file\n"


def _opcodes(before: list[bytes], after: list[bytes]) -> list[_Opcode]:
    """As `SequenceMatcher.get_opcodes`; in linear time where lines were only added, or only taken
    out."""
    if (kept := _kept(before, after)) is not None:
        return _between(kept, len(before), len(after))
    if (kept := _kept(after, before)) is not None:
        return _between([(new, old) for old, new in kept], len(before), len(after))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return list(matcher.get_opcodes())


def _kept(few: list[bytes], many: list[bytes]) -> list[tuple[int, int]] | None:
    """Where each line of `few` stands in `many`; None if they are not all there in order."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(many):
        if len(found) < len(few) and few[len(found)] == line:
            found.append((len(found), number))
    return found if len(found) == len(few) else None


def _between(kept: list[tuple[int, int]], olds: int, news: int) -> list[_Opcode]:
    codes: list[_Opcode] = []
    old = new = 0
    for at, other in [*kept, (olds, news)]:
        if at > old or other > new:
            tag = "insert" if at == old else "delete" if other == new else "replace"
            codes.append((tag, old, at, new, other))
        if at < olds or other < news:
            codes.append(("equal", at, at + 1, other, other + 1))
        old, new = at + 1, other + 1
    return _merged(codes)


def _merged(codes: list[_Opcode]) -> list[_Opcode]:
    """Neighbouring equal lines as one run."""
    found: list[_Opcode] = []
    for code in codes:
        if found and code[0] == found[-1][0] == "equal":
            _, start, _, other, _ = found.pop()
            code = ("equal", start, code[2], other, code[4])
        found.append(code)
    return found


def _grouped(codes: list[_Opcode]) -> Iterator[list[_Opcode]]:
    """Changes with three lines of context; those that share context together."""
    group: list[_Opcode] = []
    for index, (tag, start, end, other, other_end) in enumerate(codes):
        if tag != "equal":
            group.append((tag, start, end, other, other_end))
            continue
        size, last = end - start, index == len(codes) - 1
        head, tail = (0 if not group else _CONTEXT), (0 if last else _CONTEXT)
        if group and size <= head + tail and not last:
            group.append((tag, start, end, other, other_end))
            continue
        if group:
            cut = min(head, size)
            yield [*group, ("equal", start, start + cut, other, other + cut)] if cut else group
        cut = min(tail, size)
        group = [("equal", end - cut, end, other_end - cut, other_end)] if cut else []
    if any(code[0] != "equal" for code in group):
        yield group


def _colored(line: bytes) -> bytes:
    for start, color in (
        (b"+++", 1),
        (b"---", 1),
        (b"diff", 1),
        (b"@@", 36),
        (b"+", 32),
        (b"-", 31),
    ):
        if line.startswith(start):
            content, newline, rest = line.partition(b"\n")
            return b"\x1b[%dm%s\x1b[0m%s%s" % (color, content, newline, rest)
    return line
