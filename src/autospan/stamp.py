"""Which autospan this is: whatever its results depend on besides its input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from autospan import __version__

_HERE = Path(__file__).parent
_LIBRARIES = (
    "libcst-",
    "opentelemetry_instrumentation-",
    "opentelemetry_semantic_conventions-",
    "packaging-",
    "pathspec-",
    "rustworkx-",
)


@cache
def stamp() -> bytes:
    """A digest that differs between versions of autospan, of Python and of the libraries that have
    a say in results. An autospan that was installed is told by the digests that the installer wrote
    down, one that is being worked on by the times of its files."""
    installed = _HERE.parent / f"autospan-{__version__}.dist-info" / "RECORD"
    own = [installed.read_text("utf-8")] if installed.is_file() else list(states(_files()))
    return sha256("\n".join([__version__, sys.version, *own, *_libraries()]).encode()).digest()


def states(files: Iterable[Path]) -> Iterator[str]:
    """Path, size and time of change of each file, as far as they are there."""
    for path in files:
        try:
            state = path.stat()
        except OSError:
            continue
        yield f"{path} {state.st_size} {state.st_mtime_ns}"


def _files() -> list[Path]:
    return sorted(path for kind in ("*.py", "*.toml") for path in _HERE.rglob(kind))


def _libraries() -> list[str]:
    """The folders beside LibCST that tell the versions of libraries: `libcst-1.8.4.dist-info`."""
    found = find_spec("libcst")
    if found is None or found.origin is None:
        return []
    beside = Path(found.origin).parents[1].iterdir()
    return sorted(path.name for path in beside if path.name.startswith(_LIBRARIES))
