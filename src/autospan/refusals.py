"""Which functions get no span, each with a code and the reason in words.

`skip_reason` knows where a span would do harm or never start: no selection puts one there.
`unworthy` knows where it would tell nobody anything: it is offered to no one, and written if
somebody asks for the function by its name, or for everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autospan.forms import Choice
from autospan.ignores import find_ignores
from autospan.model import Facts, Function, Graph, Survey


def skip_reason(
    graph: Graph, survey: Survey, facts: Sequence[Facts], form: Callable[[int], Choice]
) -> Callable[[int, Function], tuple[str, str] | None]:
    """For any function (index): (code, words) of why it can carry no span, None where it can."""
    traced = {each.function: each.api for each in survey.traced}
    ignored = _ignored(graph, facts)
    forbidden = dict(reversed(survey.forbidden))
    declined, standing = dict(survey.declined), dict(survey.standing)

    def refuse(number: int, function: Function) -> tuple[str, str] | None:
        if number in traced:
            return "traced", f"already traced ({traced[number]})"
        if number in ignored:
            return "ignored", f"`# autospan: ignore[{ignored[number]}]` stands there"
        if number in declined:
            return "declined", declined[number]
        if number in forbidden:
            return "unsafe", forbidden[number]
        if number in standing:
            lives = (
                f"as long as {standing[number]} lives"
                if standing[number]
                else "until it is told to stop"
            )
            words = f"waits for work {lives}, and so would its span"
            return "endless", f"{words}: trace what the loop calls"
        if (choice := form(number)).form is None:
            return "frames", f"{choice.why}: a wrapper would be in the way"
        return _by_syntax(function)

    return refuse


def not_offered(
    graph: Graph, survey: Survey, facts: Sequence[Facts], form: Callable[[int], Choice]
) -> Callable[[int, Function], tuple[str, str] | None]:
    """For any function (index): (code, words) of why nobody is offered a span in it."""
    refuse = skip_reason(graph, survey, facts, form)
    return lambda number, function: refuse(number, function) or unworthy(function)


def runs(function: Function) -> bool:
    """Whether it has a body that may run: an overload has none, nor what only type checkers see."""
    return not function.typing_only and "overload" not in _decorators(function)


def _ignored(graph: Graph, facts: Sequence[Facts]) -> dict[int, str]:
    """The functions (index) that a comment keeps without a span, and what it says."""
    return {
        number: each.text
        for each, number in find_ignores(graph, facts).items()
        if number is not None and each.covers("AS001")
    }


def _by_syntax(function: Function) -> tuple[str, str] | None:
    decorators = _decorators(function)
    if function.short.startswith("<lambda"):
        return "lambda", "a lambda has no line of its own for a decorator"
    if function.typing_only:
        return "typing", "stands under `if TYPE_CHECKING`: never runs"
    if "overload" in decorators:
        return "stub", "an overload: it has no body that runs"
    if function.short in _UNSAFE:
        return "unsafe", f"`{function.short}` {_UNSAFE[function.short]}"
    if function.endless and "generator" not in function.kind:
        return "endless", "loops for ever: its span would never end; trace what the loop calls"
    if decorators & {"coroutine", "inlineCallbacks"}:
        return "unsafe", "an old-style coroutine: its generator is driven by a framework"
    return None


_UNSAFE = {
    "__del__": "runs whenever the collector does, also in the middle of an exporter that holds "
    "its locks",
}


# --- what is not worth a span


def unworthy(function: Function) -> tuple[str, str] | None:
    """(code, words) of why nobody is offered a span for a function that could carry one."""
    if _decorators(function) & {"abstractmethod", "abstractproperty"}:
        return "stub", "abstract: no body of its own runs"
    if function.short in _SPECIAL:
        return (
            "special",
            f"`{function.short}` is called implicitly, too often or too early for a span",
        )
    if function.trivial:
        return "trivial", f"nothing to measure: {function.trivial}"
    return None


_SPECIAL = frozenset(
    f"__{name}__"
    for name in (
        (
            "init_subclass class_getitem getattr getattribute setattr delattr del new hash eq ne "
            "lt le gt ge repr str bytes format bool len iter next contains get set delete "
            "set_name instancecheck subclasscheck prepare missing sizeof reduce reduce_ex "
            "getstate setstate copy deepcopy getnewargs getnewargs_ex fspath index int float "
            "complex dir"
        ).split()
    )
)


def _decorators(function: Function) -> set[str]:
    """The last names of its decorators."""
    return {each.removesuffix("()").rpartition(".")[2] for each in function.decorators}
