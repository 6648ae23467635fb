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

Not reported are receivers of signals, hooks and other events, which run in the trace of whatever
sends them; threads that are started inside a trace, for what is wrong there is that they lose it
(AS002); and functions that can carry no span, such as stubs and endless loops: `autospan explain
NAME` tells why.

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
    within = _started_within(checked)
    for number, entries in starts.items():
        function = checked.graph.functions[number]
        roots = [each for each in entries if each.begins and each.place[:2] not in within]
        free = any(each.root_span is not None for each in entries)
        if not roots or free or function.kind == "module":
            continue
        if checked.refuse(number, function) is None:
            named = dict.fromkeys(f"{each.kind} {each.name}" for each in roots)
            words = f"untraced entry point {function.qualified} ({', '.join(named)})"
            fix = f"autospan apply --function {function.qualified}"
            yield checked.finding("AS001", number, function.place.line, words, fix)


def _started_within(checked: Checked) -> set[tuple[str, int]]:
    """The lines that start a thread inside a trace."""
    threads = {each.place[:2] for each in checked.survey.entries if each.kind == "thread"}
    functions = checked.graph.functions
    return (
        threads
        and {
            (functions[site.caller].place.file, site.line)
            for site in checked.graph.sites
            if site.caller in checked.inside
        }
        & threads
    )
