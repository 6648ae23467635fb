"""`check` from outside: baselines, branches, repairs, and what other programs read of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import black
import jsonschema
import pytest
import yaml
from pydantic import ValidationError
from pydantic_sarif.model import (
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog,
)
from test_cli import committed, contents, git, run

from autospan.model import Finding, Place, Problem, Report
from autospan.options.gating import CheckFormat
from autospan.present import findings as presenter
from autospan.rules import known

DOCS = Path(__file__).parents[1] / "docs"
HEAD = "import schedule\n\n\n"
JOB = (
    "@schedule.repeat(schedule.every().day)\n"
    "def {name}():\n    for each in range(3):\n        print(each)\n"
)
BASELINE = ".autospan-baseline.json"


def jobs(*names: str) -> str:
    """A module with functions that a timer starts."""
    return HEAD + "\n\n".join(JOB.format(name=name) for name in names)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.autospan]\n")
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "jobs.py").write_text(jobs("sweep", "polish"))
    return committed(root)


def found(root: Path, *arguments: str) -> list[tuple[str, str, str]]:
    """(rule, file, function) of what `check` reports."""
    code = int(bool(arguments) and arguments[-1] == "!")
    said = run(root, "check", "-f", "json", *arguments[: len(arguments) - code], code=code)
    told = json.loads(said.stdout)
    return [(each["rule"], each["file"], each["qualname"]) for each in told["findings"]]


# --- the baseline


def test_a_baseline_survives_a_reformat_and_a_move(shop: Path) -> None:
    run(shop, "check", code=1)
    assert "2 entries added" in run(shop, "check", "--update-baseline").stdout
    assert found(shop) == []
    path = shop / "shop" / "jobs.py"
    path.write_text('"""Jobs."""\n\n' + path.read_text().replace("range(3)", "range( 3, )"))
    path.write_text(black.format_str(path.read_text(), mode=black.Mode(line_length=30)))
    assert found(shop) == []
    git(shop, "mv", "shop/jobs.py", "shop/chores.py")
    assert found(shop) == []
    with (shop / "shop" / "chores.py").open("a") as file:
        file.write("\n\n" + JOB.format(name="mow"))
    assert found(shop, "!") == [("AS001", "shop/chores.py", "shop.chores.mow")]


def test_what_was_traced_is_stale_in_the_baseline_until_it_is_fixed(shop: Path) -> None:
    run(shop, "check", "--update-baseline")
    run(shop, "apply", "--function", "sweep", "--allow-dirty")
    assert found(shop, "!") == [("AS005", BASELINE, "")]
    assert found(shop, "shop/__init__.py") == []
    assert found(shop, "--ignore", "AS005") == []
    assert "1 entry taken out" in run(shop, "check", "--fix", "--allow-dirty").stdout
    assert found(shop) == []
    accepted = json.loads((shop / BASELINE).read_bytes())["accepted"]
    assert accepted == {"AS001": {"shop/jobs.py": ["polish"]}}


def test_an_update_for_some_files_leaves_the_others(shop: Path) -> None:
    (shop / "shop" / "more.py").write_text(jobs("mow"))
    run(shop, "check", "--update-baseline", "shop/more.py")
    assert {name for _, _, name in found(shop, "!")} == {"shop.jobs.sweep", "shop.jobs.polish"}
    other = str(shop / "other.json")
    run(shop, "check", "--update-baseline", "--baseline", other)
    assert found(shop, "--baseline", other) == []


# --- branches


def test_only_what_a_branch_adds(shop: Path) -> None:
    git(shop, "branch", "trunk")
    git(shop, "mv", "shop/jobs.py", "shop/chores.py")
    (shop / "shop" / "more.py").write_text(jobs("mow"))
    before = contents(shop)
    assert found(shop, "--diff-base", "trunk", "!") == [("AS001", "shop/more.py", "shop.more.mow")]
    assert contents(shop) == before
    assert git(shop, "worktree", "list").count("\n") == 1


def test_a_branch_is_held_against_where_it_left(shop: Path) -> None:
    start = git(shop, "rev-parse", "HEAD").strip()
    git(shop, "checkout", "-qb", "trunk")
    (shop / "shop" / "jobs.py").write_text(jobs("polish"))
    git(shop, "commit", "-qam", "sweep is gone")
    git(shop, "checkout", "-q", start)
    assert found(shop, "--diff-base", "trunk") == []


def test_an_unknown_revision_is_told_with_a_way_out(shop: Path) -> None:
    told = run(shop, "check", "--diff-base", "nowhere", code=2).stderr
    assert "nowhere: no such commit" in told
    assert "fetch" in told


# --- repairs


def test_fix_traces_what_is_new_and_nothing_that_is_accepted(shop: Path) -> None:
    run(shop, "check", "--update-baseline")
    with (shop / "shop" / "jobs.py").open("a") as file:
        file.write("\n\n" + JOB.format(name="mow"))
    committed(shop)
    assert "shop.jobs.mow" in run(shop, "check", "--fix").stdout
    text = (shop / "shop" / "jobs.py").read_text()
    assert text.count("@traced") == 1
    assert "@traced\ndef mow():" in text
    assert (shop / "shop" / "_tracing.py").exists()
    assert found(shop) == []
    run(shop, "remove")
    assert git(shop, "status", "--porcelain") == ""


def test_fix_does_not_write_over_uncommitted_work_unless_asked(shop: Path) -> None:
    (shop / "shop" / "more.py").write_text(jobs("mow"))
    before = contents(shop)
    assert "--allow-dirty" in run(shop, "check", "--fix", code=2).stderr
    assert contents(shop) == before
    told = run(shop, "check", "--fix", "--allow-dirty", "shop/more.py", code=0).stdout
    assert told.startswith("Traced 1 function: shop.more.mow.")
    assert "@traced" not in (shop / "shop" / "jobs.py").read_text()


# --- options


def test_options_that_contradict_each_other(shop: Path) -> None:
    assert "give one" in run(shop, "check", "--update-baseline", "--fix", code=2).stderr
    told = run(shop, "check", "--select", "AS01", code=2).stderr
    assert "`select` names no rule: AS01" in told


def test_rules_are_configured(shop: Path) -> None:
    (shop / "pyproject.toml").write_text('[tool.autospan]\nignore = ["untraced-entrypoint"]\n')
    assert found(shop) == []
    assert len(found(shop, "--ignore", "AS002", "!")) == 2
    (shop / "pyproject.toml").write_text('[tool.autospan]\nbaseline = "kept/base.json"\n')
    (shop / "kept").mkdir()
    run(shop, "check", "--update-baseline")
    assert (shop / "kept" / "base.json").exists()


def test_files_of_several_projects(shop: Path) -> None:
    other = shop.parent / "other"
    shutil.copytree(shop, other)
    told = found(shop.parent, "other/shop/jobs.py", "project/shop/jobs.py", "!")
    assert {file for _, file, _ in told} == {"other/shop/jobs.py", "project/shop/jobs.py"}
    assert len(told) == 4


def test_the_jobs_in_the_documentation_are_yaml_and_name_options_that_exist(tmp_path: Path) -> None:
    text = (DOCS / "check.md").read_text(encoding="utf-8")
    jobs = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert len(jobs) == 3
    helped = run(tmp_path, "check", "--help").stdout
    lines = re.findall(r"autospan check (.*)", text)
    named = {option for line in lines for option in re.findall(r"--[a-z-]+", line)}
    assert len(named) > 4
    assert {option for option in named if option not in helped} == set()


# --- formats

NASTY = Finding(
    Place("a b/100%,x:y.py", 3, 5), "AS001", "m:f", "50% of `a|b`\n<b>, *so*", "autospan x", "s"
)
REPORT = Report(
    (NASTY, NASTY._replace(place=Place("m.py", 9, 1), rule="AS004", fix="leave `a` out")),
    problems=(Problem(Place("old.py", 2), "Python 2 syntax", "leave it"), Problem(Place("x"), "y")),
)


def shown(style: str, report: Report = REPORT) -> str:
    said = presenter.present(report, style, 100)
    return said if isinstance(said, str) else said.decode()


def test_every_format_is_a_file() -> None:
    folder = Path(presenter.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert {each.value for each in CheckFormat} == files


def test_json_keeps_its_schema() -> None:
    schema = json.loads((DOCS / "check.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(shown("json")), schema)
    jsonschema.validate(json.loads(shown("json", Report(()))), schema)


def sarif(report: Report = REPORT) -> dict[str, Any]:
    (told,) = json.loads(shown("sarif", report))["runs"]
    assert isinstance(told, dict)
    return told


def test_sarif_is_what_the_standard_asks_for() -> None:
    """The models are generated from the standard's schema, and take no unknown key."""
    for report in (REPORT, Report(())):
        SarifLog.model_validate_json(shown("sarif", report))
    with pytest.raises(ValidationError):
        SarifLog.model_validate_json(shown("sarif").replace("startLine", "firstLine"))


