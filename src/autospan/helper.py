"""Where the tracing helper of a project stands: one file a package, or one a folder of scripts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from autospan.config import Config
from autospan.model import Helper, Source

MARK = b"# autospan: helper "
"""How the first line of a helper that autospan wrote begins."""

NAME = "_tracing"
_SHIPPED = "autospan.runtime"


def place_helpers(
    sources: Sequence[Source], imported: Collection[str], config: Config
) -> Mapping[str, Helper]:
    """Per source path, the helper that the file imports `traced` from.

    A module of a package uses `_tracing.py` in its outermost package; a script, in a folder that is
    no package and that nobody imports by a dotted path (`imported`: all imported module names), the
    one beside it. With `helper` configured, every file imports that module; a helper with path ""
    is not written (`autospan.runtime`).
    """
    paths = {source.path for source in sources}
    return {source.path: _helper(source, paths, imported, config) for source in sources}


def _helper(
    source: Source, paths: Collection[str], imported: Collection[str], config: Config
) -> Helper:
    if config.helper == _SHIPPED:
        return Helper("", _SHIPPED)
    path, parts = PurePosixPath(source.path), source.module.split(".")
    package = parts if source.package else parts[:-1]
    if config.helper:
        root = path.parent
        for _ in package:
            root = root.parent
        return Helper(str(root / f"{config.helper.replace('.', '/')}.py"), config.helper)
    folder = path.parent
    if str(folder / "__init__.py") in paths:
        while str(folder.parent / "__init__.py") in paths and folder.parent != folder:
            folder, package = folder.parent, package[:-1]
    elif source.module not in imported:
        package = []
    name = NAME if str(folder / f"{NAME}.py") not in paths else f"{NAME}_spans"
    return Helper(str(folder / f"{name}.py"), ".".join([*package, name]))
