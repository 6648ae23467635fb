"""Takes out what `add_span` wrote: its decorators and its import lines, and nothing else.

What autospan wrote is known by one thing alone: a decorator `@traced` or `@traced(...)`, or in
a body a block `with traced(block=...):`, under a name that the module imports, at its top level, as
`traced` from a helper module. So it is found again after people have moved it, changed its
arguments, laid it out over several lines or put other decorators and comments around it. Comments
above a decorator that goes stay where they are.

The body of a block moves back to where it was, also after a formatter has laid it out anew.

The import goes with the last use of its name: `f = traced(f)`, written by hand, keeps it, and so
does a string `"traced"`, which may stand in `__all__`. Of `from shop._tracing import traced, other`
only the one name goes. The blank lines that set the import off go with it.
"""

from __future__ import annotations

import libcst as cst

from autospan.codemod import Example, Outcome, Task
from autospan.imports import TRACED, imported, is_ours, names_of, uses
from autospan.lines import without
from autospan.placing import displace


def transform(module: cst.Module, task: Task) -> Outcome:
    """Remove the spans that autospan wrote: of the functions that edits name, of all if none."""
    names = {each.local for each in imported(module, task)}
    if not names:
        return Outcome(module)
    changed, removed, done = displace(module, task, names)
    unused = {
        name for name in names if sum(uses(module, task, name, removed[name])) <= removed[name]
    }
    return Outcome(_without_imports(changed, task, unused) if unused else changed, done)


def _without_imports(module: cst.Module, task: Task, unused: set[str]) -> cst.Module:
    """The module without the names `unused` that it imports from a helper."""
    lines = [_without_names(statement, task, unused) for statement in module.body]
    body = [line or old for line, old in zip(lines, module.body, strict=True)]
    gone = {index for index, line in enumerate(lines) if line is None}
    return without(module.with_changes(body=body), gone)


def _without_names(
    statement: cst.BaseStatement | cst.SimpleStatementLine, task: Task, unused: set[str]
) -> cst.BaseStatement | cst.SimpleStatementLine | None:
    """The statement without these imports; None if nothing is left of it."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return statement
    kept = [
        small if not is_ours(small, task) else _fewer_names(small, unused)
        for small in statement.body
    ]
    left = [small for small in kept if small is not None]
    if not left or all(small is old for small, old in zip(kept, statement.body, strict=True)):
        return statement if left else None
    if left[-1] is not kept[-1]:
        left[-1] = left[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=left)


def _fewer_names(small: cst.BaseSmallStatement, unused: set[str]) -> cst.BaseSmallStatement | None:
    node = cst.ensure_type(small, cst.ImportFrom)
    names = names_of(node)
    left = [
        each
        for each in names
        if each.evaluated_name != TRACED or (each.evaluated_alias or TRACED) not in unused
    ]
    if len(left) == len(names):
        return small
    if left and names[-1] is not left[-1]:
        left[-1] = left[-1].with_changes(comma=names[-1].comma)
    return node.with_changes(names=left) if left else None


# --- examples -----------------------------------------------------------------------------------

EXAMPLES: tuple[Example, ...] = (
    Example.of(
        "Decorators and the import, as they were written.",
        """
 import json
-from shop._tracing import traced


-@traced(capture=("order",))
 def save(order):
     return json.dumps(order)
""",
    ),
    Example.of(
        "People have formatted it, moved it, and put comments and decorators of their own around.",
        """
 import json
-from shop._tracing import traced

 import shop

 # the gateway wants this
-@traced(
-    "checkout",
-    capture={"order": "shop.order"},
-)
 # three times at most
 @shop.retry(3)
-@traced  # twice, by mistake
 def save(order):
     return json.dumps(order)
""",
    ),
    Example.of(
        "The import stays for what was written by hand.",
        """
 from shop._tracing import traced


-@traced
 def save(order): order.save()


 ship = traced(lambda order: order.ship())
""",
    ),
    Example.of(
        "Only the one name goes, under whichever name, and relative imports are known too.",
        """
-from ._tracing import exporter, traced as _traced
+from ._tracing import exporter


-@_traced
 def save(order): exporter.send(order)
""",
    ),
    Example.of(
        "The blank lines that set the import off go with it.",
        """
 # Orders, old style.

-from shop._tracing import traced
-
-
-@traced
 def save(order): order.save()
""",
    ),
    Example.of(
        "A block, as it was written.",
        """
-from shop._tracing import traced
-
-
 def caller():
- with traced(block="shop.orders.caller"):
     # one level up
     return sys._getframe(1)
""",
    ),
    Example.of(
        "A block that a formatter has laid out, with more in the body around it.",
        """
-from shop._tracing import traced
-
-
 def caller():
     frame = sys._getframe(1)
-    # in the span
-    with traced(block="shop.orders.caller"):
-        name = frame.f_code.co_name
-        # the end
+    # in the span
+    name = frame.f_code.co_name
+    # the end
     return name
""",
    ),
    Example.of(
        "Another module's `traced` is none of ours.",
        """
 from ddtrace_wrappers import traced


 @traced
 def save(order): order.save()
""",
    ),
)