def test_sarif_tells_rules_places_and_problems() -> None:
    told = sarif()
    rules = told["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == [each.code for each in known()]
    for result in told["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    where = told["results"][0]["locations"][0]["physicalLocation"]
    assert unquote(where["artifactLocation"]["uri"]) == NASTY.place.file
    assert where["region"] == {"startLine": 3, "startColumn": 5}
    assert len(told["invocations"][0]["toolExecutionNotifications"]) == 2


def test_fingerprints_stay_when_lines_shift() -> None:
    def prints(report: Report) -> list[str]:
        results = sarif(report)["results"]
        return [each["partialFingerprints"]["autospanFinding/v1"] for each in results]

    twice = Report((NASTY, NASTY._replace(place=NASTY.place._replace(line=8))))
    down = [
        each._replace(place=each.place._replace(line=each.place.line + 40))
        for each in twice.findings
    ]
    assert prints(twice) == prints(Report(tuple(down)))
    assert len(set(prints(twice))) == 2


def test_workflow_commands_are_escaped() -> None:
    first, second = shown("github").splitlines()
    assert first == (
        "::error file=a b/100%25%2Cx%3Ay.py,line=3,col=5,title=AS001 untraced-entrypoint"
        "::50%25 of `a|b`%0A<b>, *so*%0Aautospan x"
    )
    assert second.startswith("::error file=m.py,line=9,col=1,title=AS004 secret-captured::")


def test_markdown_keeps_its_tables_whole() -> None:
    told = shown("markdown")
    rows = [line for line in told.splitlines() if line.startswith("| <code>")]
    assert len(rows) == 2
    assert all(row.replace("\\|", "").count("|") == 4 for row in rows)
    assert "<b>" not in told.replace("\\<b\\>", "")
    assert "<code>a&#124;b</code>" in rows[0]


def test_text_goes_by_the_width_of_the_screen_but_for_places() -> None:
    lines = shown("text").splitlines()
    assert lines[0].startswith("a b/100%,x:y.py:3:5: AS001 50% of `a|b`")
    assert any(line.startswith("  help: leave `a` out") for line in lines)
    assert "autospan check --fix" in shown("text")


def test_output_is_written_whole(shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.sarif"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "link").symlink_to(target)
    run(shop, "check", "-f", "sarif", "-o", str(tmp_path / "link"), code=1)
    assert json.loads(target.read_bytes())["version"] == "2.1.0"
    assert (tmp_path / "link").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "project", "report.sarif"]
