"""An entry point that nobody opens a span for.

Something outside the program starts this function: a request, a task, a timer, a shell. No
instrumentation package would open a span for it, and the code does not either. All that it does
is seen nowhere, or as loose pieces without a beginning.

```python
@schedule.repeat(schedule.every().day)
def reconcile():
    for order in unpaid():
        remind(order)
```

Functions that can carry no span (stubs, endless loops, code that reads frames …) are not
reported; `autospan explain NAME` tells why.

**Way out**: `autospan check --fix`, or `autospan apply --function NAME`, writes the span:

```python
@schedule.repeat(schedule.every().day)
@traced
def reconcile():
```

A decorator of your own that opens a span is told by `traced-by` in the configuration. To accept
the function as it is, write why on its `def` line or above it: `# autospan: ignore[AS001: once a
year]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from autospan.model import Entry, Finding
from autospan.rules.checked import Checked


def find(checked: Checked) -> Iterator[Finding]:
    """One finding a function, however many things start it."""
    starts: dict[int, list[Entry]] = {}
    for entry in checked.survey.entries:
        starts.setdefault(entry.function, []).append(entry)
    for number, entries in starts.items():
        function = checked.graph.functions[number]
        free = any(entry.root_span is not None for entry in entries)
        if not free and function.kind != "module" and checked.refuse(number, function) is None:
            named = dict.fromkeys(f"{entry.kind} {entry.name}" for entry in entries)
            words = f"untraced entry point {function.qualified} ({', '.join(named)})"
            fix = f"autospan apply --function {function.qualified}"
            yield checked.finding("AS001", number, function.place.line, words, fix)
