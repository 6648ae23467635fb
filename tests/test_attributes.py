"""Which parameters become attributes: no secrets, no persons, and most of the rest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from keyword import iskeyword
from pathlib import Path

import pytest
from opentelemetry.semconv import _incubating, attributes

from autospan import conventions, runtime
from autospan.attributes import captures
from autospan.model import Capture, Function, Parameter, Place

# The names of shared/knowledge.md, section 5 ("never capture"), split into words.
SECRETS = """
    password passwd pwd pass-phrase pass-hash pin-code pin otp secret token access-token
    refresh-token auth-token oauth jwt jti nonce salt signature api-key x-api-key app-key
    application-key secret-key private-key public-key encryption-key master-key ssh-key gpg-key
    pgp-key pem-file pkcs8 certificate-pin license-key recaptcha-key credential credentials
    service-account auth authorization proxy-authorization cookie set-cookie session session-id
    session-key user-session connect-sid phpsessid csrf xsrf csrf-token xsrf-token symfony principal
    ssn social-security credit-card card cc-number cvv routing-number iban security-answer
    security-code security-question voter-id geo-location ip-address remote-addr x-real-ip
    x-forwarded-for database-url db-url connection-string dsn mysql-pwd
    """.split()
MORE_SECRETS = """
    pass-code totp hotp mfa bearer cookie-jar sid sess-id hmac national-id tax-id vat-number vat-no
    driver-license license-plate account-number bank-account sort-code verifier code-challenge
    mnemonic seed-phrase activation-code invite-code invitation-code reset-code recovery-code
    backup-code pairing-code unlock-code alarm-code login-code access-code
    """.split()
PERSONS = "email phone address birth-date passport name".split()
MORE_PERSONS = """
    mobile cell email-id msisdn imei imsi whatsapp fax addr street city zip-code postcode
    postal-code gender sex ethnicity religion nationality salary diagnosis first-name
    last-name full-name surname recipient sender from-number to-number caller-number
    contact-number ip ip-addr mac-address latitude longitude lat lng reply-to nick
    nickname
    """.split()


def function(*parameters: Parameter | str, **more: object) -> Function:
    listed = [Parameter(each, "standard") if isinstance(each, str) else each for each in parameters]
    plain = Function("m:f", "sync", Place("m.py", 1), 1, 2, tuple(listed))
    return plain._replace(**more)


def verdict(name: str, annotation: str = "", **more: object) -> Capture:
    (capture,) = captures(function(Parameter(name, "standard", annotation)), **more)
    return capture


def spellings(name: str) -> set[str]:
    """The name in one word, in snake case, in camel case; with something before, or a number."""
    words = name.split("-")
    snake, pascal = "_".join(words), "".join(word.capitalize() for word in words)
    return {
        *("".join(words), snake, snake.upper(), pascal[0].lower() + pascal[1:], pascal),
        *(f"user_{snake}", f"user{pascal}", f"the_old_{snake}", f"_{snake}", f"{snake}_"),
        *(f"{snake}_2", *([] if snake[-1].isdigit() else [f"{snake}2", f"user{pascal}2"])),
    }


def followed(name: str) -> set[str]:
    """The name with something behind it, and more than one of it."""
    snake = name.replace("-", "_")
    more = ("hash", "value", "text", "str", "number", "no", "code", "header", "plain", "raw")
    plural = snake + ("es" if snake.endswith("s") else "s")
    camel = "".join(word.capitalize() for word in plural.split("_"))
    several = {plural, plural.upper(), f"all_{plural}", f"new{camel}", f"{plural}_list"}
    return {f"{snake}_{word}" for word in more} | several


def let_through(names: Iterable[str], annotation: str, why: str) -> list[Capture]:
    """The verdicts on all spellings that are not to withhold them, for that reason."""
    spelled = sorted({each for name in names for each in spellings(name) | followed(name)})
    found = [verdict(each, annotation) for each in spelled]
    return [each for each in found if each.captured or not each.why.startswith(why)]


@pytest.mark.parametrize("annotation", ["", "int", "str | None", "UUID", "dict"])
def test_secrets_are_withheld(annotation: str) -> None:
    assert let_through([*SECRETS, *MORE_SECRETS], annotation, "withheld: secret (") == []


@pytest.mark.parametrize("annotation", ["", "int", "date", "Optional[str]"])
def test_persons_are_withheld(annotation: str) -> None:
    assert let_through([*PERSONS, *MORE_PERSONS], annotation, "withheld: ") == []


@pytest.mark.parametrize("name", PERSONS)
def test_how_many_persons_there_are_is_told_at_most(name: str) -> None:
    for spelling in spellings(name):
        assert not verdict(spelling, "dict[str, str]").captured, spelling
    plural = name.replace("-", "_") + ("es" if name.endswith("s") else "s")
    assert verdict(plural, "list[str]").why == "captured: the length of a list"


@pytest.mark.parametrize(
    "name",
    "userpassword dbpasswd accesstokens phone_number phoneNo date_of_birth card_no cardNumber "
    "pin_1 home_address_line user_birth_date passport_no client_ip lat lng twofactor_code smsCode "
    "access_key_id accessKeyId code promo_code voucher_codes gift_card_code last_login bcc "
    "reply_to exp_month expiryYear card_expiry_month "
    "verification_code first_name lastName iban_no auth_code mfa_token hashed_password".split(),
)
def test_forms_that_slip_through_easily(name: str) -> None:
    for annotation in ("", "str", "int", "float"):
        assert not verdict(name, annotation).captured, (name, annotation)


@pytest.mark.parametrize(
    "name", "number chunk stream_chunk plan research_plan research_topic event".split()
)
def test_what_may_be_text_or_the_number_of_a_phone(name: str) -> None:
    assert not verdict(name).captured and not verdict(name, "str").captured
    assert verdict(name, "int").captured


@pytest.mark.parametrize(
    "name",
    "source_code block_code renderedCode new_code area_code input_code expected_code "
    "relay_state RelayState".split(),
)
def test_codes_are_captured_where_it_is_said_of_what(name: str) -> None:
    """Others may be programs, or open something; what a partner sends along may be anything."""
    assert not verdict(name).captured and not verdict(name, "str").captured


IDENTIFIERS = """
    order_id orderId id ids customer_no sku status kind currency country region tier version
    priority channel queue topic action format provider warehouse year month amount qty limit offset
    page page_size batch_size attempt retries timeout delay force dry_run enabled index max_depth
    price weight score threshold card_type key_id pin_count address_id email_count name_length
    phone_type tracking_code table_name queue_name taskName index_name max_tokens
    order_number event_type country_code errorCode tax_code
    """.split()


@pytest.mark.parametrize("annotation", ["", "str", "int", "Optional[str]", "'str'"])
def test_identifiers_and_quantities_are_captured(annotation: str) -> None:
    assert [name for name in IDENTIFIERS if not verdict(name, annotation).captured] == []


ANNOTATIONS = {
    "int": "captured: a int",
    "float | None": "captured: a float",
    "Optional[bool]": "captured: a bool",
    "typing.Optional[int]": "captured: a int",
    "Annotated[int, Path(gt=1)]": "captured: a int",
    "uuid.UUID": "captured: a UUID",
    "datetime.date": "captured: a date",
    "'int'": "captured: a int",
    "list[str]": "captured: the length of a list",
    "dict[str, int]": "skipped: a body or an object",
    "tuple[int, ...]": "captured: the length of a tuple",
    "tuple[int, int]": "skipped: as many as the annotation says",
    "typing.Sequence[int]": "captured: the length of a Sequence",
    "str": "skipped: free text",
    "int | str": "skipped: not known to be a scalar",
    "Order": "skipped: not known to be a scalar",
    "Callable[[int], str]": "skipped: not known to be a scalar",
    "": "skipped: not known to be a scalar",
}


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_annotations(annotation: str) -> None:
    found = verdict("thing", annotation)
    assert (found.why, found.captured) == (
        ANNOTATIONS[annotation],
        ANNOTATIONS[annotation].startswith("captured"),
    )


@pytest.mark.parametrize(
    ("name", "taken"),
    {
        "prices": True,
        "stock_by_skus": True,
        "options": False,
        "ctx": False,
        "headers": False,
        "process": False,
        "address": False,
    }.items(),
)
def test_the_length_of_a_mapping_is_of_interest_where_it_holds_many_things(
    name: str, taken: bool
) -> None:
    assert verdict(name, "dict[str, int]").captured == taken


@pytest.mark.parametrize("name", "table bucket collection tenant repo model branch".split())
def test_what_says_where_is_captured_if_it_is_a_string(name: str) -> None:
    assert verdict(name, "str").captured
    assert not verdict(name).captured


def test_the_state_of_an_authorization_is_one_of_its_secrets() -> None:
    assert captured(function("order_id", "state")) == ["order_id", "state"]
    assert captured(function("code", "state", "order_id")) == ["order_id"]


@pytest.mark.parametrize(
    "name", "body payload data request response content message headers params sql args ctx".split()
)
def test_bodies_are_skipped(name: str) -> None:
    for annotation in ("", "str", "Request", "bytes"):
        assert verdict(name, annotation).why == "skipped: a body or an object"


# --- the signature as a whole -------------------------------------------------------------------


def captured(function: Function, **more: object) -> list[str]:
    return [each.parameter for each in captures(function, **more) if each.captured]


@pytest.mark.parametrize(
    ("first", "more", "taken"),
    [
        ("self", {"owner": 0}, False),
        ("cls", {"owner": 0, "decorators": ("classmethod",)}, False),
        ("order_id", {"owner": 0}, False),  # a receiver by another name
        ("order_id", {"owner": 0, "decorators": ("staticmethod",)}, True),
        ("order_id", {}, True),
        ("self", {}, False),
    ],
)
def test_receivers(first: str, more: dict[str, object], taken: bool) -> None:
    found = captures(function(first, "amount", **more))
    assert [each.captured for each in found] == [taken, True]
    assert taken or found[0].why == "skipped: the receiver"


def test_collecting_parameters() -> None:
    star, rest = Parameter("ids", "star", "int"), Parameter("amounts", "double star", "int")
    assert captured(function(star, rest, "amount")) == ["amount"]


def test_positional_and_keyword_parameters() -> None:
    given = [Parameter("a_id", "positional"), Parameter("b_id", "keyword", "int", "1")]
    assert captured(function(*given)) == ["a_id", "b_id"]


def test_at_most_five() -> None:
    found = captures(function("password", *(f"id{each}_id" for each in range(7)), "data"))
    assert len(found) == 9 and sum(each.captured for each in found) == 5
    assert [each.why for each in found][6:8] == ["skipped: more than 5 attributes on one span"] * 2
    assert found[8].why == "skipped: a body or an object"


def test_keys_and_namespace() -> None:
    assert verdict("order_id").key == "order_id"
    assert verdict("order_id", namespace="acme.shop").key == "acme.shop.order_id"


CONVENTIONS = {
    "user_id": "user.id",
    "userId": "user.id",
    "server_port": "server.port",
    "http_request_method": "http.request.method",
    "http_method": "http.request.method",  # by the deprecated http.method, whose heir is named
    "http_status_code": "http.response.status_code",
    "user_agent_version": "user_agent.version",
}


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("namespace", ["", "acme.shop"])
def test_keys_of_the_conventions(name: str, namespace: str) -> None:
    found = verdict(name, "int", namespace=namespace)
    assert found.captured and found.key == CONVENTIONS[name]


@pytest.mark.parametrize(
    "name",
    "id user users user_no the_user_id user_ids customer_id message_id method status_code port "
    "file_size thread_id device_id error_type cloud_region service_version container_id "
    "http_flavor net_peer_port http_request_header messaging_destination_publish_anonymous "
    "system_id user_".split(),
)
def test_keys_that_are_not_sure_to_be_meant(name: str) -> None:
    assert verdict(name, "int").key == name
    assert verdict(name, "int", namespace="acme").key == f"acme.{name}"


@pytest.mark.parametrize("annotation", ["list[int]", "set[str] | None"])
def test_the_length_of_a_collection_has_no_key_of_the_conventions(annotation: str) -> None:
    found = verdict("user_id", annotation)
    assert found.captured and found.key == "user_id"


@pytest.mark.parametrize("name", ["user_email", "user_name", "server_address", "url_full"])
def test_a_key_of_the_conventions_lets_nothing_through(name: str) -> None:
    found = verdict(name, "str")
    assert not found.captured and found.key == name


def test_two_parameters_never_share_a_key() -> None:
    found = captures(function("http_method", "http_request_method", "userId", "user_id"))
    keys = [each.key for each in found]
    assert keys == ["http.request.method", "http_request_method", "user.id", "user_id"]
    for names in (("id", "user_id"), ("user_id", "id")):
        own = captures(function(*names), namespace="user")
        assert {each.parameter: each.key for each in own} == {
            "id": "user.id",
            "user_id": "user.user_id",
        }


def keys_of(package: str, namespace: str) -> dict[str, str]:
    """The keys that the installed distribution defines for a namespace, as it says: imported."""
    try:
        module = import_module(f"{package}.{namespace}_attributes")
    except ModuleNotFoundError:
        return {}
    constants = {name: each for name, each in vars(module).items() if isinstance(each, str)}
    return {each: name for name, each in constants.items() if not name.startswith("_")}


@pytest.mark.parametrize("namespace", conventions.NAMESPACES)
def test_every_key_is_one_of_the_installed_conventions(namespace: str) -> None:
    draft = keys_of(f"{_incubating.__name__}.attributes", namespace)
    assert draft
    found = {key: conventions.convention(key.replace(".", "_")) for key in draft}
    for key in filter(None, found.values()):
        assert key in keys_of(f"{_incubating.__name__}.attributes", key.partition(".")[0])
        assert conventions.convention(key.replace(".", "_")) == key
    for key, name in keys_of(attributes.__name__, namespace).items():
        assert found[key] == ("" if name.endswith("_TEMPLATE") and key != "url.template" else key)


def test_the_conventions_are_read_when_a_name_may_spell_one_and_never_imported() -> None:
    told = """
