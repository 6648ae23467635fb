"""Which parameters become span attributes, under which key, and why not the others.

A value is captured only where its name or its annotation says that it is an identifier, a choice or
a quantity; what may be a secret, a body or a person is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache

from autospan.conventions import convention
from autospan.model import Capture, Function, Parameter

_MOST = 5
_SHORT = 4

SECRETS = frozenset(
    (
        "password passwd pwd passphrase passhash pincode pin otp 2fa secret token accesstoken "
        "refreshtoken authtoken oauth jwt jti nonce salt signature apikey xapikey appkey "
        "applicationkey secretkey privatekey publickey encryptionkey masterkey sshkey gpgkey "
        "pgpkey pemfile pkcs8 certificatepin licensekey recaptchakey credential credentials "
        "serviceaccount auth authorization proxyauthorization cookie cookies setcookie "
        "session sessionid sessionkey usersession connectsid phpsessid csrf xsrf csrftoken "
        "xsrftoken symfony principal ssn socialsecurity creditcard card cardnumber ccnumber "
        "cvv cvc routingnumber iban securityanswer securitycode securityquestion voterid "
        "geolocation ipaddress remoteaddr xrealip xforwardedfor databaseurl dburl "
        "connectionstring dsn mysqlpwd key keys cert certificate secrets passwords tokens "
        "twofactor verificationcode confirmationcode smscode accesskey promocode vouchercode "
        "vouchercodes couponcode discountcode giftcode giftcardcode"
    ).split()
)
_PRIVATE = frozenset(
    (
        "email mail phone mobile fax address street birthdate dateofbirth birthday dob passport "
        "name firstname lastname fullname surname username recipient sender ip latitude longitude "
        "lat lng lon cc bcc replyto login lastlogin nick nickname"
    ).split()
)
_SOMETIMES = frozenset(("key", "keys", "pin", "card"))
_ABOUT = frozenset(
    (
        "id ids type kind count status state size length version index batch limit format "
        "provider queue timeout port enabled attempts retries"
    ).split()
)
"""What may follow a name of something private and be no such thing itself: `address_id`."""
_BODIES = frozenset(
    (
        "body payload data request response req resp content text html xml json message msg "
        "headers params query sql statement kwargs args context ctx environ env form files "
        "file fp stream buffer raw blob template comment note notes description"
    ).split()
)
_IDENTIFIERS = re.compile(
    r"(^|_)(id|ids|uuid|pk|no|number|num|code|sku|slug|ref|reference|status|state|kind|type|mode|"
    r"currency|country|locale|lang|language|region|zone|tier|plan|version|priority|channel|queue|"
    r"topic|method|action|event|format|backend|provider|carrier|warehouse|year|month|week|day|"
    r"date|count|total|amount|qty|quantity|limit|offset|page|size|per|batch|chunk|attempt|attempts|"
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
_PLAIN = frozenset(("str", "int", "float", "bool"))
_NUMBER = re.compile(r"True|False|-?\d+(\.\d+)?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\W]+")


def captures(
    function: Function, *, extra_secrets: Iterable[str] = (), namespace: str = ""
) -> tuple[Capture, ...]:
    """The verdict on every parameter, in order; at most five are captured. Keys are those of the
    semantic conventions where a captured name spells one, else the name under the namespace."""
    secrets = SECRETS | {each.lower() if "*" in each else _squeeze(each) for each in extra_secrets}
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
    words = words_of(name)
    if verdict := _withheld(name, secrets):
        return verdict
    base = _annotated(parameter.annotation)
    if base in _SCALARS or base in _COLLECTIONS:
        return ""
    if words and words[-1] in _BODIES:
        return "skipped: a body or an object"
    if _IDENTIFIERS.search("_".join(words)):
        return ""
    if base == "str":
        return "skipped: free text"
    return "skipped: not known to be a scalar"


def _conventional(parameter: Parameter) -> str:
    """The key of the semantic conventions that a parameter's name spells; the length of a
    collection is none."""
    sized = _annotated(parameter.annotation) in _COLLECTIONS
    return "" if sized else convention("_".join(words_of(parameter.name)))


def words_of(name: str) -> list[str]:
    """A name in snake or camel case, or dotted, as words in small letters."""
    return [word.lower() for word in _CAMEL.split(name) if word]


@cache
def _withheld(name: str, secrets: frozenset[str]) -> str:
    """Why a parameter of this name never leaves the program; "" where it may. Names recur."""
    words = words_of(name)
    if verdict := is_secret(words, secrets):
        return f"withheld: secret ({verdict})"
    if words == ["code"]:  # of OAuth, of a text message, of a gift card: each opens something
        return "withheld: secret (code)"
    return "withheld: may name a person" if _among(words, _PRIVATE, _PRIVATE) else ""


def is_secret(words: list[str], secrets: frozenset[str] = SECRETS) -> str:
    """What makes a name, split into words, a secret: a run of its words, the end of one of them, or
    a pattern with `*`; "" for nothing."""
    name = "_".join(words)
    patterns = (each for each in secrets if "*" in each and fnmatchcase(name, each))
    return _among(words, secrets, _SOMETIMES) or next(patterns, "")


def _among(words: list[str], names: frozenset[str], sometimes: frozenset[str]) -> str:
    """The one of `names` that stands in a name: a run of its words, digits at the end left out, or
    the end of one word, if it is a long one (`userpassword`). Those that are only `sometimes` so
    do not count before a word that tells something about them: `card_type`."""
    for end in range(1, len(words) + 1):
        harmless = words[end : end + 1] and words[end] in _ABOUT
        for start in range(end):
            run = "".join(words[start:end])
            for each in (run, run.rstrip("0123456789")):
                if each in names and not (harmless and each in sometimes):
                    return each
        found = [each for each in names if len(each) > _SHORT and run.endswith(each)]
        if found and not harmless:
            return max(found, key=lambda each: (len(each), each))
    return ""


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


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
