"""A tracing decorator stands above one that hands the function itself to a framework.

Decorators are applied from the bottom up. `@app.route` stores the function that it is given and
gives it back; what stands above it wraps a name in the module that the framework never calls.
There is a decorator to be seen in the code, and no span.

```python
@traced
@app.route("/orders")
def orders(): ...
```

**Way out**: the tracing decorator goes below all others, directly above `def`:

```python
@app.route("/orders")
@traced
def orders(): ...
```

Which decorators keep what they are given is said in the packs: `keeps = true`.
"""

from __future__ import annotations

from collections.abc import Iterator

from autospan.model import Finding
from autospan.rules.checked import Checked

_FIX = "move it below the other decorators, directly above `def`"


def find(checked: Checked) -> Iterator[Finding]:
    """One finding a function, at the tracing decorator."""
    keeping = {each.function: each for each in checked.survey.entries if each.kept}
    for each in checked.survey.traced:
        function, entry = checked.graph.functions[each.function], keeping.get(each.function)
        if entry and function.first_line <= each.place.line < entry.place.line:
            words = f"this span never opens: {entry.evidence} below has taken the function already"
            yield checked.finding("AS007", each.function, each.place.line, words, _FIX)
