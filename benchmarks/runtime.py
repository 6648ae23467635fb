"""What a span costs: `traced` against the `with` block that one would write by hand.

    python benchmarks/runtime.py                     five processes a state, about two minutes
    python benchmarks/runtime.py --processes 1

Processor time a call over that of the plain function, in three states: no SDK; the child of a span
that is not sampled; recording, to an exporter that does nothing. Both forms run in turn in the same
process, of each the fastest of many runs counts, and the median over processes is shown with their
range: ratios hold on a busy machine, nanoseconds do not. Generators: one item of fifty, the span
included; by hand, the span stays current in the consumer, which is wrong and costs nothing.
Last, what importing the helper adds to importing OpenTelemetry's API, and decorating a function.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATES = {"none": "no SDK", "dropped": "not sampled", "recorded": "recording"}
KINDS = ("function", "function, 3 attributes", "coroutine", "coroutine, 3 attributes")
STEPWISE = ("generator, an item", "async generator, an item")
ITEMS, RUNS, CALLS = 50, 40, 200

Times = dict[str, tuple[float, float]]
"""Per kind: nanoseconds by hand, and with `traced`."""


def main() -> int:
    """Measure in fresh processes and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--state", choices=STATES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.state:
        print(json.dumps(measured(options.state)))
        return 0
    print(f"{'':26}" + "".join(f"{words:>30}" for words in STATES.values()))
    found = {state: [_spawned(state) for _ in range(options.processes)] for state in STATES}
    for kind in (*KINDS, *STEPWISE):
        print(f"{kind:26}" + "".join(f"{_cell(found[state], kind):>30}" for state in STATES))
    imported = [_import_cost() for _ in range(options.processes)]
    print(
        f"\nimporting the helper adds {statistics.median(imported):.1f} ms to the API's own import"
    )
    print(f"decorating a function takes {_decorating():.0f} us")
    return 0


def _spawned(state: str) -> Times:
    command = [sys.executable, __file__, "--state", state]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times: Times = json.loads(done.stdout)
    return times


def _cell(found: list[Times], kind: str) -> str:
    ratios = sorted(each[kind][1] / each[kind][0] for each in found)
    spent = statistics.median(each[kind][1] for each in found)
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}..{ratios[-1]:.2f}) {spent:,.0f} ns"


def measured(state: str) -> Times:
    """Nanoseconds a call of every kind, by hand and with `traced`, in one state."""
    from opentelemetry import trace

    if state != "none":
        _start_sdk(dropping=state == "dropped")
    tracer = trace.get_tracer("by hand")
    bare, pairs = _workloads(tracer)
    fastest = dict.fromkeys([*bare, *pairs], 1e9)
    parent = tracer.start_as_current_span("root") if state == "dropped" else None
    with parent or contextlib.nullcontext():
        for _ in range(RUNS):
            for key, run in (bare | pairs).items():
                fastest[key] = min(fastest[key], run())
    return {
        kind: (
            fastest[kind, "hand"] - fastest[base, ""],
            fastest[kind, "traced"] - fastest[base, ""],
        )
        for kind, base in ((kind, kind.partition(", 3")[0]) for kind in (*KINDS, *STEPWISE))
    }


def _start_sdk(dropping: bool) -> None:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider, export, sampling

    class Nowhere(export.SpanExporter):
        def export(self, spans: Any) -> export.SpanExportResult:
            return export.SpanExportResult.SUCCESS

    sampler = sampling.ALWAYS_OFF if dropping else sampling.ALWAYS_ON
    provider = TracerProvider(sampler=sampling.ParentBased(sampler))
    provider.add_span_processor(export.SimpleSpanProcessor(Nowhere()))
    trace.set_tracer_provider(provider)


Runs = dict[tuple[str, str], Callable[[], float]]


