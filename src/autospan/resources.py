"""What an analysis may use to be quick. None of it changes a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from autospan.cache import Cache
from autospan.config import Config
from autospan.model import Source, Tree
from autospan.stamp import stamp, states


@dataclass(frozen=True, slots=True)
class Resources:
    """The cache, None to work without; the number of processes that read, None for as many as can
    run at once where there is much to read; who runs them, "" for this machine, else `dask` or
    `dask://host:port`."""

    cache: Cache | None = None
    workers: int | None = 1
    executor: str = ""


ALONE = Resources()
"""One process, and no cache."""


def source_key(source: Source) -> bytes:
    """What the facts of a file depend on."""
    name = f"{source.path}\0{source.module}\0{source.package}\0{source.encoding}\0{source.digest}"
    return sha256(stamp() + name.encode()).digest()


def tree_key(tree: Tree, config: Config, tables: Iterable[Path]) -> bytes:
    """What the survey of a tree depends on; `tables` are OpenTelemetry's."""
    digest = sha256(stamp())
    for source in tree.sources:
        digest.update(source_key(source))
    packs = [(path, _content(Path(path))) for path in config.packs]
    settings = (config.helper, config.traced_by, config.link_budget, packs)
    rest = (tree.documents, tree.problems, settings, list(states(tables)))
    digest.update(repr(rest).encode())
    return digest.digest()


def rank_key(tree: bytes, config: Config) -> bytes:
    """What the ranking of a tree (its key) depends on."""
    return sha256(tree + f"rank {config.learns}".encode()).digest()


def audit_key(tree: bytes, config: Config, rules: Iterable[str], declined: object) -> bytes:
    """What the findings of rules (ids) in a tree (its key) depend on; `declined` are functions."""
    settings = (config.secrets, sorted(rules), declined)
    return sha256(tree + f"audit {settings!r}".encode()).digest()


def project_key(tree: Tree, config: Config, rules: Iterable[str], declined: object) -> bytes:
    """What the findings in a project depend on besides what is in it."""
    packs = [_content(Path(path)) for path in config.packs]
    settings = (tree.root, config, packs, sorted(rules), declined)
    return sha256(stamp() + f"project {settings!r}".encode()).digest()


def _content(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return str(error)
