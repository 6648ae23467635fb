"""What goes into the page as it is: data, style and scripts, so that none can break out of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markupsafe import Markup

_RISKY = re.compile("[<>&\u2028\u2029]")


def as_json(value: Any) -> str:
    """JSON that can stand in a `<script>`: nothing in it ends the element or begins a comment, and
    lone surrogates, as in names of files, are replaced."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _RISKY.sub(lambda found: f"\\u{ord(found[0]):04x}", sound(text))


def weight(value: Any) -> int:
    """The bytes that a value takes in the page."""
    return len(as_json(value).encode("utf-8"))


def sound(text: str) -> str:
    """The text with what UTF-8 cannot hold replaced by escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def fingerprint(text: str) -> str:
    """What a Content-Security-Policy allows this one script or style by."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def prose(text: str) -> Markup:
    """The text as HTML, with what stands between `backticks` as code."""
    from markupsafe import Markup, escape

    parts = re.split("`([^`]+)`", text)
    code = Markup("<code>%s</code>")
    return Markup("").join(code % part if at % 2 else escape(part) for at, part in enumerate(parts))
