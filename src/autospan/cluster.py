"""The machines of a Dask cluster, by `distributed`'s own executor: no scheduler of ours."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from autospan import __version__
from autospan.config import ConfigError
from autospan.model import Place, Problem

if TYPE_CHECKING:
    from distributed import Client

_PATIENCE = 10


class Cluster(NamedTuple):
    """An executor on as many `threads` as its workers have together; `lost` are the exceptions that
    tell of a worker that died over what it was given, and of a scheduler that is gone."""

    executor: Executor
    threads: int
    lost: tuple[type[BaseException], ...]


@contextmanager
def cluster(address: str, workers: int) -> Iterator[Cluster]:
    """The cluster of a scheduler (`dask://host:port`), or one of so many local workers (`dask`).

    Raises:
        ConfigError: if there is none, or its workers do not have this version.
    """
    with ExitStack() as until:
        try:
            client = _client(address, workers, until)
            client.wait_for_workers(1, timeout=_PATIENCE)
            theirs = {_words(each) for each in client.run(_version).values()}
        except ImportError as error:
            hint = "pip install 'autospan[dask]', here and where the workers run"
            raise _wrong(address, str(error), hint) from error
        except (OSError, TimeoutError) as error:
            raise _wrong(address, str(error), "is a scheduler running there?") from error
        if theirs != {_words(_version())}:
            found = f"its workers have {', '.join(sorted(theirs))}"
            raise _wrong(address, found, f"give them {_words(_version())}")
        threads = sum(client.nthreads().values())
        yield Cluster(client.get_executor(pure=False), threads, _lost())


def _client(address: str, workers: int, until: ExitStack) -> Client:
    from distributed import Client, LocalCluster

    scheduler = address.replace("dask://", "tcp://")
    if scheduler == address:
        alone = {"threads_per_worker": 1, "dashboard_address": None}
        quiet = logging.CRITICAL
        scheduler = until.enter_context(LocalCluster(workers, silence_logs=quiet, **alone))
    return until.enter_context(Client(scheduler, timeout=_PATIENCE, set_as_default=False))


def _lost() -> tuple[type[BaseException], ...]:
    from distributed import KilledWorker
    from distributed.client import ClosedClientError
    from distributed.comm import CommClosedError

    return KilledWorker, CommClosedError, ClosedClientError, CancelledError


def _version() -> tuple[str, int, int]:
    """What a worker must have in common with those it works for."""
    return __version__, *sys.version_info[:2]


def _words(version: tuple[str, int, int]) -> str:
    return "autospan {} on Python {}.{}".format(*version)


def _wrong(address: str, message: str, hint: str) -> ConfigError:
    return ConfigError((Problem(Place("command line"), f"--executor {address}: {message}", hint),))
