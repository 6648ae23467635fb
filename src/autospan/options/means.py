"""The options that make autospan quick; none of them changes a result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from autospan.resources import Resources


def _option(help_text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel="Speed", **more)


@dataclass(frozen=True, slots=True)
class Means:
    """What an analysis may use."""

    cache_dir: Annotated[
        Path | None,
        _option(
            "Where to remember what was read. Default: the user's folder for caches.",
            file_okay=False,
            metavar="FOLDER",
            envvar="AUTOSPAN_CACHE_DIR",
        ),
    ] = None
    no_cache: Annotated[
        bool, _option("Read everything anew, and remember nothing.", "--no-cache")
    ] = False

    workers: Annotated[
        int | None,
        _option(
            "Processes that read files. Default: as many as there are processors, one for small "
            "projects.",
            min=1,
            metavar="N",
        ),
    ] = None

    executor: Annotated[
        str,
        _option(
            "Read on other machines: dask://HOST:PORT, a Dask scheduler, or dask for a local one.",
            metavar="WHERE",
        ),
    ] = ""

    def resources(self) -> Resources:
        """What the options stand for; a cache is made if there is none."""
        from autospan.cache import Cache
        from autospan.resources import Resources

        if self.executor not in ("", "dask") and not self.executor.startswith("dask://"):
            raise typer.BadParameter(f"--executor {self.executor}: not dask or dask://HOST:PORT")
        cache = None if self.no_cache else Cache(self.cache_dir or _users())
        return Resources(cache, self.workers, self.executor)


def _users() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("autospan", appauthor=False)
