"""How a span is spelled in a file: the arguments of `traced`, in the characters it can hold."""

from __future__ import annotations

from collections.abc import Sequence

from autospan.model import Capture, Edit


def call(edit: Edit, local: str, encoding: str) -> str:
    """What stands behind `@`: `traced`, or `traced(...)` where there is something to say."""
    arguments = [literal(edit.span, encoding)] if edit.span else []
    captured = [each for each in edit.captures if each.captured]
    if captured:
        arguments.append(f"capture={_capture(captured, encoding)}")
    return f"{local}({', '.join(arguments)})" if arguments else local


def opening(edit: Edit, local: str, encoding: str) -> str:
    """What stands behind `with`: the block does not know its function, so the span is named."""
    name = literal(edit.span or edit.default_span, encoding)
    return f"{local}(block={name}{values(edit, ', capture=', encoding)})"


def values(edit: Edit, before: str, encoding: str) -> str:
    """The captured parameters by their attribute keys, as a dictionary; "" if there are none."""
    pairs = [
        f"{literal(each.key, encoding)}: {each.parameter}"
        for each in edit.captures
        if each.captured
    ]
    return f"{before}{{{', '.join(pairs)}}}" if pairs else ""


def _capture(captured: Sequence[Capture], encoding: str) -> str:
    names = [literal(each.parameter, encoding) for each in captured]
    if all(each.key == each.parameter for each in captured):
        return f"({', '.join(names)}{',' if len(names) == 1 else ''})"
    keys = [literal(each.key, encoding) for each in captured]
    return "{" + ", ".join(f"{name}: {key}" for name, key in zip(names, keys, strict=True)) + "}"


def literal(text: str, encoding: str) -> str:
    """A string in double quotes, escaped where the file's encoding or a line cannot hold it."""
    try:
        text.encode(encoding)
        plain = repr(text)[1:-1]
    except (UnicodeError, LookupError):
        plain = ascii(text)[1:-1]
    if repr(text)[0] == "'":
        plain = plain.replace("\\'", "'").replace('"', '\\"')
    return f'"{plain}"'
