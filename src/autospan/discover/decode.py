"""What the bytes of a file say about themselves: encoding, interpreter, generated or not."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_LINE = rb"(?:\r\n|\r|\n)"
_COOKIE = re.compile(  # PEP 263: line 1, or line 2 below a line that is blank or a comment
    rb"(?:\xef\xbb\xbf)?(?P<above>[ \t\f]*(?:#[^\r\n]*)?" + _LINE + rb")??"
    rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*(?P<name>[-\w.]+)"
)
_HEAD = re.compile(rb"(?:[^\r\n]*" + _LINE + rb"){0,9}[^\r\n]*")
_PACKAGING = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(?:setuptools|distutils|skbuild|numpy\.distutils)\b",
    re.MULTILINE,
)
_GENERATED = re.compile(
    rb"""^[ \t]*\#[\#!*\s/-]*(?:
        .*(?<![\w'"`])@generated(?![\w'"`])                          # Meta's and Rust's marker
      | .*\bDO[ ]NOT[ ](?:EDIT|MODIFY)(?:[ ](?:THIS|BY|HAND|FILE|MANUALLY|DIRECTLY))*[\W]*$
      | .*\b[Gg]enerated\b.*\b(?i:do\ not\ (?:edit|modify))\b
      | .*\b(?i:do\ not\ (?:edit|modify))\b.*\bgenerated\b
      | (?:[Aa]uto(?:matically)?[ -]?)?[Gg]enerated[ ]by[ ](?!hand\b)
      | Generated[ ]from[ ]\S+\.\w+[ ]by\b                           # ANTLR
      | (?i:this[ ](?:file|module|code)[ ](?:is|was|has[ ]been))
        [ ](?i:auto(?:matically)?[ -]?)?generated\b
      | Form[ ]implementation[ ]generated[ ]from
    )""",
    re.VERBOSE | re.MULTILINE,
)


class Trouble(NamedTuple):
    """What is wrong with a file's bytes, at a line (0: the whole file), and the way out."""

    line: int
    message: str
    hint: str


def encoding(data: bytes) -> tuple[str, Trouble | None]:
    """The Python codec that reads a source file, and what is wrong with it.

    The rules are PEP 263's. "" says that no codec gives Python source. Where the declaration is
    wrong the codec is one that reads the bytes all the same: UTF-8, then Latin-1.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "", Trouble(1, "UTF-16, which Python does not read", "convert the file to UTF-8")
    if (nul := data.find(b"\0")) >= 0:
        hint = "restore the file, or add it to `exclude`"
        return "", Trouble(line_of(data, nul), "a NUL byte: this is not Python source", hint)
    cookie = _COOKIE.match(data)
    bom = data.startswith(codecs.BOM_UTF8)
    if cookie:
        return _declared(data, cookie, bom)
    if data.isascii():
        return "utf-8", None
    default = "utf-8-sig" if bom else "utf-8"
    if (bad := _first_bad(data, default)) is None:
        return default, None
    message = f"not UTF-8: byte 0x{data[bad]:02x}, and no encoding declared"
    if bom:
        return "", Trouble(line_of(data, bad), message, "convert the file to UTF-8")
    hint = "convert the file to UTF-8, or declare `# -*- coding: latin-1 -*-` in its first lines"
    return "latin-1", Trouble(line_of(data, bad), f"{message} (read as Latin-1)", hint)


def _declared(data: bytes, cookie: re.Match[bytes], bom: bool) -> tuple[str, Trouble | None]:
    """`encoding` of a file with a coding cookie."""
    name = cookie["name"].decode("ascii", "replace")
    where = 2 if cookie["above"] else 1
    codec, default = _codec(name), "utf-8-sig" if bom else "utf-8"
    readable = _first_bad(data, default) is None
    fallback = default if readable else "latin-1"
    if not codec:
        message = f"declares `{name}`, no encoding of Python source (read as {fallback})"
        return fallback, Trouble(where, message, "declare the encoding that the file has")
    if bom and codec != "utf-8":
        message = f"has a UTF-8 byte order mark but declares `{name}`"
        return fallback, Trouble(where, message, "remove the mark or the declaration")
    codec = default if codec == "utf-8" else codec
    if (bad := _first_bad(data, codec)) is None:
        return codec, None
    message = f"byte 0x{data[bad]:02x} is not valid `{name}`, which it declares"
    hint = "declare the encoding that the file has, or convert the file"
    return fallback, Trouble(line_of(data, bad), f"{message} (read as {fallback})", hint)


def _codec(name: str) -> str:
    """The codec of a cookie, "" if there is none that reads ASCII as it is.

    Emacs's suffixes for line ends are dropped.
    """
    name = re.sub(r"-(?:unix|dos|mac)$", "", name.lower().replace("_", "-"))
    if re.fullmatch(r"utf-?8(?:-.*)?", name):
        return "utf-8"
    try:
        codec = codecs.lookup(name).name
        return codec if "#".encode(codec) == b"#" else ""
    except (LookupError, UnicodeError):
        return ""


def _first_bad(data: bytes, codec: str) -> int | None:
    """Where the first byte stands that `codec` does not read, or would not write back."""
    try:
        if codec.startswith("utf-8"):
            data.decode("utf-8")  # counts from the byte order mark on
            return None
        return None if data.decode(codec).encode(codec) == data else 0
    except UnicodeDecodeError as error:
        return error.start
    except UnicodeError:
        return 0


def line_of(data: bytes, position: int) -> int:
    """The 1-based line of a byte, whatever ends the lines."""
    return len((data[:position] + b"x").splitlines())


def generated(data: bytes) -> bool:
    """Whether a comment in the first ten lines says that a program wrote the file."""
    head = _HEAD.match(data)
    return bool(head and _GENERATED.search(head[0]))


def is_packaging(name: str, data: bytes) -> bool:
    """Whether a file is the `setup.py` of a package, which runs where that is built."""
    return name == "setup.py" and bool(_PACKAGING.search(data))


def imports(data: bytes) -> bytes:
    """The lines with the word "import", each with what it continues: that few are looked through
    for many names, and a search for a word is an order of magnitude faster than one for a line."""
    found, end = [], 0
    while (at := data.find(b"import", end)) >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        while data.endswith((b"\\\n", b"\\\r\n"), 0, start):
            start = data.rfind(b"\n", 0, start - 1) + 1
        end = data.find(b"\n", at) % (len(data) + 1)
        found.append(data[start:end])
    return b"\n".join(found)


def text(data: bytes) -> str:
    """The text of a file that is not Python: by its byte order mark, UTF-8, or else Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
