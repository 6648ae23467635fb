"""Modules and the names in them: imports, star imports, builtins, module attributes."""

from __future__ import annotations

import builtins

from autospan.link import values as v
from autospan.link.calls import Calls
from autospan.link.externals import Externals
from autospan.link.flow import Watcher
from autospan.link.program import Program

_BUILTINS = frozenset(dir(builtins))


class Names(Calls):
    """Finds what a module-level name stands for, also through other modules."""

    def __init__(self, program: Program, externals: Externals) -> None:
        super().__init__(program, externals)
        self._names: list[dict[str, int]] = [{} for _ in program.facts]
        self._defined = program.defined_names()
        self._stars: list[list[str]] = [[] for _ in program.facts]
        self._packages = program.submodules()
        self._absent = program.absent_modules(self._packages)
        self._dotted = program.imported_packages(self._packages)
        self._roots = self._used_both_ways()
        self._imports: list[tuple[int, int, str, str]] = []

    def _name(self, file: int, name: str) -> int:
        names = self._names[file]
        node = names.get(name)
        if node is None:
            node = names[name] = self.flow.node()
        return node

    def _resolve_imports(self) -> None:
        for file, node, written, name in self._imports:
            module = self._beside(file, written)
            if name:
                self.module_member(module, name, node)
            else:
                self.flow.add(node, self.module(module))
        self._imports.clear()

    def _beside(self, file: int, module: str) -> str:
        """The module that an import names: where there is none of that name, the one in the folder
        of the importing file or in one above it (scripts are run there), unless that folder is
        used as a package only: `import redis` in `shop/cache.py` is not `shop.redis` then."""
        if module in self._packages:
            return module
        facts = self.program.facts[file]
        folder = facts.module if facts.package else facts.module.rpartition(".")[0]
        for start in dict.fromkeys((folder, facts.path.rpartition("/")[0].replace("/", "."))):
            if beside := self._above(start, module, facts.module):
                return beside
        return module

    def _above(self, folder: str, module: str, own: str) -> str:
        """The module in a folder or in one above it; in a tree of several programs, the names that
        two of them share begin at the folder of all."""
        while folder:
            beside = f"{folder}.{module}"
            root = folder not in self._dotted or folder in self._roots
            if root and beside in self._packages and beside != own:
                return beside
            folder = folder.rpartition(".")[0]
        return ""

    def _used_both_ways(self) -> set[str]:
        """The packages that are import roots as well (they hold `manage.py`): some file below
        imports a name from two parts or more below them, which is there."""
        inner = {name.rpartition(".")[2] for name in self._packages if "." in name}
        roots: set[str] = set()
        for facts in self.program.facts:
            for each in facts.imports:
                top, dot, _ = each.module.partition(".")
                if dot and each.name and top in inner and each.module not in self._packages:
                    folder = facts.module
                    while folder := folder.rpartition(".")[0]:
                        found = self.program.modules.get(f"{folder}.{each.module}")
                        if found is not None and each.name in self._defined[found]:
                            roots.add(folder)
        return roots

    def module(self, name: str) -> int:
        """The value of a module by its dotted name."""
        if name in self._packages:
            return self.values.of(v.MODULE, name)
        return self.values.of(v.EXTERNAL, self.externals.name(name))

    def module_member(self, module: str, name: str, target: int) -> None:
        """Let a module's attribute flow into a node: a name it binds, a submodule, what a star
        import brings, or something outside the program."""
        if not target:
            return
        if module not in self._packages:
            self.external(target, f"{module}.{name}")
            return
        found = self._exported(module, name, set())
        submodule = f"{module}.{name}" in self._packages
        if found:
            self.flow.copy(found, target)
        if submodule:
            self.flow.add(target, self.values.of(v.MODULE, f"{module}.{name}"))
        if found or submodule:
            return
        file = self.program.modules.get(module)
        external = "" if file is None else self._external_star(file)
        if file is not None and "__getattr__" in self._defined[file]:
            getter = self._name(file, "__getattr__")
            self.flow.watch(getter, Watcher(self._lazy, target))
        elif external or f"{module}.{name}" in self._absent:
            self.external(target, f"{external or module}.{name}")

    def modules_from(self, prefix: str) -> list[str]:
        """The modules of the program whose dotted names are the prefix and one more part."""
        return sorted(
            name
            for name in self.program.modules
            if prefix and name.startswith(prefix) and "." not in name[len(prefix) :]
        )

    def set_module_member(self, module: str, name: str, source: int) -> None:
        """Let a node flow into a module-level name (`settings.client = …` from another module)."""
        file = self.program.modules.get(module)
        if file is not None and name in self._defined[file]:
            self.flow.copy(source, self._name(file, name))

    def module_names(self, module: str) -> set[str]:
        """The names that a module binds itself."""
        file = self.program.modules.get(module)
        return set() if file is None else self._defined[file]

    def _lazy(self, watcher: Watcher, value: int) -> None:
        self.enter_function(-1, 0, value, watcher.target)

    def _exported(self, module: str, name: str, seen: set[str]) -> int:
        """The node of a name in a module, looked for through star imports; 0: there is none."""
        file = self.program.modules.get(module)
        if file is None or module in seen:
            return 0
        if name in self._defined[file]:
            return self._name(file, name)
        seen.add(module)
        for star in reversed(self._stars[file]):
            exports = None
            if star in self.program.modules:
                exports = self.program.facts[self.program.modules[star]].exports
            if name not in exports if exports is not None else name.startswith("_"):
                continue
            found = self._exported(star, name, seen)
            if found:
                return found
            if f"{star}.{name}" in self._packages and exports and name in exports:
                node = self._name(file, name)
                self.flow.add(node, self.values.of(v.MODULE, f"{star}.{name}"))
                return node
        return 0

    def _external_star(self, file: int) -> str:
        return next((star for star in self._stars[file] if star not in self._packages), "")

    def _resolve_names(self) -> None:
        """Names that a module reads but does not bind: star imports, builtins, `__name__`."""
        for file, facts in enumerate(self.program.facts):
            for name, node in list(self._names[file].items()):
                if name in self._defined[file]:
                    continue
                found = self._exported(facts.module, name, set())
                external = self._external_star(file)
                if found and found != node:
                    self.flow.copy(found, node)
                elif name == "__name__":
                    self.flow.add(node, self.values.of(v.CONSTANT, facts.module))
                elif name in _BUILTINS:
                    self.flow.add(node, self.values.of(v.EXTERNAL, f"builtins.{name}"))
                elif external:
                    self.external(node, f"{external}.{name}")
