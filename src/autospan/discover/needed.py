"""Files that are named like tests, and are none: a module beside them imports them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence


def needed(doubtful: Sequence[str], modules: Mapping[str, bytes]) -> Iterator[str]:
    """Those of the doubtful files (paths) that one of the modules (path to its imports) beside them
    imports: `from .tests import x`, `from . import tests`, `import pkg.tests`."""
    by_folder: defaultdict[str, list[str]] = defaultdict(list)
    for path in doubtful:
        by_folder[path.rpartition("/")[0]].append(path)
    for path, data in modules.items():
        folder = path.rpartition("/")[0]
        if by_folder.get(folder) and (found := _imported(by_folder[folder], data)):
            by_folder[folder] = [each for each in by_folder[folder] if each not in found]
            yield from found


def _imported(paths: Sequence[str], data: bytes) -> list[str]:
    names = {path.rpartition("/")[2].rpartition(".")[0].encode(): path for path in paths}
    package = re.escape(paths[0].split("/")[-2].encode()) if "/" in paths[0] else rb"(?!)"
    one = rb"(%s)\b" % b"|".join(map(re.escape, sorted(names)))
    written = (
        rb"from[ \t]+(?:\.|(?:[\w.]+\.)?%s\.)%s[ \t]+import\b" % (package, one),
        rb"from[ \t]+\.[ \t]+import[ \t(][^#\n]*\b%s" % one,
        rb"import[ \t]+(?:[\w.]+\.)?%s\.%s" % (package, one),
    )
    found = (re.findall(rb"(?m)^[ \t]*" + each, data) for each in written)
    return [names[name] for some in found for name in dict.fromkeys(some)]
