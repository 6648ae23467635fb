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
    for each in checked.survey.effort:
        if each.context and each.function in checked.inside:
            yield checked.finding("AS002", each.function, each.place.line, each.what, each.fix)
