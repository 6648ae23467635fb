"""A comment ignores something that is not there.

`# autospan: ignore[…]` accepts what `check` would report in its line or, on a `def` line, a
decorator or directly above these, in that function. A comment without rule ids also keeps a
function out of `apply`. One that does neither is left over, and would hide what comes later.

```python
@traced
def charge(order):  # autospan: ignore[AS001: no time yet]
```

**Way out**: delete the comment, or the one rule id in it that is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autospan.model import Finding, Ignore


def unused(ignores: Iterable[tuple[Ignore, str]]) -> Iterator[Finding]:
    """One finding a comment; each comes with the function that it stands in."""
    for each, function in ignores:
        what = f"{', '.join(each.rules)} is not found" if each.rules else "nothing is found"
        words = f"this comment ignores nothing: {what} here"
        yield Finding(each.place, "AS006", function, words, "delete the comment", each.why)
