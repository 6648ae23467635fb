"""Puts `@traced` on functions, and one import line into their file.

The decorator stands directly above `def`, below every other decorator and below the comments
between them: frameworks store the function they are handed, so a decorator above theirs would never
run, and `@property`, `@classmethod`, `@contextmanager` and `@lru_cache` have to stay outside.

    @app.route("/orders/<int:order_id>")
    @traced(capture=("order_id",))
    def show(order_id): ...

Arguments are written only where they say something: a span name other than the function's own, and
the captured parameters (a tuple; a dictionary where an attribute is not named like its parameter).
Quotes, line length and the place among sorted imports follow the project's formatter and import
sorter, if it has them; else strings are quoted as most are in the file, imports that are sorted in
sections stay so, and no line is broken.

The import follows the last import before the first definition, or else the docstring and the
`__future__` imports, or else the comments that head the file. It is never put inside `try` or
`if TYPE_CHECKING`. Where the name `traced` is taken anywhere in the module, the import gives it
another: `_traced`, `_traced_2`. It is `_traced` too where others import all its names, and
`__traced__` where somebody may go through them: it itself, or whoever a plan for everything is for.

Where a wrapper would be seen, by code that looks at frames or at what a function is made of, the
plan asks for the block form: one line between `def` and the body, indented by a single blank.

Left alone: functions that have a span already. Refused, with a Problem: a function that is not in
the file, and a block where it has no room: a body in the line of `def`, or one moved in by a tab.
"""

from __future__ import annotations

import libcst as cst

from autospan.codemod import Example, Outcome, Task, on
from autospan.imports import TRACED, free_name, imported, uses
from autospan.lines import add_import
from autospan.placing import place, spanning


def transform(module: cst.Module, task: Task) -> Outcome:
    """Carry out the task's edits; all of them import `traced` from the first edit's helper."""
    if not task.edits:
        return Outcome(module)
    helper = task.edits[0].helper
    ours = imported(module, Task(task.source, helpers=(helper,)))
    existing = [each for each in ours if not uses(module, task, each.local).other]
    local = existing[0].local if existing else free_name(module, task, TRACED)
    traced = {local, *(each.local for each in imported(module, task))}
    changer = spanning(task, local, module.default_indent)
    changed, done, problems = place(module, task, traced, changer)
    if not done:
        return Outcome(module, problems=problems)
    pairs = zip(module.body, changed.body, strict=True)
    first = next(index for index, (old, new) in enumerate(pairs) if old is not new)
    if not existing or existing[0].at >= first:
        alias = "" if local == TRACED else f" as {local}"
        imported_as = f"from {helper} import {TRACED}{alias}"
        changed = add_import(changed, imported_as, first, task)
    return Outcome(changed, done, problems)


# --- examples -----------------------------------------------------------------------------------


EXAMPLES: tuple[Example, ...] = (
    Example.of(
        "One import after the others; parameters as attributes; a span name of its own.",
        """
 import shop
+from shop._tracing import traced

+@traced(capture=("order_id", "amount"))
 def charge(order_id, amount): return shop.pay(order_id, amount)

+@traced("shop.refund", capture={"order_id": "shop.order.id"})
 async def refund(order_id): await shop.pay_back(order_id)
""",
        on("charge", order_id="order_id", amount="amount"),
        on("refund", "shop.refund", order_id="shop.order.id"),
    ),
    Example.of(
        "Below other decorators and the comments between; methods, properties, nested classes.",
        """
+from shop._tracing import traced
+
+
 class Order:
     @property
     # cached by the caller
+    @traced
     def total(self): return self.net + self.tax

     class Line:
         @app.task(
             bind=True,  # retries
         )
+        @traced
         def ship(self): yield self
""",
        on("Order.total"),
        on("Order.Line.ship"),
    ),
    Example.of(
        "Nested and conditional definitions: the ordinal tells equal names apart.",
        """
 try: import ujson as json
 except ImportError: import json
 import os
+from shop._tracing import traced

 if os.name == "nt":
     def load(path): return open(path)
 else:
+    @traced
     def load(path):
+        @traced
         def parse(): return json.load(open(path))
         return parse()
""",
        on("load", ordinal=1),
        on("load.parse"),
    ),
    Example.of(
        "Docstring and `__future__` stay first; `TYPE_CHECKING` is not entered.",
        """
 #!/usr/bin/env python
 '''Orders.'''
 from __future__ import annotations
+
+from shop._tracing import traced

 if TYPE_CHECKING:
     from shop.models import Order

+@traced
 def save(order: Order): order.save()
""",
        on("save"),
    ),
    Example.of(
        "Comments that head the file stay on top; those of the function stay with it.",
        """
 #!/usr/bin/env python
 # -*- coding: utf-8 -*-

+from shop._tracing import traced
+
+
 # Called by cron.
+@traced
 def nightly(): pass
""",
        on("nightly"),
    ),
    Example.of(
        "The name is taken, so the import gives it another.",
        """
 import os
+from shop._tracing import traced as _traced


+@_traced
 def trace(path, traced=False):
     return os.stat(path), traced
""",
        on("trace"),
    ),
    Example.of(
        "A module that goes through its own names does not come upon ours.",
        """
 import os
+from shop._tracing import traced as __traced__

+@__traced__
 def save(order): return os.write(order)

 HANDLERS = {name: each for name, each in globals().items() if "__" not in name}
""",
        on("save"),
    ),
    Example.of(
        "A block captures too: the values, by the keys of their attributes.",
        """
 import sys
+from shop._tracing import traced

 def caller(order_id):
+ with traced(block="shop.orders.caller", capture={"shop.order.id": order_id}):
     return sys._getframe(1), order_id
""",
        on("caller", form="block", order_id="shop.order.id"),
    ),
    Example.of(
        "A block in the body adds no frame, and no line of the body changes.",
        """
 import sys
+from shop._tracing import traced

 def caller():  # of whom?
+ with traced(block="shop.orders.caller"):
     # one level up
     return sys._getframe(1)
""",
        on("caller", form="block"),
    ),
    Example.of(
        "An import that is there already is used, and what is traced already is left alone.",
        """
 from ._tracing import traced


 @traced("checkout")
 def pay(order): order.pay()


+@traced
 def ship(order): order.ship()
""",
        on("pay"),
        on("ship"),
    ),
)
