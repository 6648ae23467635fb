"""The baseline accepts something that is not there any more.

The file with what `check` accepts for now should only ever shrink. An entry that accepts nothing
(the function was traced, or is gone) would let the same finding in again unnoticed, so it is
reported.

```json
{"AS001": {"shop/jobs.py": ["reconcile"]}}
```

A function that moved to another line, another file, or that was renamed in its file keeps its
entry.

**Way out**: `autospan check --fix` takes it out; commit the baseline with the change. So does
`autospan check --update-baseline`, which also accepts what is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from autospan.model import Finding, Place

_FIX = "autospan check --fix"


class Entry(NamedTuple):
    """An entry of a baseline: the rule, the file, the finding's anchor, and its line in there."""

    rule: str
    file: str
    anchor: str
    line: int


def stale(baseline: str, entries: Iterable[Entry]) -> Iterator[Finding]:
    """One finding an entry, in the baseline (a path relative to the root)."""
    for each in entries:
        words = (
            f"the baseline accepts {each.rule} in {each.anchor} ({each.file}), which is not there"
        )
        subject = f"{each.rule} {each.file} {each.anchor}"
        yield Finding(Place(baseline, each.line), "AS005", "", words, _FIX, subject)
