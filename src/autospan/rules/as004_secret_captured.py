"""A secret, or what identifies a person, is put on a span.

Attributes leave the program: they are stored with whoever collects the traces, for weeks, and are
read by many. A password, a token, a card number or an e-mail address has no business there.

```python
@traced(capture=("order_id", "card_number"))
def charge(order_id, card_number):
    span.set_attribute("user.password", password)
```

What is looked at is the name, wherever it is told: in `capture=` of autospan's decorator, in
`set_attribute`, `set_attributes`, `attributes=`, in baggage, and in what other tracing APIs have
for it. A name counts where the secret is what is recorded (`user.password`, `authToken`) and not
where it only tells what the value is about (`password_reset`, `token_count`, `input_tokens`).

**Way out**: leave it out, or record what tells no secret: an id, a length, the last digits. Names
of your own are added with `secrets` in the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from autospan.model import Finding
from autospan.rules.checked import Checked
from autospan.withholding import SECRETS, words_of

_VAGUE = frozenset(
    (
        "key keys pin card auth tokens nonce jti salt session sessionid sessions usersession "
        "principal symfony geolocation cert certificate ipaddress remoteaddr xrealip mac sid "
        "verifier"
    ).split()
)
"""Secrets as names of parameters, and too many other things as names of attributes."""
_PERSONAL = frozenset(
    (
        "email emailaddress mailaddress phone phonenumber mobilenumber birthdate dateofbirth "
        "birthday dob passport passportnumber firstname lastname fullname surname homeaddress"
    ).split()
)
_FIX = "leave `{}` out, or record what tells no secret: an id, a length, the last digits"


def find(checked: Checked) -> Iterator[Finding]:
    """One finding a name and call."""
    for each in checked.survey.recorded:
        for name in each.names:
            if why := exposed(name, checked.secrets):
                words = f"`{name}` is put on a span: {why}"
                fix = _FIX.format(name)
                yield checked.finding("AS004", each.function, each.place.line, words, fix, name)


def exposed(name: str, secrets: tuple[str, ...] = ()) -> str:
    """Why an attribute of this name gives away what it should not; "" where it does not."""
    words = words_of(name)
    for start in range(len(words)):
        tail = "".join(words[start:]).rstrip("0123456789")
        if tail in SECRETS and tail not in _VAGUE:
            return "it looks secret"
        if tail in _PERSONAL:
            return "it identifies a person"
    last = name.rpartition(".")[2]
    if any(fnmatchcase(each, pattern) for pattern in secrets for each in (name, last)):
        return "the configuration says that it is secret"
    return ""
