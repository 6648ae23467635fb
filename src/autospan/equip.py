"""What the options allow an analysis to use, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autospan.present._terminal import note

if TYPE_CHECKING:
    from autospan.options import Means
    from autospan.resources import Resources


@contextmanager
def equipped(means: Means, quiet: bool = False) -> Iterator[Resources]:
    """The resources that the options name; how it goes with the cache is said on standard error."""
    resources = means.resources()
    cache = resources.cache
    if cache and cache.fresh and not cache.trouble and not quiet:
        note(f"note: {cache.path} is new: the first run fills it, the next ones are faster")
    yield resources
    if cache:
        cache.close()
        if cache.trouble and not quiet:
            note(f"note: without the cache {cache.path}: {cache.trouble}")
