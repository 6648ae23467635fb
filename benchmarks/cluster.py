"""The same report from a Dask cluster as from one process, also when a worker is killed.

    pip install 'autospan[dask]'
    python benchmarks/cluster.py PATH

Starts a scheduler and two worker processes on the loopback interface (`dask scheduler`, `dask
worker`), and runs `autospan suggest --format json` on a folder of Python three times: in one
process, on the cluster, and on the cluster while one of its workers is killed with SIGKILL as soon
as it has begun to read. Ends with exit code 1 if the three reports differ in a byte. The cache is
off. What is printed besides: wall-clock seconds of each run, CPU seconds of the run itself, which
are those that do not become fewer by more machines, and lines read per CPU second of a worker.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Run, run

_LOOPBACK = ["--host", "127.0.0.1"]


def main() -> None:
    """Compare and print; exit with 1 if the reports differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder of Python")
    path = parser.parse_args().path
    alone = _timed("one process", path, "--workers", "1")
    with _cluster() as (address, workers):
        before = sum(map(_cpu, workers))
        spread = _timed("two workers", path, "--executor", address)
        spent = sum(map(_cpu, workers)) - before
        print(f"  the workers: {spent:.1f} CPU s")
        killer = threading.Thread(target=_kill, args=(workers[0],))
        killer.start()
        robbed = _timed("one of them killed", path, "--executor", address)
        killer.join()
    same = alone.output == spread.output == robbed.output
    print("the three reports are", "the same, byte for byte" if same else "DIFFERENT")
    sys.exit(not same)


def _timed(name: str, path: Path, *options: str) -> Run:
    start = time.perf_counter()
    done = run("suggest", str(path), "--format", "json", "--no-cache", *options)
    if done.code:
        raise SystemExit(done.errors)
    wall = time.perf_counter() - start
    print(f"{name}: {wall:.1f} s, {done.seconds:.1f} CPU s", flush=True)
    return done


@contextmanager
def _cluster() -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler with two workers, and the process ids of these."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", *_LOOPBACK]
    from distributed import Client

    scheduler = subprocess.Popen([*dask, "--port", "8799", "--no-dashboard"], stderr=-3)
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "tcp://127.0.0.1:8799"]
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
    workers = [subprocess.Popen([*command, *options], stderr=-3) for _ in range(2)]
    try:
        with Client("tcp://127.0.0.1:8799", timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        yield "dask://127.0.0.1:8799", [each.pid for each in workers]
    finally:
        for each in (*workers, scheduler):
            each.kill()
            each.wait()


def _cpu(process: int) -> float:
    """CPU seconds of a process so far, from /proc."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kill(process: int) -> None:
    """Kill a worker once it has begun to read, half a CPU second after it was given something."""
    before = _cpu(process)
    while _cpu(process) < before + 0.5:
        time.sleep(0.02)
    os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main()
