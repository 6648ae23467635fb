"""A decorator opens the span of a generator and closes it before the generator has run.

Calling a generator function runs nothing of it: it makes the generator. The API's decorator opens
its span around that call, a matter of microseconds; the work, when somebody iterates, is outside.
Under `@contextmanager` it is the same: the span ends before the `with` block begins.

```python
@tracer.start_as_current_span("export")
def rows():
    for row in cursor.execute(QUERY):
        yield row
```

**Way out**: `@traced` of autospan's helper, whose span lasts as long as the iteration, or a span
in the body that is not made current, for a generator shares its context with whoever iterates:

```python
def rows():
    span = tracer.start_span("export")
    try:
        yield from cursor.execute(QUERY)
    finally:
        span.end()
```

Which decorators do so is said in the packs: `short = ["generator"]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from autospan.model import Finding
from autospan.rules.checked import Checked

_FIX = "use `@traced` of autospan's helper instead, whose span lasts as long as the iteration"


def find(checked: Checked) -> Iterator[Finding]:
    """One finding a generator function, at the decorator."""
    for each in checked.survey.traced:
        if each.early:
            kind = checked.graph.functions[each.function].kind
            words = f"the span of this {kind} ends before it has run ({each.api}'s decorator)"
            yield checked.finding("AS003", each.function, each.place.line, words, _FIX)
