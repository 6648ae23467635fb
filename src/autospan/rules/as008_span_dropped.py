"""A call makes a span, or the block that would open one, and drops it.

`start_as_current_span` gives a context manager, which opens the span when it is entered: without
`with`, nothing is opened. `start_span` gives a span that has to be ended: if nobody holds it,
nobody can, and spans that do not end are never exported.

```python
tracer.start_as_current_span("charge")
charge(order)
```

**Way out**:

```python
with tracer.start_as_current_span("charge"):
    charge(order)
```

Which calls are meant is said in the packs: `held = true`.
"""

from __future__ import annotations

from collections.abc import Iterator

from autospan.model import Finding
from autospan.rules.checked import Checked


def find(checked: Checked) -> Iterator[Finding]:
    """One finding a call."""
    for each in checked.survey.lost:
        name = each.call.rpartition(".")[2]
        words = f"what `{name}` gives is dropped: this span is never exported"
        fix = f"open a block: with {name.removesuffix('()')}(…), or keep the span and end it"
        yield checked.finding("AS008", each.function, each.place.line, words, fix)
