"""A thread, a pool or a process is started inside a trace and does not see its context.

Where a span is open, code starts something that begins with an empty context. What happens there
is a trace of its own, or no trace at all: the request looks shorter than it was.

```python
@app.route("/orders", methods=["POST"])
def place_order():
    threading.Thread(target=send_confirmation).start()
```

It is reported only where there is a context to lose: in functions that have a span, or that an
entry point with a span leads to by calls that are certain or inferred.

**Way out**: install the package that carries the context over
(`opentelemetry-instrumentation-threading` for threads and thread pools) and start it; or pass the
context by hand:

```python
    threading.Thread(target=copy_context().run, args=(send_confirmation,)).start()
```

To other processes, pass a dict that `opentelemetry.propagate.inject` has filled, and open their
span with `extract` of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from autospan.model import Finding
from autospan.rules.checked import Checked


def find(checked: Checked) -> Iterator[Finding]:
    """One finding a call."""
    lost = [each for each in checked.survey.effort if each.context and each.function >= 0]
    inside = _inside(checked) if lost else set()
    for each in lost:
        if each.function in inside:
            words = f"{each.what}: {each.why}"
            yield checked.finding("AS002", each.function, each.place.line, words, each.fix)


def _inside(checked: Checked) -> set[int]:
    """The functions that run under a span, as far as calls are known."""
    callees: dict[int, list[int]] = {}
    for edge in checked.graph.edges:
        if edge.confidence != "guessed":
            callees.setdefault(edge.caller, []).append(edge.callee)
    inside = {entry.function for entry in checked.survey.entries if entry.root_span is not None}
    inside.update(each.function for each in checked.survey.traced)
    pending = list(inside)
    while pending:
        new = [each for each in callees.get(pending.pop(), ()) if each not in inside]
        inside.update(new)
        pending.extend(new)
    return inside
