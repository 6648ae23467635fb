"""Packs to knowledge: what is known of libraries, as data. The language is in `docs/packs.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autospan.knowledge.bootstrap import Bootstrap, bootstrap
from autospan.knowledge.flows import CallbackRule, KeepRule, ProxyRule
from autospan.knowledge.matcher import Matcher, canonical
from autospan.knowledge.parse import Pack, PackError, parse
from autospan.knowledge.rules import EntryRule, FreeRule, LaunchRule, Library, Rule
from autospan.knowledge.spans import TracedRule
from autospan.model import Place, Problem

__all__ = ["Knowledge", "Pack", "PackError", "load", "read_packs"]


_FLOWING = (CallbackRule, KeepRule, ProxyRule)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything the packs say.

    For `recognize`: `calls`, `decorators` and `bases` match dotted names to rules, `opening` to
    those of `calls` that open a span; `unnamed` are the rules that none of these decides (guards,
    scripts, settings, documents).

    For `link`, plain data, patterns with `*` and `**` left in:

    - `returns`: external function or method to the class of its result. "$self" means the
      receiver, so that `OrderView.as_view()` is still the class `OrderView`.
    - `gives`: external function or method to how its result is made of an argument (`"0 awaited"`).
    - `decorated`: decorator to the class of what it makes of a function, which stays callable
      (`celery.shared_task` to `celery.Task`, so that `f.delay()` is `celery.Task.delay`).
    - `callbacks`, `keeps`, `proxies`: the rules of what external calls call back, keep for
      later, and give as stand-ins.
    - `entered`: calls that register a function, decorators that do, with `()` at the end, and
      attributes that hold one, with `=`.
    - `aliases`: dotted prefix to the name that the packs use for it.

    `bootstrap` is OpenTelemetry's own table of the versions that its packages support; `problems`
    say what of it could not be read.
    """

    libraries: tuple[Library, ...]
    calls: Matcher
    decorators: Matcher
    bases: Matcher
    opening: Matcher
    unnamed: tuple[Rule, ...]
    free: tuple[FreeRule, ...]
    launches: tuple[LaunchRule, ...]
    returns: Mapping[str, str]
    gives: Mapping[str, str]
    decorated: Mapping[str, str]
    callbacks: tuple[CallbackRule, ...]
    keeps: tuple[KeepRule, ...]
    proxies: tuple[ProxyRule, ...]
    entered: tuple[str, ...]
    aliases: Mapping[str, str]
    bootstrap: Bootstrap = field(default_factory=Bootstrap)
    problems: tuple[Problem, ...] = ()

    def canonical(self, name: str) -> str:
        """The dotted name as the packs spell it."""
        return canonical(name, self.aliases)


def load(paths: Iterable[Path], tables: Iterable[Path] = ()) -> Knowledge:
    """Reads packs in the order given, and the newest of OpenTelemetry's tables of packages.

    Raises:
        PackError: with all problems of all packs at once.
    """
    packs = read_packs(paths)
    problems: list[Problem] = []
    table = bootstrap(tables, problems)
    return replace(_join(packs), bootstrap=table, problems=tuple(problems))


def read_packs(paths: Iterable[Path]) -> tuple[Pack, ...]:
    """The packs as they are written, in the order given. Raises `PackError`."""
    packs: list[Pack] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(Place(path.as_posix()), f"not readable: {error}"))
            continue
        packs.append(parse(path.as_posix(), text, problems))
    if problems:
        raise PackError(tuple(problems))
    return tuple(packs)


_UNNAMED = frozenset(
    "guard script setting definition document command import section variable".split()
)


def _join(packs: Sequence[Pack]) -> Knowledge:
    rules = [rule for pack in packs for rule in pack.rules]
    aliases = {key: value for pack in packs for key, value in pack.aliases.items()}
    returns = {key: value for pack in packs for key, value in pack.returns.items()}
    gives = {key: value for pack in packs for key, value in pack.gives.items()}
    decorated = {key: value for pack in packs for key, value in pack.decorated.items()}
    return Knowledge(
        libraries=tuple(pack.library for pack in packs),
        calls=Matcher([*_at("call", rules), *_stores(rules)], aliases),
        decorators=Matcher(_at("decorator", rules), aliases),
        bases=Matcher(_at("base", rules), aliases),
        opening=Matcher([each for each in rules if _opens(each)], aliases),
        unnamed=tuple(rule for rule in rules if _where(rule) in _UNNAMED),
        launches=tuple(rule for rule in rules if isinstance(rule, LaunchRule)),
        free=tuple(rule for rule in rules if isinstance(rule, FreeRule)),
        returns=returns,
        gives=gives,
        decorated=decorated,
        callbacks=tuple(rule for rule in rules if isinstance(rule, CallbackRule)),
        keeps=tuple(rule for rule in rules if isinstance(rule, KeepRule)),
        proxies=tuple(rule for rule in rules if isinstance(rule, ProxyRule)),
        entered=tuple(_entered(rules)),
        aliases=aliases,
    )


def _entered(rules: list[Rule]) -> Iterator[str]:
    ends = {"call": "", "decorator": "()", "store": "="}
    for rule in rules:
        if isinstance(rule, EntryRule) and rule.where in ends:
            yield from (name + ends[rule.where] for name in rule.names if name[0] != "?")


def _stores(rules: list[Rule]) -> Iterator[Rule]:
    """The rules on attributes that are set, named as `link` names what sets them: `a.b.c=`."""
    for rule in rules:
        if _where(rule) == "store":
            yield replace(rule, names=tuple(f"{name}=" for name in rule.names))


def _at(where: str, rules: list[Rule]) -> list[Rule]:
    """The rules of one `where` that tell what a thing is, not how values flow; a use of any kind
    calls for auto-instrumentation."""
    telling = (rule for rule in rules if not isinstance(rule, _FLOWING))
    return [rule for rule in telling if isinstance(rule, FreeRule) or _where(rule) == where]


def _opens(rule: Rule) -> bool:
    return isinstance(rule, TracedRule) and rule.where == "call"


def _where(rule: Rule) -> str:
    return str(getattr(rule, "where", ""))
