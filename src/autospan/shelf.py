"""The packs that a configuration means, and what they know of a tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autospan.config import Config
from autospan.model import Problem

if TYPE_CHECKING:
    from autospan.knowledge import Knowledge, Pack


def knowledge(root: Path, config: Config) -> Knowledge:
    """What the packs know, with OpenTelemetry's tables as they are installed for the tree.

    Raises:
        PackError: with all problems of all packs at once.
    """
    from autospan.catalog import bootstraps
    from autospan.knowledge import load

    return load(_packs(config), bootstraps(root))


def known_packs(config: Config) -> tuple[Pack, ...]:
    """The packs in use, the shipped ones first. Raises `PackError`."""
    from autospan.knowledge import read_packs

    return read_packs(_packs(config))


def try_fixture(path: Path, config: Config) -> tuple[Problem, ...]:
    """How an annotated fixture differs from what the packs find in it, at its own lines."""
    from autospan.marks import tried

    return tried(path, knowledge(path.parent, config))


def _packs(config: Config) -> list[Path]:
    from autospan.catalog import packs

    return [*packs(), *(Path(each) for each in config.packs)]
