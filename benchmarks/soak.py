"""A soak: the legacy application with every function traced, under load, the SDK recording.

    python benchmarks/soak.py                 a minute
    python benchmarks/soak.py --seconds 60 --plain        the same load without any span, to compare

`apply --all` is run on a copy of `fixtures/legacy`; then web clients in threads, tasks that are
cancelled, generators and asynchronous generators that are left half-way, dropped, or closed in
another thread, and requests that fail. Everything listens on the loopback. It is asserted that

- nothing is logged by OpenTelemetry ("Failed to detach context"), and no context is left behind,
- every span that was started has ended, once the threads are joined and garbage is collected,
- memory is flat: the application starts anew every round, and after every round, and a garbage
  collection, live objects (`gc.get_objects`) and resident memory (`/proc/self/statm`) are read. The
  first third of the rounds fills caches; from there the median of the last third must not be above
  the median of the second by more than 2 % and 2 MB.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

LEGACY = Path(__file__).resolve().parent.parent / "fixtures" / "legacy"


class Verdict(NamedTuple):
    """What a soak gave. `objects` and `megabytes` are one figure a round."""

    seconds: float
    spans: int
    names: int
    failed: int
    open: list[str]
    logged: list[str]
    current: bool
    objects: list[int]
    megabytes: list[float]

    def faults(self) -> list[str]:
        """What is wrong, in words."""
        found = [f"logged: {text}" for text in self.logged[:5]]
        if self.open:
            found.append(f"still open: {', '.join(self.open[:5])}")
        if self.current:
            found.append("a span is still current in the main thread")
        if self.failed == 0 or self.spans < 100:
            found.append("the load did not run: no spans, or none of an exception")
        found += _growth("objects", self.objects, 0)
        return found + _growth("MB of memory", self.megabytes, 2)


def _growth(what: str, figures: list[Any], allowed: float) -> list[str]:
    third = len(figures) // 3
    if third < 2:
        return []
    before, after = (statistics.median(figures[n * third : (n + 1) * third]) for n in (1, 2))
    grown = after > before * 1.02 + allowed
    return [f"{what} grew from {before:,.0f} to {after:,.0f}"] if grown else []


def main() -> int:
    """Instrument, run, print the verdict; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--inside", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(_soak(Path(options.inside), options.seconds)._asdict()))
        return 0
    verdict = soaked(options.seconds, options.plain)
    faults = [] if options.plain else verdict.faults()
    print(f"{verdict.seconds:.0f} s, {len(verdict.objects)} rounds, {verdict.spans:,} spans of")
    print(f"{verdict.names} functions, {verdict.failed:,} of them with an exception")
    print(f"open spans {len(verdict.open)}, records logged by OpenTelemetry {len(verdict.logged)}")
    print("live objects  ", " ".join(f"{each:,}" for each in verdict.objects))
    print("resident MB   ", " ".join(f"{each:.1f}" for each in verdict.megabytes))
    print("\n".join(faults) or "all well")
    return bool(faults)


def soaked(seconds: float, plain: bool = False) -> Verdict:
    """Instrument a copy of the application, and run the load in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "legacy"
        shutil.copytree(LEGACY, root, ignore=shutil.ignore_patterns("__pycache__", "var"))
        apply = [sys.executable, "-m", "autospan", "apply", "--all", "--allow-dirty"]
        if not plain:
            subprocess.run(apply, cwd=root, check=True, capture_output=True)
        command = [sys.executable, __file__, "--inside", str(root), "--seconds", str(seconds)]
        env = {**os.environ, "OLDSHOP_EAGER": "1", "OLDSHOP_REDIS": "fake://"}
        env["PYTHONPATH"] = os.pathsep.join([str(root), str(root / "tests")])
        done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return Verdict(**json.loads(done.stdout.splitlines()[-1]))


# --- In the process under load.


class Records(logging.Handler):
    """Keeps what OpenTelemetry logs."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.texts.append(record.getMessage())


def _counting() -> Any:
    """A span processor that counts, and keeps nothing of what has ended."""
    from opentelemetry.sdk.trace import SpanProcessor

    class Counts(SpanProcessor):
        def __init__(self) -> None:
            self.lock, self.ended, self.failed = threading.Lock(), 0, 0
            self.open: dict[int, tuple[str, threading.Thread]] = {}
            self.names: Counter[str] = Counter()

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            with self.lock:
                self.open[span.context.span_id] = (span.name, threading.current_thread())

        def on_end(self, span: Any) -> None:
            with self.lock:
                self.open.pop(span.context.span_id)
                self.ended += 1
                self.failed += bool(span.events)
                self.names[span.name] += 1

    return Counts()


def _soak(root: Path, seconds: float) -> Verdict:
    from load import live
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    counts, records, provider = _counting(), Records(), TracerProvider()
    provider.add_span_processor(counts)
    trace.set_tracer_provider(provider)
    logging.getLogger("opentelemetry").addHandler(records)
    logging.getLogger("oldshop").setLevel(logging.CRITICAL)
    live(until=0)  # imports what the application imports
    objects, megabytes, began = [], [], time.monotonic()
    while time.monotonic() < began + seconds:
        live(until=min(time.monotonic() + 2, began + seconds))
        gc.collect()
        objects.append(len(gc.get_objects()))
        megabytes.append(_resident())
    current = trace.get_current_span() is not trace.INVALID_SPAN
    spent, logged, open_ = time.monotonic() - began, records.texts, _left_open(counts.open)
    size = (counts.ended, len(counts.names), counts.failed)
    return Verdict(spent, *size, open_, logged, current, objects, megabytes)


def _left_open(spans: dict[int, tuple[str, threading.Thread]]) -> list[str]:
    """Without those of threads that go on for ever (the application's writer of its audit log)."""
    here = threading.current_thread()
    return sorted(name for name, begun in spans.values() if begun is here or not begun.is_alive())


def _resident() -> float:
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text().split()[1]) if statm.exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 if pages else 0.0


if __name__ == "__main__":
    sys.exit(main())
