"""Which names are those of secrets and of what tells of a person: by word, by run of words, in the
singular and the plural, in snake and camel case, with something before or behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

_SHORT = 4
PERSON, PERSONS = "withheld: may name a person", "withheld: may name persons"

SECRETS = frozenset(
    (
        "password passwd pwd passphrase passhash passcode pincode pin otp totp hotp 2fa mfa "
        "secret token accesstoken refreshtoken authtoken bearer oauth jwt jti nonce salt "
        "signature mac hmac apikey xapikey appkey applicationkey secretkey privatekey publickey "
        "encryptionkey masterkey sshkey gpgkey pgpkey pemfile pkcs8 certificatepin licensekey "
        "recaptchakey credential serviceaccount auth authorization proxyauthorization cookie "
        "cookiejar setcookie session sessionid sessionkey usersession connectsid sid sessid "
        "phpsessid csrf xsrf csrftoken xsrftoken symfony principal ssn socialsecurity "
        "nationalid taxid vatid vatnumber vatno driverlicense driverslicense licenseplate "
        "creditcard card cardnumber ccnumber cvv cvc routingnumber iban accountnumber accountno "
        "bankaccount sortcode securityanswer securitycode securityquestion voterid geolocation "
        "ipaddress remoteaddr xrealip xforwardedfor databaseurl dburl connectionstring dsn "
        "mysqlpwd key cert certificate twofactor verifier codechallenge mnemonic seedphrase "
        "verificationcode confirmationcode activationcode invitecode invitationcode resetcode "
        "recoverycode backupcode pairingcode unlockcode alarmcode logincode accesscode smscode "
        "accesskey promocode vouchercode couponcode discountcode giftcode giftcardcode "
        "credentials cookies keys secrets passwords tokens vouchercodes"
    ).split()
)
PRIVATE = frozenset(
    (
        "email emailid mail mailid phone mobile cell cellphone msisdn imei imsi whatsapp fax "
        "address addr street city zipcode postcode postalcode birthdate dateofbirth birthday "
        "dob gender sex ethnicity religion nationality salary diagnosis passport name firstname "
        "lastname fullname surname username recipient sender fromnumber tonumber callernumber "
        "callednumber contactnumber ip ipv ipaddr macaddress latitude longitude lat lng lon cc "
        "bcc replyto login lastlogin nick nickname expmonth expyear expirymonth expiryyear"
    ).split()
)
_SOMETIMES = frozenset(("key", "pin", "card", "mac", "session"))
ABOUT = frozenset(
    (
        "id ids type kind count status state size length version index batch limit format "
        "provider queue timeout port enabled attempts retries"
    ).split()
)
"""What may follow a name of something private and be no such thing itself: `address_id`."""
THINGS = frozenset(
    (
        "action app attribute backend bucket category class cluster collection column command "
        "component consumer container cron currency dag database dataset db engine event "
        "exchange experiment feature field flag function image index job language layer locale "
        "method metric model module namespace node operation option package parameter partition "
        "permission pipeline plugin pod policy pool producer product property provider queue "
        "region role rule schema server service setting shard stage step stream system table "
        "task template tool topic type unit volume worker workflow zone"
    ).split()
)
"""What has a name that is none of a person: `table_name`."""
_COUNTED = frozenset("max min num number total count n".split())
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\W]+")


@cache
def secrets_with(extra: tuple[str, ...]) -> frozenset[str]:
    """The names of secrets, and those that a project adds; `*` stands for any characters."""
    return SECRETS | {each.lower() if "*" in each else _squeeze(each) for each in extra}


@cache
def withholding(name: str, secrets: frozenset[str]) -> str:
    """Why a parameter of this name never leaves the program; "" where it may. Names recur."""
    words = words_of(name)
    if words[-1:] == ("tokens",) and words[0] in _COUNTED:  # of a language model
        return ""
    if verdict := is_secret(words, secrets):
        return f"withheld: secret ({verdict})"
    if words == ("code",):  # of OAuth, of a text message, of a gift card: each opens something
        return "withheld: secret (code)"
    private = _among(words, PRIVATE, PRIVATE)
    if not private or (words[-1] == "name" and len(words) > 1 and words[-2] in THINGS):
        return ""
    return PERSON if private in PRIVATE else PERSONS


def is_secret(words: tuple[str, ...], secrets: frozenset[str] = SECRETS) -> str:
    """What makes a name, split into words, a secret: a run of its words, the end of one of them, or
    a pattern with `*`; "" for nothing."""
    if found := _among(words, secrets, _SOMETIMES):
        return found
    name = "_".join(words)
    return next((each for each in _patterns(secrets) if fnmatchcase(name, each)), "")


@cache
def _patterns(secrets: frozenset[str]) -> list[str]:
    return sorted(each for each in secrets if "*" in each)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """A name in snake or camel case, or dotted, as words in small letters."""
    return tuple(word.lower() for word in _CAMEL.split(name) if word)


def _among(words: tuple[str, ...], names: frozenset[str], sometimes: frozenset[str]) -> str:
    """What of a name is among `names`: a run of its words, as it stands, or the end of one word, if
    that is a long one (`userpassword`). Those that are only `sometimes` so do not count before a
    word that tells something about them: `card_type`."""
    for end in range(1, len(words) + 1):
        harmless = words[end : end + 1] and words[end] in ABOUT
        for start in range(end):
            run = "".join(words[start:end])
            for each in _forms(run):
                if each in names and not (harmless and each in sometimes):
                    return run if each != run.rstrip("0123456789") else each
        found = names.intersection(ending for form in _forms(run) for ending in _endings(form))
        if found and not harmless:
            return max(found, key=lambda each: (len(each), each))
    return ""


def _forms(run: str) -> Iterator[str]:
    """A run of words, without digits at its end, in the singular."""
    yield run
    bare = run.rstrip("0123456789")
    yield bare
    for ending in ("s", "es"):
        if bare.endswith(ending):
            yield bare.removesuffix(ending)


def _endings(word: str) -> Iterator[str]:
    """The ends of a word that are long enough to say what the whole is."""
    return (word[start:] for start in range(len(word) - _SHORT))


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