import sys
from autospan import conventions
assert conventions.convention("order_id") == "" and not conventions._keys.cache_info().misses
assert conventions.convention("user_id") == "user.id" and conventions._keys.cache_info().misses == 1
assert not [name for name in sys.modules if name.startswith("opentelemetry.semconv")]
"""
    subprocess.run([sys.executable, "-c", told], check=True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"USER_ID: Final = 'user.id'\n'Who.'", "user.id"),
        (b"USER_ID: Final = 'user.id'\n'Deprecated: Removed.'", ""),
        (b"USER_ID: Final = 'user.id'\n'Deprecated: Replaced by `user.id`.'", ""),
        (b"USER_ID: Final = 'user.id'", ""),
        (b"USER_ID: Final = ('user.id'", ""),
        (b"USER_ID: Final = 1\n'\xff'", ""),
        (b"", ""),
        (None, ""),
    ],
)
def test_conventions_that_are_not_as_expected(
    text: bytes | None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "semconv" / "_incubating" / "attributes"
    folder.mkdir(parents=True)
    if text is not None:
        (folder / "user_attributes.py").write_bytes(text)
    spec = ModuleSpec("opentelemetry", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(conventions, "find_spec", lambda name: spec)
    monkeypatch.setattr(conventions, "_keys", cache(conventions._keys.__wrapped__))
    assert conventions.convention.__wrapped__("user_id") == key


@pytest.mark.parametrize(
    ("secret", "name", "withheld"),
    [
        ("loyalty", "loyalty_id", True),
        ("loyalty_id", "loyaltyId", True),
        ("loyalty_id", "loyalty_count", False),
        ("*_ref", "order_ref", True),
        ("*_ref", "orderRef", True),
        ("*_ref", "ref_id", False),
        ("int*_id", "internal_id", True),
        ("int*_id", "order_id", False),
    ],
)
def test_secrets_of_the_project(secret: str, name: str, withheld: bool) -> None:
    assert verdict(name, "int", extra_secrets=(secret,)).captured != withheld


def test_every_parameter_has_a_verdict_in_words() -> None:
    names = ("self", "order_id", "password", "email", "body", "x", "amount")
    found = captures(function(*names, owner=0))
    assert tuple(each.parameter for each in found) == names
    assert all(each.why.partition(":")[0] in ("captured", "skipped", "withheld") for each in found)
    assert all(each.captured == each.why.startswith("captured") for each in found)


# --- the helper's own list ----------------------------------------------------------------------

LET_THROUGH = {"public-key", "pkcs8", "connect-sid", "symfony", "principal"}
"""Names that are withheld from a plan and not by the helper, which is short, and the last resort
for what people write by hand. To be emptied."""


def read_at_run_time(name: str) -> bool:
    """Whether the helper makes an attribute of a parameter of this name, if it is told to."""
    names: dict[str, Callable[[], None]] = {}
    exec(f"def f({name}): pass", names)
    return runtime._reader(names["f"], {name: name}) is not None


def test_the_helper_knows_the_same_secrets() -> None:
    read = {
        name: {read_at_run_time(each) for each in spellings(name) if valid(each)}
        for name in SECRETS
    }
    assert read == {name: {name in LET_THROUGH} for name in SECRETS}


def valid(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name)


def test_what_a_plan_captures_the_helper_reads() -> None:
    assert [name for name in IDENTIFIERS if not read_at_run_time(name)] == []
