"""Takes out what `add_native_span` wrote: the spans on autospan's tracer, and the tracer.

Autospan's tracer is the one whose line ends in `# autospan`. Decorators and blocks that open spans
on it go, wherever people have moved them, and so do the lines with that comment that set attributes
in the body of a function, not deeper. A tracer without the comment is the project's own. The two
lines stay if something else uses their names.
"""

from __future__ import annotations

import libcst as cst

from autospan import native
from autospan.codemod import Example, Outcome, Task
from autospan.placing import displace


def transform(module: cst.Module, task: Task) -> Outcome:
    """Remove the spans on autospan's tracer: of the functions that edits name, of all if none."""
    names, traces = native.tracers(module), native.traces(module)
    if not names and not traces:
        return Outcome(module)
    changed, attributes = native.without_attributes(module, task, traces)
    changed, spans, done = displace(changed, task, native.spans(names))
    return Outcome(native.without_tracers(changed, module, task, spans + attributes), done)


# --- examples -----------------------------------------------------------------------------------

EXAMPLES: tuple[Example, ...] = (
    Example.of(
        "Decorators, blocks and the tracer, as they were written.",
        """
-from opentelemetry import trace  # autospan
-tracer = trace.get_tracer(__name__)  # autospan
-
-
-@tracer.start_as_current_span("shop.orders.save")
 def save(order):
     return order.save()


 def caller():
- with tracer.start_as_current_span("shop.orders.caller"):
     return sys._getframe(1)
""",
    ),
    Example.of(
        "Attributes go from whichever line of the body they are in; those set by hand stay.",
        """
-from opentelemetry import trace  # autospan
-tracer = trace.get_tracer(__name__)  # autospan
-
-
-@tracer.start_as_current_span("shop.orders.save")
 def save(order_id: int):
     order = find(order_id)
     # why
-    trace.get_current_span().set_attributes(
-        {"order_id": order_id, "new": order.new}
-    )  # autospan
     return order.save()


-@tracer.start_as_current_span("shop.orders.drop")
 def drop(order_id: int):
     current.get_current_span().set_attributes({"order_id": order_id})
""",
    ),
    Example.of(
        "What was written by hand keeps the tracer.",
        """
 from opentelemetry import trace  # autospan
 tracer = trace.get_tracer(__name__)  # autospan


-@tracer.start_as_current_span("shop.orders.save")
 def save(order):
     span = tracer.start_span("by hand")
""",
    ),
    Example.of(
        "The project's own tracer is none of ours.",
        """
 from opentelemetry import trace
 tracer = trace.get_tracer(__name__)


 @tracer.start_as_current_span("shop.orders.save")
 def save(order): order.save()
""",
    ),
)
