"""What the modules are called: import roots, and the dotted path from them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path

from autospan.config import Config
from autospan.discover.scripts import run_in
from autospan.discover.walk import Found


def modules(top: Path, found: Found, config: Config, files: Mapping[str, bytes]) -> dict[str, str]:
    """The module name of every path in `files`, of which the imports are given, each name once.

    A name is the dotted path from the nearest import root above the file. Import roots are those of
    the configuration, or else, in this order:

    1. the analysed folder; if it is a package itself, the first folder above it that is none;
    2. a folder with pyproject.toml, setup.py, setup.cfg or manage.py, and the `src` in it;
    3. the folder around a package that is no package itself (pytest's rule), unless some file
       imports what it holds by its dotted path: then it is a namespace package
       (`google/cloud/storage`);
    4. a folder with an `__init__.py` that its program does not use as a package: its files import
       what stands beside them, nobody imports it (scripts are run in it).

    A folder of scripts without any of these is no import root: `cron/nightly.py` is `cron.nightly`.
    An `__init__.py` in a folder that its program uses as one of scripts makes no package of it.
    Where several import roots hold the same name, all of them fall back to the dotted path from the
    analysed folder; a plain module hidden by a package of its name gets a number.
    """
    roots = _configured(top, config)
    prefixes = roots or {"": tuple(reversed(list(_packages_above(top))))}
    if not roots:
        packages = _used_as_packages(top, found, files)
        if found.packages - packages >= {""}:
            prefixes[""] = ()
        for folder in _detected(found, packages, bool(prefixes[""]), files):
            prefixes[folder] = ()
    named = {path: _nearest(path, prefixes) for path in files}
    names = {path: _dotted(prefixes[root], path[len(root) :]) for path, root in named.items()}
    outer = prefixes.get("", ())
    for path in _clashing(names, named):
        names[path] = _dotted(outer, path)
    return _numbered(names)


def import_root(file: Path, config: Config) -> Path:
    """The import root of one file: a configured one, or the first folder that is no package."""
    folder = Path(config.folder or file.parent)
    configured = [(folder / root).resolve() for root in config.roots]
    above = [root for root in configured if file.is_relative_to(root)]
    if above:
        return max(above, key=lambda root: len(root.parts))
    packages = list(_packages_above(file.parent))
    return file.parents[len(packages)]


def _packages_above(folder: Path) -> Iterable[str]:
    """The names of `folder` and the folders above it, as long as they are packages."""
    while (folder / "__init__.py").is_file() and folder.name:
        yield folder.name
        folder = folder.parent


def _configured(top: Path, config: Config) -> dict[str, tuple[str, ...]]:
    """The configured roots as folders of the tree ("" or "a/b/"), and what precedes names there."""
    roots: dict[str, tuple[str, ...]] = {"": ()} if config.roots else {}
    for root in config.roots:
        path = Path(config.folder or top, root).resolve()
        if path.is_relative_to(top):
            below = path.relative_to(top).as_posix()
            roots["" if below == "." else below + "/"] = ()
        elif top.is_relative_to(path):
            roots[""] = top.relative_to(path).parts
    return roots


def _used_as_packages(top: Path, found: Found, files: Mapping[str, bytes]) -> set[str]:
    """The packages without those outermost ones that are folders of scripts."""
    outermost = {each for each in found.packages if not each or _parent(each) not in found.packages}
    names = {each: (top / each).name for each in outermost}
    return found.packages - {each for each in outermost if run_in(each, names[each], files)}


def _detected(
    found: Found, packages: set[str], inside: bool, files: Mapping[str, bytes]
) -> set[str]:
    """The import roots below the analysed folder; `inside` says that this is a package itself."""
    folders = set(found.folders)
    places = {"", *found.projects}
    sources = {place + "src/" for place in places} & folders
    roots = {root for root in places | sources if root not in packages}
    if inside:
        return roots - {""}
    plain = {_parent(folder) for folder in packages} - packages - roots
    around = {folder for folder in plain if not any(p in packages for p in _above(folder))}
    namespaces = _imported(_holdings(around, files), files)
    for folder in sorted(around):
        base = _nearest(folder, roots)
        readings = [name for name in _readings(folder) if len(name) <= len(folder) - len(base) - 1]
        spelled = next((name for name in readings if name in namespaces), "")
        roots.add(folder[: len(folder) - len(spelled) - 1] if spelled else folder)
    return roots - {""}


def _parent(folder: str) -> str:
    return folder[: folder.rstrip("/").rfind("/") + 1]


def _above(folder: str) -> Iterable[str]:
    while folder:
        folder = _parent(folder)
        yield folder


def _readings(folder: str) -> list[str]:
    """What a folder may be called, longest first: `a.b.c`, `b.c`, `c` of "a/b/c/"."""
    parts = folder.strip("/").split("/")
    return [".".join(parts[start:]) for start in range(len(parts))]


def _holdings(folders: Iterable[str], files: Iterable[str]) -> dict[str, set[str]]:
    """What each of the names that a folder may be called would hold: modules and packages."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for folder in folders:
        below = (path[len(folder) :] for path in files if path.startswith(folder))
        held = {path.partition("/")[0].partition(".")[0] for path in below}
        for name in _readings(folder):
            found[name] |= held
    return found


def _imported(names: Mapping[str, set[str]], files: Mapping[str, bytes]) -> set[str]:
    """Those of `names` from which an import statement takes something that they hold (or a list in
    brackets, which is not looked into). Read by pattern, not by parser."""
    spelled = sorted((name.encode() for name in names), reverse=True)
    statement = re.compile(
        rb"^[ \t]*(?:from|import)[ \t]+(?=(%b)(?:\.(\w+)|[ \t]+import\b([^\r\n]*)))"
        % b"|".join(map(re.escape, spelled)),
        re.MULTILINE,
    )
    return {
        match[1].decode()
        for data in files.values()
        if any(name in data for name in spelled)
        for match in statement.finditer(data)
        if b"(" in (match[3] or b"")
        or names[match[1].decode()] & set(re.findall(r"\w+", (match[2] or match[3]).decode()))
    }


def _nearest(path: str, roots: Iterable[str]) -> str:
    """The deepest of the roots that holds `path`."""
    return max((root for root in roots if path.startswith(root)), key=len, default="")


_PLAIN = str.maketrans(".:", "__")


def _dotted(prefix: tuple[str, ...], path: str) -> str:
    """`a.b` of "a/b.py" and of "a/b/__init__.py"; dots and colons inside a part become "_"."""
    *folders, name = path.split("/")
    name = name.removesuffix(".pyw").removesuffix(".py")
    parts = [*prefix, *folders, name]
    if name == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(part.translate(_PLAIN) or "_" for part in parts)


def _clashing(names: Mapping[str, str], named: Mapping[str, str]) -> set[str]:
    """The paths below one top-level name that several import roots hold with the same modules."""
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for path, name in names.items():
        claims[name].append(path)
    groups = {
        (named[path], name.partition(".")[0])
        for name, paths in claims.items()
        if len({named[path] for path in paths}) > 1
        for path in paths
    }
    return {path for path, name in names.items() if (named[path], name.partition(".")[0]) in groups}


def _numbered(names: Mapping[str, str]) -> dict[str, str]:
    """The names, made unique: a package keeps a contested one, else the first path does."""
    taken, held = set(names.values()), set()
    unique = dict(names)
    for path in sorted(names, key=lambda path: (not path.endswith("/__init__.py"), path)):
        if (name := names[path]) in held:
            numbered = (f"{name}_{number}" for number in count(2))
            unique[path] = next(other for other in numbered if other not in taken)
            taken.add(unique[path])
        held.add(name)
    return unique