def _workloads(tracer: Any) -> tuple[Runs, Runs]:
    from autospan.runtime import traced

    def function(a: int, b: str, c: float = 0.0) -> int:
        return a

    async def coroutine(a: int, b: str, c: float = 0.0) -> int:
        return a

    def generator(a: int, b: str, c: float = 0.0) -> Any:
        yield from range(ITEMS)

    async def async_generator(a: int, b: str, c: float = 0.0) -> Any:
        for item in range(ITEMS):
            yield item

    plain = {
        KINDS[0]: (function, _calling),
        KINDS[2]: (coroutine, _awaiting),
        STEPWISE[0]: (generator, _iterating),
        STEPWISE[1]: (async_generator, _iterating_async),
    }
    bare = {(kind, ""): timed(body) for kind, (body, timed) in plain.items()}
    pairs: Runs = {}
    for kind, by_hand in _by_hand(tracer).items():
        body, timed = plain[kind.partition(", 3")[0]]
        names = ("a", "b", "c") if "3" in kind else ()
        pairs[kind, "hand"] = timed(by_hand)
        pairs[kind, "traced"] = timed(traced("f", capture=names)(body))
    return bare, pairs


def _by_hand(tracer: Any) -> dict[str, Any]:
    def function(a: int, b: str, c: float = 0.0) -> int:
        with tracer.start_as_current_span("f"):
            return a

    def function_3(a: int, b: str, c: float = 0.0) -> int:
        with tracer.start_as_current_span("f", attributes={"a": a, "b": b, "c": c}):
            return a

    async def coroutine(a: int, b: str, c: float = 0.0) -> int:
        with tracer.start_as_current_span("f"):
            return a

    async def coroutine_3(a: int, b: str, c: float = 0.0) -> int:
        with tracer.start_as_current_span("f", attributes={"a": a, "b": b, "c": c}):
            return a

    def generator(a: int, b: str, c: float = 0.0) -> Any:
        with tracer.start_as_current_span("f"):
            yield from range(ITEMS)

    async def async_generator(a: int, b: str, c: float = 0.0) -> Any:
        with tracer.start_as_current_span("f"):
            for item in range(ITEMS):
                yield item

    bodies = (function, function_3, coroutine, coroutine_3, generator, async_generator)
    return dict(zip((*KINDS, *STEPWISE), bodies, strict=True))


def _calling(body: Any) -> Callable[[], float]:
    def run() -> float:
        began = time.process_time_ns()
        for _ in range(CALLS):
            body(1, "x", 2.0)
        return (time.process_time_ns() - began) / CALLS

    return run


def _awaiting(body: Any) -> Callable[[], float]:
    async def run() -> float:
        began = time.process_time_ns()
        for _ in range(CALLS):
            await body(1, "x", 2.0)
        return (time.process_time_ns() - began) / CALLS

    return lambda: asyncio.run(run())


def _iterating(body: Any) -> Callable[[], float]:
    def run() -> float:
        began = time.process_time_ns()
        for _ in range(CALLS // 10):
            for _item in body(1, "x", 2.0):
                pass
        return (time.process_time_ns() - began) / (CALLS // 10) / ITEMS

    return run


def _iterating_async(body: Any) -> Callable[[], float]:
    async def run() -> float:
        began = time.process_time_ns()
        for _ in range(CALLS // 10):
            async for _item in body(1, "x", 2.0):
                pass
        return (time.process_time_ns() - began) / (CALLS // 10) / ITEMS

    return lambda: asyncio.run(run())


_IMPORT = """
import time
from opentelemetry import context, trace
began = time.process_time()
import _tracing
print((time.process_time() - began) * 1000)
"""


def _import_cost() -> float:
    """Milliseconds that the helper takes to import the second time, when its bytecode is there."""
    from autospan import runtime

    env = {key: each for key, each in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(str(runtime.__file__), Path(folder, "_tracing.py"))
        for _ in range(2):
            command = [sys.executable, "-c", _IMPORT]
            done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True)
    return float(done.stdout)


def _decorating() -> float:
    from autospan.runtime import traced

    began = time.process_time()
    for _ in range(200):
        traced(capture=("order_id",))(lambda order_id: order_id)
    return (time.process_time() - began) / 200 * 1e6


if __name__ == "__main__":
    sys.exit(main())
