"""Which parameters become span attributes, under which key, and why not the others.

A value is captured only where its name or its annotation says that it is an identifier, a choice or
a quantity; what may be a secret, a body or a person is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from autospan.conventions import convention
from autospan.model import Capture, Function, Parameter
from autospan.withholding import PERSONS, THINGS, secrets_with, withholding, words_of

_MOST = 5

_BODIES = frozenset(
    (
        "body payload data request response req resp content text html xml json message msg "
        "headers params query sql statement kwargs args context ctx environ env form files "
        "file fp stream buffer raw blob template comment note notes description"
    ).split()
)
_IDENTIFIERS = re.compile(
    r"^(max|min|num)_|^topic$|(^|_)(id|ids|uuid|pk|no|number|num|code|sku|slug|ref|reference|"
    r"status|state|kind|type|mode|currency|country|locale|lang|language|region|zone|tier|version|"
    r"priority|channel|queue|method|action|format|backend|provider|carrier|warehouse|year|"
    r"month|week|day|date|count|total|amount|qty|quantity|limit|offset|page|size|per|attempt|attempts|"
    r"retries|timeout|delay|days|hours|minutes|seconds|since|until|force|dry|dry_run|enabled|"
    r"index|rank|level|depth|length|max|min|percent|rate|price|weight|score|threshold|step|stage|env)$"
)
_SCALARS = frozenset(
    (
        "int float bool complex Decimal UUID date datetime timedelta time Enum IntEnum StrEnum"
    ).split()
)
_COLLECTIONS = frozenset(
    (
        "list tuple set frozenset dict List Tuple Set Dict Sequence Iterable Mapping Collection"
    ).split()
)
_MAPPINGS, _TUPLES = frozenset(("dict", "Dict", "Mapping")), frozenset(("tuple", "Tuple"))
_MANNERS = frozenset("options settings kwargs args attributes attrs properties props".split())
"""Mappings whose length says nothing, although their names are plurals."""
_PLACES = frozenset(
    (
        "table bucket collection partition shard tenant cluster namespace branch repo repository "
        "category operation model engine metric schema database"
    ).split()
)
"""Strings of these names are short, and say where or on what something is done."""
_CODED = frozenset(
    (
        "channel country currency department error event exit http item lang language locale "
        "product reason region response return state station status tax tracking unit warehouse "
        "zone"
    ).split()
)
"""What has a code that is none of a program, of a telephone or of a way in: `country_code`."""
_OPAQUE = (("relay", "state"),)
"""Names that end like a choice, of what a partner may put anything into."""
_PLAIN = frozenset(("str", "int", "float", "bool"))
_NUMBER = re.compile(r"True|False|-?\d+(\.\d+)?")


def captures(
    function: Function, *, extra_secrets: tuple[str, ...] = (), namespace: str = ""
) -> tuple[Capture, ...]:
    """The verdict on every parameter, in order; at most five are captured. Keys are those of the
    semantic conventions where a captured name spells one, else the name under the namespace."""
    secrets = secrets_with(extra_secrets)
    found: list[Capture] = []
    keys: set[str] = set()
    for position, parameter in enumerate(function.parameters):
        key = f"{namespace}.{parameter.name}" if namespace else parameter.name
        why = _refusal(function, position, parameter, secrets)
        if not why and len(keys) == _MOST:
            why = f"skipped: more than {_MOST} attributes on one span"
        if not why:
            known = _conventional(parameter)
            taken = known in keys or known.startswith(f"{namespace}.")  # by what the project says
            key = key if taken or not known else known
            keys.add(key)
        found.append(Capture(parameter.name, key, not why, why or _merit(parameter)))
    return tuple(found)


def as_they_are(function: Function, found: Iterable[Capture]) -> tuple[Capture, ...]:
    """The verdicts where values go to the API as they are, which takes scalars only: what neither
    annotation nor a number as default makes a `str`, `int`, `float` or `bool` is left out."""
    plain = {each.name for each in function.parameters if _is_plain(each)}
    return withheld(found, "not known to be a str, int, float or bool", besides=plain)


def withheld(
    found: Iterable[Capture], why: str, besides: Collection[str] = ()
) -> tuple[Capture, ...]:
    """The verdicts, with what was captured left out for this reason, but for some parameters."""
    return tuple(
        replace(each, captured=False, why=f"skipped: {why}")
        if each.captured and each.parameter not in besides
        else each
        for each in found
    )


def _is_plain(parameter: Parameter) -> bool:
    annotation = parameter.annotation.strip("'\" ")
    if annotation:
        return annotation in _PLAIN and parameter.default != "None"
    return _NUMBER.fullmatch(parameter.default) is not None


def _refusal(
    function: Function, position: int, parameter: Parameter, secrets: frozenset[str]
) -> str:
    """Why a parameter is not captured; "" where it is."""
    name = parameter.name
    receiver = function.owner is not None and "staticmethod" not in function.decorators
    if position == 0 and (receiver or name in ("self", "cls")):
        return "skipped: the receiver"
    if parameter.kind in ("star", "double star"):
        return "skipped: collects any arguments"
    if function.owner is not None and name.startswith("__") and not name.endswith("__"):
        return "skipped: its class makes the name another one"
    words, base = words_of(name), _annotated(parameter.annotation)
    verdict = withholding(name, secrets)
    if verdict and not (verdict == PERSONS and base in _COLLECTIONS):
        return verdict
    if words == ("state",) and any(each.name == "code" for each in function.parameters):
        return "withheld: secret (state, beside the code of OAuth)"
    if base in _COLLECTIONS:
        return _size_of_nothing(words, base, parameter.annotation)
    if base in _SCALARS:
        return ""
    if words and words[-1] in _BODIES:
        return "skipped: a body or an object"
    if _is_identifier(words, base):
        return ""
    return "skipped: free text" if base == "str" else "skipped: not known to be a scalar"


def _is_identifier(words: tuple[str, ...], base: str) -> bool:
    """Whether a name tells an identifier, a choice or a quantity."""
    if words == ("number",):  # if not of a phone, then annotated as one
        return False
    if words[-1:] == ("name",):  # of a thing: that of a person is withheld
        return len(words) > 1 and words[-2] in THINGS
    if words[-1:] == ("code",):
        return len(words) > 1 and words[-2] in _CODED
    if words in _OPAQUE:
        return False
    known = _IDENTIFIERS.search("_".join(words)) is not None
    return known or (base == "str" and words != () and words[-1] in _PLACES)


def _size_of_nothing(words: tuple[str, ...], base: str, annotation: str) -> str:
    """Why the length of a collection would say nothing; "" where it says how many there are. That
    of a tuple with a type for each item is known, that of a mapping is of interest where it is one
    of many things, as its name says (`prices`, but not `options`)."""
    if base in _TUPLES and "[" in annotation and "..." not in annotation:
        return "skipped: as many as the annotation says"
    if base not in _MAPPINGS:
        return ""
    last = words[-1] if words else ""
    several = last.endswith("s") and not last.endswith("ss")
    return "" if several and last not in _BODIES | _MANNERS else "skipped: a body or an object"


def _conventional(parameter: Parameter) -> str:
    """The key of the semantic conventions that a parameter's name spells; the length of a
    collection is none."""
    sized = _annotated(parameter.annotation) in _COLLECTIONS
    return "" if sized else convention("_".join(words_of(parameter.name)))


def _merit(parameter: Parameter) -> str:
    base = _annotated(parameter.annotation)
    if base in _COLLECTIONS:
        return f"captured: the length of a {base}"
    if base in _SCALARS:
        return f"captured: a {base}"
    return "captured: an identifier or a quantity by its name"


def _annotated(annotation: str) -> str:
    """The last name of an annotation's outermost type, `Optional` and `| None` left out."""
    text = annotation.replace("typing.", "").strip("'\" ")
    for wrapper in ("Optional[", "Annotated["):
        if text.startswith(wrapper):
            text = text[len(wrapper) :].rstrip("]").partition(",")[0]
    choices = [each.strip() for each in text.split("|") if each.strip() != "None"]
    if len(choices) != 1:
        return ""
    return choices[0].partition("[")[0].rpartition(".")[2]
