"""Puts OpenTelemetry's own decorator on functions, and two lines into their file: native style.

    from opentelemetry import trace  # autospan

    tracer = trace.get_tracer(__name__)  # autospan

    @app.route("/orders")
    @tracer.start_as_current_span("shop.orders.index")
    def index(): ...

The comments mark the tracer as autospan's, so that it and the spans it opens can be taken out. The
lines stand where `add_span` puts its import, the decorators directly above `def`. Where a wrapper
would be seen, the span is a line between `def` and the body, indented by a single blank. Names that
the module uses already are left to it: `_trace`, `_tracer`.

The API's decorator sees no parameters: those that are captured get a line in the body, below the
docstring. Values are handed over as they are. A body in the line of `def`, or whose docstring
shares its line, takes none. A block needs no line for it: it has `attributes`.

The API's decorator opens a span when a generator is made and not while it runs: generators get
blocks, whose span is not made current. Coroutine functions need opentelemetry-api 1.24 or later.
"""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from autospan import native
from autospan.blocks import enclosed
from autospan.codemod import Changer, Example, Outcome, Task, on
from autospan.imports import free_name
from autospan.model import Edit
from autospan.placing import below_others, place
from autospan.spelling import literal, named, pen, setting, values


def transform(module: cst.Module, task: Task) -> Outcome:
    """Carry out the task's edits, all with the one tracer of the module that autospan made."""
    known = native.tracers(module)
    tracer = known[0] if known else free_name(module, task, "tracer")
    trace = next(iter(native.traces(module)), "") if known else free_name(module, task, "trace")
    ink, lines, unit = pen(task), task.text.split("\n"), module.default_indent
    current = f"{trace}.get_current_span().set_attributes" if trace else ""

    def changer(edit: Edit) -> Changer:
        if edit.form == "block":
            arguments = f"{literal(edit.name, ink)}{values(edit, ', attributes=', ink)}"
            opener = native.opening(tracer, edit.kind, arguments)
            return lambda function: enclosed(function, opener, unit) or function
        head = lines[edit.line - 1] if 0 < edit.line <= len(lines) else ""
        column = len(head) - len(head.lstrip())
        decorator = named(edit, f"{tracer}.start_as_current_span", ink, column)
        sets = setting(edit, current, native.MARK, ink, column + len(unit)) if trace else ""
        return lambda function: _decorated(function, decorator, trace, sets)

    changed, done, problems = place(module, task, native.spans({tracer, *known}), changer)
    if done and not known:
        pairs = zip(module.body, changed.body, strict=True)
        first = next(index for index, (old, new) in enumerate(pairs) if old is not new)
        changed = native.add_tracer(changed, trace, tracer, first, task)
    return Outcome(changed if done else module, done, problems)


def _decorated(function: cst.FunctionDef, decorator: str, trace: str, sets: str) -> cst.FunctionDef:
    inner = native.attributed(function, trace, sets) if sets else function
    return below_others(inner, decorator)


# --- examples -----------------------------------------------------------------------------------

EXAMPLES: tuple[Example, ...] = (
    Example.of(
        "Two lines after the imports; decorators below the others; a block where it is asked for.",
        """
 import shop
+from opentelemetry import trace  # autospan
+
+tracer = trace.get_tracer(__name__)  # autospan

 @shop.retry
+@tracer.start_as_current_span("shop.orders.charge")
 def charge(order_id): return shop.pay(order_id)

 class Order:
+    @tracer.start_as_current_span("refund")
     async def refund(self): await shop.pay_back(self)

     def caller(self):
+     with tracer.start_as_current_span("shop.orders.Order.caller"):
         return shop.frame(1)
""",
        on("charge"),
        on("Order.refund", "refund"),
        on("Order.caller", form="block"),
    ),
    Example.of(
        "Captured parameters are a line below the docstring, or in the line of a block.",
        """
 import shop
+from opentelemetry import trace  # autospan
+
+tracer = trace.get_tracer(__name__)  # autospan

+@tracer.start_as_current_span("shop.orders.charge")
 def charge(order_id: int, amount: float):
     '''Take the money.'''
+    trace.get_current_span().set_attributes({"order_id": order_id, "amount": amount})  # autospan

     # in cents
     return shop.pay(order_id, amount)

+@tracer.start_as_current_span("shop.orders.refund")
 async def refund(order_id):
     # type: (int) -> None
+    trace.get_current_span().set_attributes({"shop.order.id": order_id})  # autospan
     # all of it
     await shop.pay_back(order_id)

+@tracer.start_as_current_span("shop.orders.ship")
 def ship(order_id: int): return shop.ship(order_id)

 def caller(depth: int):
+ with tracer.start_as_current_span("shop.orders.caller", attributes={"depth": depth}):
     return shop.frame(depth)
""",
        on("charge", order_id="order_id", amount="amount"),
        on("refund", order_id="shop.order.id"),
        on("ship", order_id="order_id"),
        on("caller", form="block", depth="depth"),
    ),
    Example.of(
        "In a generator a block, whose span is current for nobody.",
        """
 import shop
+from opentelemetry import trace  # autospan
+
+tracer = trace.get_tracer(__name__)  # autospan

 def lines(count: int):
+ with tracer.start_span("lines", record_exception=False, set_status_on_exception=False):
     yield from range(count)
""",
        replace(on("lines", "lines", form="block"), kind="generator"),
    ),
    Example.of(
        "The project's own tracer and the names in use are left alone.",
        """
 '''Orders.'''
+
+from opentelemetry import trace as _trace  # autospan
+
+_tracer = _trace.get_tracer(__name__)  # autospan
 tracer, trace = shop.tracer, shop.trace

+@_tracer.start_as_current_span("shop.orders.charge")
 def charge(order_id): return tracer.trace(order_id)
""",
        on("charge"),
    ),
    Example.of(
        "A tracer of autospan that is there already is used.",
        """
 from opentelemetry import trace  # autospan
 tracer = trace.get_tracer(__name__)  # autospan


 @tracer.start_as_current_span("shop.orders.pay")
 def pay(order): order.pay()


+@tracer.start_as_current_span("shop.orders.ship")
 def ship(order): order.ship()
""",
        on("pay"),
        on("ship"),
    ),
)
