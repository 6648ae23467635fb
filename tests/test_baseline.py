"""The baseline: what it accepts after lines, files and names have changed, and its file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from autospan.baseline import Baseline, accepting, compare, load_baseline, renewed, written
from autospan.config import ConfigError
from autospan.model import Finding, Place

SCHEMA = Path(__file__).parents[1] / "docs" / "baseline.schema.json"


def finding(name: str, file: str = "a.py", line: int = 1, rule: str = "AS001") -> Finding:
    return Finding(Place(file, line), rule, f"mod:{name}", "words", "fix")


def judged(
    before: list[Finding], after: list[Finding], present: dict[str, set[str]]
) -> tuple[list[str], list[str], list[str]]:
    """The anchors of what is new, accepted and stale."""
    new, accepted, stale = compare(after, accepting(before), present)
    return (
        [each.anchor for each in new],
        [each.anchor for each in accepted],
        [each.anchor for each in stale],
    )


def test_lines_may_shift() -> None:
    told = judged([finding("f", line=3)], [finding("f", line=90)], {"a.py": {"f"}})
    assert told == ([], ["f"], [])


def test_two_in_one_function_are_two() -> None:
    twice = [finding("f", line=3), finding("f", line=4)]
    assert judged(twice, [*twice, finding("f", line=5)], {"a.py": {"f"}})[0] == ["f"]
    assert judged(twice, twice[:1], {"a.py": {"f"}})[2] == ["f"]


def test_a_file_may_move() -> None:
    told = judged([finding("C.f")], [finding("C.f", file="new/b.py")], {"new/b.py": {"C.f"}})
    assert told == ([], ["C.f"], [])


def test_a_function_may_be_renamed_in_its_file() -> None:
    told = judged([finding("f")], [finding("g")], {"a.py": {"g"}})
    assert told == ([], ["g"], [])


def test_what_was_mended_does_not_make_room_for_something_else() -> None:
    told = judged([finding("f")], [finding("g")], {"a.py": {"f", "g"}})
    assert told == (["g"], [], ["f"])


def test_a_namesake_elsewhere_is_new_while_the_old_one_is_there() -> None:
    new = finding("f", file="b.py")
    assert judged([finding("f")], [new], {"a.py": {"f"}, "b.py": {"f"}}) == (["f"], [], ["f"])


def test_rules_do_not_stand_for_each_other() -> None:
    told = judged([finding("f")], [finding("f", rule="AS002")], {"a.py": {"f"}})
    assert told == (["f"], [], ["f"])


def test_a_subject_belongs_to_its_function() -> None:
    secret = finding("f", rule="AS004")._replace(subject="password")
    other = secret._replace(subject="token")
    assert secret.anchor == "f[password]"
    assert judged([secret], [other], {"a.py": {"f"}}) == (["f[token]"], [], ["f[password]"])


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    held = accepting([finding("g"), finding("f"), finding("f"), finding("é", "b.py", rule="AS002")])
    path = tmp_path / "baseline.json"
    path.write_bytes(written(held, path, tmp_path))
    found = load_baseline(path, tmp_path)
    assert found.accepted == held.accepted
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(key[2] in lines[line - 1] for key, line in found.lines.items())
    assert written(found, path, tmp_path) == written(held, path, tmp_path)
    jsonschema.validate(json.loads(path.read_bytes()), json.loads(SCHEMA.read_bytes()))


def test_what_others_keep_in_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text('{"version": 1, "declined": {"a.py": ["f"]}, "accepted": {}}')
    found = renewed(load_baseline(path, tmp_path), {"AS001"}, [finding("g")], ())
    assert json.loads(written(found, path, tmp_path)) == {
        "version": 1,
        "declined": {"a.py": ["f"]},
        "accepted": {"AS001": {"a.py": ["g"]}},
    }


def test_an_update_leaves_rules_that_did_not_run_alone() -> None:
    before = accepting([finding("f"), finding("h", rule="AS002")])
    after = renewed(before, {"AS001"}, [finding("g")], ())
    assert after.accepted == Counter({("AS001", "a.py", "g"): 1, ("AS002", "a.py", "h"): 1})


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    assert load_baseline(tmp_path / "none.json", tmp_path) == Baseline()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"version": 2}', '{"version": 1, "accepted": {"AS001": ["f"]}}', "\xff"],
)
def test_a_broken_file_is_told_with_a_way_out(text: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match="correct the file"):
        load_baseline(path, tmp_path)


def test_entries_of_other_projects_in_the_same_file_stay(tmp_path: Path) -> None:
    path, root = tmp_path / "baseline.json", tmp_path / "shop"
    path.write_text(
        '{"version": 1, "accepted": {"AS001": {"bank/b.py": ["g"], "shop/a.py": ["f"]}}}'
    )
    found = load_baseline(path, root)
    assert found.accepted == {("AS001", "a.py", "f"): 1}
    assert json.loads(written(found, path, root)) == json.loads(path.read_bytes())
    emptied = renewed(found, {"AS001"}, [], ())
    assert json.loads(written(emptied, path, root))["accepted"] == {"AS001": {"bank/b.py": ["g"]}}
