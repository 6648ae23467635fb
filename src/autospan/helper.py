"""Where the tracing helper of a project stands: one file a package, or one a folder of scripts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from autospan.beside import at_top, finding
from autospan.config import Config
from autospan.model import Facts, Helper, Import, Source, Tree

MARK = b"# autospan: helper "
"""How the first line of a helper that autospan wrote begins."""

NAME = "_tracing"
_OTHER = f"{NAME}_spans"
_SHIPPED = "autospan.runtime"


def place_helpers(
    sources: Sequence[Source],
    facts: Sequence[Facts],
    config: Config,
    started: Collection[str] = (),
) -> Mapping[str, Helper | None]:
    """Per source path, the helper that the file imports `traced` from; None if it may find none.

    A module of a package uses `_tracing.py` in its outermost package. So does a script, a file in a
    folder that is no package, if it imports that package at its top; any other script uses the one
    beside it, if anything shows that it would find that (`started` are files of which something
    else does). No script is what is imported by a dotted path, or imports so what lies beside it:
    it is of a namespace package. `facts` are those of the sources.

    With `helper` configured, every file imports that module; a helper with path "" is not written
    (`autospan.runtime`).
    """
    paths = {source.path for source in sources}
    packages = {
        source.module: _packaged(source, paths)
        for source in sources
        if source.package and "." not in source.module
    }
    imports = {each.path: each.imports for each in facts}
    imported = _dotted(each for listed in imports.values() for each in listed)
    modules = {source.module for source in sources}
    found = {*started, *finding(sources, facts)}
    found |= {source.path for source in sources if _in_root(source, config)}
    imported |= {source.module for source in sources if _is_namespaced(source, imports, modules)}
    return {
        source.path: _shared(source, imports.get(source.path, ()), packages, imported, paths, found)
        if not config.helper
        else _configured(source, config.helper)
        for source in sources
    }


def is_helper(source: Source) -> bool:
    """Whether a source is a tracing helper that autospan wrote."""
    return source.data.startswith(MARK)


def giving_modules(tree: Tree, config: Config) -> list[str]:
    """The modules that give `traced`: as they are configured, as a script beside imports it, and
    those that would be helpers and are not there, as somebody has deleted them."""
    beside = {each.module.rpartition(".")[2] for each in tree.sources if is_helper(each)}
    modules = {source.module for source in tree.sources}
    folders = {name.rpartition(".")[0] for name in modules} | {""}
    names = {f"{folder}.{name}".lstrip(".") for folder in folders for name in (NAME, _OTHER)}
    return sorted({config.helper, *beside, *names - modules} - {""})


def _dotted(imports: Iterable[Import]) -> frozenset[str]:
    """The dotted names that some file imports."""
    return frozenset(name for each in imports for name in _named(each))


def _named(each: Import) -> tuple[str, str]:
    """`from a import b` as both `a` and `a.b`."""
    return each.module, f"{each.module}.{each.name}"


def _is_namespaced(
    source: Source, imports: Mapping[str, Sequence[Import]], modules: Collection[str]
) -> bool:
    """Whether a module imports another one for certain by a path that begins like its own."""
    start = f"{source.module.partition('.')[0]}."
    return source.module.startswith(start) and any(
        name.startswith(start) and name in modules
        for each in at_top(source.data, imports.get(source.path, ()))
        for name in _named(each)
    )


def _in_root(source: Source, config: Config) -> bool:
    """Whether a file stands right in an import root that is configured."""
    return bool(config.roots) and "." not in source.module and not source.package


def _configured(source: Source, name: str) -> Helper:
    if name == _SHIPPED:
        return Helper("", _SHIPPED)
    root = _folder(source.path)
    for _ in _package_of(source):
        root = _folder(root)
    return Helper(_in(root, f"{name.replace('.', '/')}.py"), name)


def _package_of(source: Source) -> list[str]:
    parts = source.module.split(".")
    return parts if source.package else parts[:-1]


def _shared(
    source: Source,
    imports: Sequence[Import],
    packages: Mapping[str, Helper],
    imported: Collection[str],
    paths: Collection[str],
    found: Collection[str],
) -> Helper | None:
    if _in(_folder(source.path), "__init__.py") in paths or source.module in imported:
        return _packaged(source, paths)
    names = (each.module.partition(".")[0] for each in at_top(source.data, imports))
    known = (packages[name] for name in names if name in packages)
    beside = _beside(_folder(source.path), [], paths) if source.path in found else None
    return next(known, beside)


def _packaged(source: Source, paths: Collection[str]) -> Helper:
    """The helper in the outermost package around a module by its dotted name, also where a folder
    on the way there has no `__init__.py`; in its own folder where none has one."""
    folder, package = _folder(source.path), _package_of(source)
    chosen = folder, package
    for length in range(len(package), 0, -1):
        if _in(folder, "__init__.py") in paths:
            chosen = folder, package[:length]
        folder = _folder(folder)
    return _beside(*chosen, paths)


def _folder(path: str) -> str:
    """The folder that a file or a folder is in, "" for the root of the tree."""
    return path.rpartition("/")[0]


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _beside(folder: str, package: list[str], paths: Collection[str]) -> Helper:
    """The helper in a folder, under a name that is free there; a bare name must be free at the
    root of the tree too, which may stand before the folder on the path."""
    taken = {_in(folder, f"{NAME}.py"), "" if package else f"{NAME}.py"}
    name = _OTHER if taken.intersection(paths) else NAME
    return Helper(_in(folder, f"{name}.py"), ".".join([*package, name]))
