"""What is known of code outside the program: result types, called-back arguments, as packs say."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from autospan.knowledge.flows import CallbackRule, KeepRule, ProxyRule
from autospan.knowledge.matcher import compiled
from autospan.knowledge.rules import Rule

_PLAIN = sys.stdlib_module_names | {"builtins"}
_MOST_CALLS = 4
_MOST_PARTS = 12
T = TypeVar("T")
R = TypeVar("R", bound=Rule)


class Models(Protocol):
    """What `link` asks of the knowledge packs; names may be patterns with `*` and `**`."""

    @property
    def returns(self) -> Mapping[str, str]:
        """External callable to the dotted class of its result; `$self` is the receiver."""

    @property
    def gives(self) -> Mapping[str, str]:
        """External callable to the argument that its result is made of, and how (`0 awaited`)."""

    @property
    def decorated(self) -> Mapping[str, str]:
        """Decorator to the class of what it makes of a function, which stays callable."""

    @property
    def callbacks(self) -> Sequence[CallbackRule]:
        """External callables that call back what they are given."""

    @property
    def keeps(self) -> Sequence[KeepRule]:
        """External callables whose receiver or result keeps what they are given."""

    @property
    def proxies(self) -> Sequence[ProxyRule]:
        """External callables whose result stands for another value."""

    @property
    def entered(self) -> Iterable[str]:
        """External callables that register a function; decorators that do, with `()` at the end;
        attributes that hold one, with `=`."""

    @property
    def aliases(self) -> Mapping[str, str]:
        """Dotted prefix to the name that packs use for it."""


class _Table(Generic[T]):
    """Values by dotted name or pattern; the pattern with most letters wins. Patterns are kept by
    their first part, or by their last (with a dot before it) where that has no `*`."""

    def __init__(self, rows: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, T] = {}
        self._patterns: dict[str, list[tuple[str, T]]] = {}
        self._seen: dict[str, T | None] = {}
        for name, value in rows:
            if "*" in name:
                first, last = name.partition(".")[0], name.rpartition(".")[2]
                by = first if "*" not in first else f".{last}" if "*" not in last else ""
                self._patterns.setdefault(by, []).append((name, value))
            else:
                self._exact[name] = value

    def find(self, name: str) -> T | None:
        """The value for a name."""
        try:
            return self._seen[name]
        except KeyError:
            found = self._seen[name] = self._search(name)
            return found

    def _search(self, name: str) -> T | None:
        if name in self._exact:
            return self._exact[name]
        buckets = (name.partition(".")[0], f".{name.rpartition('.')[2]}", "")
        rows = (row for each in buckets for row in self._patterns.get(each, ()))
        found = [(len(each), value) for each, value in rows if compiled(each).fullmatch(name)]
        return max(found, key=lambda pair: pair[0])[1] if found else None


class _Rules(Generic[R]):
    """All rules by the names they match; that of a class is also that of its `__init__`."""

    def __init__(self, rules: Iterable[R]) -> None:
        rows: dict[str, tuple[R, ...]] = {}
        for rule in rules:
            for name in rule.names:
                rows[name] = (*rows.get(name, ()), rule)
        self._table = _Table(rows.items())
        self._found: dict[str, tuple[R, ...]] = {}

    def find(self, name: str) -> tuple[R, ...]:
        """The rules of the pattern that fits best, but for those that take the name out."""
        known = self._found.get(name)
        if known is None:
            plain = name.removesuffix(".__init__")
            found = self._table.find(plain) or ()
            known = self._found[name] = tuple(
                rule
                for rule in found
                if not any(compiled(each).fullmatch(plain) for each in rule.excluding)
            )
        return known


class Known(NamedTuple):
    """What is known of calling something outside: how its result is made of the arguments, its
    result, whether that keeps values of its own, and the rules for it."""

    gives: tuple[str, ...]
    result: str | None
    made: bool
    keeps: tuple[KeepRule, ...]
    callbacks: tuple[CallbackRule, ...]
    proxies: tuple[ProxyRule, ...]

    @property
    def acts(self) -> bool:
        """Whether the call keeps something or calls something back."""
        return bool(self.keeps or self.callbacks)


class Externals:
    """Names outside the program, spelled as the packs spell them."""

    def __init__(self, models: Models) -> None:
        self._aliases = models.aliases
        self._returns = _Table(models.returns.items())
        self.queries = frozenset(
            how.partition(" of ")[0] for how in models.returns.values() if " of " in how
        )
        self._gives = _Table((name, tuple(how.split())) for name, how in models.gives.items())
        self._decorated = _Table(models.decorated.items())
        self.callbacks = _Rules(models.callbacks).find
        self.keeps = _Rules(models.keeps).find
        self.proxies = _Rules(models.proxies).find
        self.kept = frozenset(part for rule in models.keeps for part in rule.under.split("."))
        self._keepers = frozenset(
            name.rpartition(".")[0] if name.rpartition(".")[2][:1].islower() else name
            for rule in models.keeps
            for name in rule.names
        )
        last = (name.rpartition(".")[2] for rule in models.callbacks for name in rule.names)
        self.operators = frozenset(name for name in last if name.startswith("__"))
        self._entered = _Table((name, True) for name in models.entered)
        self._spelled: dict[str, str] = {}
        self._known: dict[str, Known] = {}

    def name(self, dotted: str) -> str:
        """The name with its longest aliased prefix replaced."""
        known = self._spelled.get(dotted)
        if known is None:
            known = self._spelled[dotted] = self._canonical(dotted)
        return known

    def _canonical(self, dotted: str) -> str:
        prefix = dotted
        while prefix:
            if prefix in self._aliases:
                return self._aliases[prefix] + dotted[len(prefix) :]
            prefix = prefix.rpartition(".")[0]
        return dotted

    def result(self, name: str, *, decorates: bool = False) -> str | None:
        """What calling `name` gives: the packs' word (`$self`: its receiver), the class itself for
        a CamelCase name, `name()` else; None where nothing is worth following: what the
        standard library's functions give is plain data, unless a pack says otherwise or the
        result `decorates` a function."""
        declared = self._returns.find(name)
        if declared is not None:
            return declared
        last = name.rpartition(".")[2]
        if last[:1].isupper() and not last.isupper():
            return name
        if name.partition(".")[0] in _PLAIN and not decorates:
            return None
        return name + "()" if name.count("()") < _MOST_CALLS else None

    def called(self, name: str) -> Known:
        """What is known of calling `name`."""
        known = self._known.get(name)
        if known is None:
            result = self.result(name)
            known = self._known[name] = Known(
                self._gives.find(name) or (),
                result,
                self.made(name, result),
                self.keeps(name),
                self.callbacks(name),
                self.proxies(name),
            )
        return known

    def made(self, name: str, result: str | None) -> bool:
        """Whether what a call gives keeps values of its own: it is not just any of its class."""
        keeps = result in self._keepers or any(rule.result for rule in self.keeps(name))
        return result is not None and keeps

    def item(self, name: str) -> str | None:
        """What `value[key]` gives, by what packs say of `__getitem__` (`$self`: the value); None
        where that depends on what the value was made of."""
        declared = self._returns.find(f"{name}.__getitem__")
        if declared is None or " of " in declared:
            return None
        return name if declared == "$self" else declared

    def yields(self, name: str) -> bool:
        """Whether to iterate over a value gives instances of the class that it was made of."""
        return self._returns.find(f"{name}.__iter__") == "$new of self"

    def decorated(self, name: str) -> str:
        """The class of what a decorator makes of a function; `name()` where no pack says."""
        return self._decorated.find(name) or name + "()"

    def enters(self, name: str) -> bool:
        """Whether calling `name` registers a function."""
        return bool(self._entered.find(name))

    def member(self, name: str, attribute: str) -> str | None:
        """The name of an attribute of an external value; None where it grows too long."""
        return self.name(f"{name}.{attribute}") if name.count(".") < _MOST_PARTS else None
