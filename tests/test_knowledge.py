"""Packs: what is refused and how it is told, and how names are matched."""

from __future__ import annotations

from pathlib import Path

import pytest

from autospan import catalog
from autospan.knowledge import PackError, load
from autospan.knowledge.matcher import Matcher, canonical, expand, star
from autospan.knowledge.rules import EffectRule, EntryRule, FreeRule, Rule

LIBRARY = '[library]\nname = "shop"\nimports = ["shop"]\n'


def _refused(tmp_path: Path, text: str) -> list[str]:
    """The problems of a pack as `line: message (hint)`."""
    path = tmp_path / "shop.toml"
    path.write_text(text)
    with pytest.raises(PackError) as caught:
        load([path])
    assert all(problem.place.file == path.as_posix() for problem in caught.value.problems)
    return [f"{p.place.line}: {p.message} ({p.hint})" for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            LIBRARY + '[[effect]]\nwhere = "call"\nnames = "a.b"\nkind = "bd"\nsystem = "x"\n',
            "7: [[effect]] 1: kind = 'bd' is none of db, http,",
            id="unknown kind",
        ),
        pytest.param(
            LIBRARY + '[[entry]]\nwhere = "guard"\nkind = "main"\nnmae = "x"\n',
            "7: [[entry]] 1: nmae is not a key of this table (did you mean 'name'?)",
            id="unknown key",
        ),
        pytest.param(
            LIBRARY + '[[effects]]\nwhere = "call"\n',
            "4: unknown table effects (did you mean 'effect'?)",
            id="unknown table",
        ),
        pytest.param(
            LIBRARY + '[[entry]]\nwhere = "call"\nkind = "http"\nnames = ["a.b"]\n',
            '4: [[entry]] 1: function is missing: where = "call" needs',
            id="call without function",
        ),
        pytest.param(
            LIBRARY + '[[entry]]\nwhere = "base"\nkind = "http"\nnames = ["a.B"]\n',
            '4: [[entry]] 1: methods is missing: where = "base" needs',
            id="base without methods",
        ),
        pytest.param(
            LIBRARY + '[[traced]]\nwhere = "call"\napi = "x"\n',
            "4: [[traced]] 1: names is missing",
            id="no names",
        ),
        pytest.param(
            LIBRARY + '[[traced]]\nwhere = "call"\nnames = "x.y"\n',
            "4: [[traced]] 1: api is missing",
            id="required key",
        ),
        pytest.param(
            LIBRARY + '[[entry]]\nwhere = "guard"\nkind = "main"\nname = "{a b}"\n',
            "7: [[entry]] 1: name has a placeholder that cannot be filled: {a b}",
            id="placeholder",
        ),
        pytest.param(
            LIBRARY
            + '[[effect]]\nwhere = "call"\nnames = "a.b"\nkind = "db"\nsystem = "x"\nweak = 1\n',
            "9: [[effect]] 1: weak = 1 is not of type bool",
            id="wrong type",
        ),
        pytest.param(
            LIBRARY + '[effect]\nwhere = "call"\n',
            "4: [effect]: effect is one table (write [[effect]])",
            id="one table",
        ),
        pytest.param(
            LIBRARY + '[returns]\n"a.b" = "a.B"\n"a.c" = 3\n',
            "6: [returns]: a.c is not a dotted name in quotes",
            id="returns",
        ),
        pytest.param("[[entry]]\n", "0: [library]: name is missing", id="no library"),
        pytest.param(LIBRARY + "x = \n", "4: not TOML", id="not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert any(line.startswith(told) for line in _refused(tmp_path, text)), _refused(tmp_path, text)


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text(LIBRARY + '[[traced]]\nwhere = "moon"\nappi = "x"\n')
    second.write_text("nonsense")
    with pytest.raises(PackError) as caught:
        load([first, second])
    told = str(caught.value)
    assert "moon" in told
    assert "appi is not a key of this table (did you mean 'api'?)" in told
    assert "b.toml:1: not TOML" in told


def test_a_pack_that_is_not_there_is_told_with_the_others(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# \xe9\n")
    with pytest.raises(PackError) as caught:
        load([tmp_path / "none.toml", latin])
    assert [problem.place.file for problem in caught.value.problems] == [
        (tmp_path / "none.toml").as_posix(),
        latin.as_posix(),
    ]


def test_the_second_table_of_a_kind_is_found_by_line(tmp_path: Path) -> None:
    one = '[[traced]]\nwhere = "call"\nnames = "a.b"\napi = "x"\n'
    other = one.replace('"call"', '"cell"')
    assert _refused(tmp_path, LIBRARY + one + other) == [
        "9: [[traced]] 2: where = 'cell' is none of decorator, call, section, variable "
        "(did you mean 'call'?)"
    ]


def test_shipped_packs_load_and_each_is_named_like_its_file() -> None:
    knowledge = load(catalog.packs())
    assert [one.name for one in knowledge.libraries] == [path.stem for path in catalog.packs()]


def test_aliases_are_resolved_in_one_step() -> None:
    knowledge = load(catalog.packs())
    for value in knowledge.aliases.values():
        assert knowledge.canonical(value) == value


def test_free_defaults_to_any_use_of_the_imports(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    text = '[[free]]\npackage = "opentelemetry-instrumentation-shop-client"\ngives = "spans"\n'
    path.write_text(LIBRARY + text)
    (rule,) = load([path]).free
    assert rule.names == ("shop.**",)
    assert rule.wired == ("opentelemetry.instrumentation.shop_client.**",)


def _rule(*names: str, excluding: tuple[str, ...] = ()) -> EffectRule:
    return EffectRule(where="call", names=names, excluding=excluding, kind="db", system=names[0])


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a.b", ["a.b"], ["a.b.c", "a", "x.a.b"]),
        ("a.*", ["a.b", "a.b()"], ["a", "a.b.c", "b.a"]),
        ("a.**", ["a.b", "a.b.c"], ["a", "b.a"]),
        ("a.*.c", ["a.b.c"], ["a.c", "a.b.b.c"]),
        ("a.**.c", ["a.c", "a.b.c", "a.b.b.c"], ["a.b", "c"]),
        ("**.c", ["c", "a.c", "a.b.c"], ["?x.c", "a.cc"]),
        ("a.get_*", ["a.get_x", "a.get_"], ["a.get", "a.b.get_x"]),
        (
            "?conn*.execute",
            ["?conn.execute", "?connection.execute"],
            ["conn.execute", "?c.execute"],
        ),
        ("?*.execute", ["?x.execute"], ["x.execute", "?x.y.execute", "?execute"]),
    ],
)
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    matcher = Matcher([_rule(pattern)], {})
    assert [name for name in (*yes, *no) if matcher.find(name)] == yes


def test_the_most_specific_rule_comes_first() -> None:
    rules: list[Rule] = [_rule("a.**"), _rule("a.b.*"), _rule("a.b.c"), _rule("**.c")]
    found = Matcher(rules, {}).find("a.b.c")
    assert [rule.names for rule in found] == [("a.b.c",), ("a.b.*",), ("a.**",), ("**.c",)]


def test_excluding_takes_names_out_again() -> None:
    matcher = Matcher([_rule("a.*", excluding=("a._*", "a.close"))], {})
    assert [name for name in ("a.b", "a._c", "a.close") if matcher.find(name)] == ["a.b"]


def test_names_are_made_canonical_before_they_are_matched() -> None:
    matcher = Matcher([_rule("flask.Flask.route")], {"flask.app": "flask"})
    assert matcher.find("flask.app.Flask.route")
    assert canonical("flask.application.x", {"flask.app": "flask"}) == "flask.application.x"


def test_alternatives_and_stars() -> None:
    assert expand("a.{b,c}.{d,e}") == ("a.b.d", "a.b.e", "a.c.d", "a.c.e")
    assert star("do_*", "do_GET") == "GET"
    assert star("get", "get") == "get"
    assert star("a.add_*", "a.add_post") == "post"


def test_weights_go_by_kind_unless_given() -> None:
    assert _rule("a.b").strength == 1.0
    assert EffectRule(where="call", kind="file", system="x").strength == 0.4
    assert EffectRule(where="call", kind="file", system="x", weak=True).strength == 0.3
    assert EffectRule(where="call", kind="file", system="x", weight=0.7).strength == 0.7


def test_where_decides_the_matcher() -> None:
    knowledge = load(catalog.packs())
    kinds = {type(rule) for rule in knowledge.decorators.find("flask.Flask.route")}
    assert kinds == {EntryRule, FreeRule}
    assert all(rule.pack == "requests" for rule in knowledge.calls.find("requests.get"))
