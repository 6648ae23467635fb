"""How findings are known again when lines have shifted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.model import Finding


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Findings with 16 hexadecimal digits each, made of rule, file, function and subject, and of
    how many alike stand before: no line, no column, no wording."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for each in findings:
        key = (each.rule, each.place.file, each.anchor)
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        yield each, hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
