"""A change as a patch series: what goes together, who owns it, and that git takes it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from test_cli import FILES, committed, contents, git, run

from autospan.owners import Owners, parse_owners, read_owners

HARD = {
    **FILES,
    "shop/web.py": FILES["shop/web.py"].rstrip(b"\n"),
    "shop/größe/__init__.py": b"",
    "shop/größe/maß nehmen.py".replace(" ", "_"): (
        b"import requests\n\n\ndef messen(artikel_id):\n"
        b'    return requests.get(f"http://mass/{artikel_id}")\n'
    ),
    "shop/a b.py": b"import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()\n",
    "CODEOWNERS": (
        "*.py @shop/all\n/shop/orders.py @shop/pay alice@example.org\n/shop/größe/\n".encode()
    ),
}


@pytest.fixture
def hard(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, data in HARD.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return committed(root)


def whole(root: Path) -> bool:
    """Whether every name that decorates is imported, from a module that is there."""
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        imports = [each for each in tree.body if isinstance(each, ast.ImportFrom)]
        ours = [each for each in imports if each.names[0].name == "traced"]
        names = {each.names[0].asname or "traced" for each in ours}
        used = {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}
        if {"traced", "_traced", "__traced__"} & used - names and path.name != "_tracing.py":
            return False
        if not all((root / f"{each.module.replace('.', '/')}.py").exists() for each in ours):
            return False
    return True


@pytest.mark.parametrize(
    ("split", "most", "takes"),
    [
        ("entrypoint", 1, ("am", "--keep-cr", "-q")),
        ("package", 2, ("apply",)),
        ("owner", 9, ("am", "--keep-cr", "-q", "-3")),
    ],
)
def test_a_series_is_the_change(
    hard: Path, tmp_path: Path, split: str, most: int, takes: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    options = ("--split-by", split, "--max-changes", str(most), "--output-dir", "../out")
    told = run(hard, "diff", "--all", *options).stdout
    names = sorted(path.name for path in out.iterdir())
    assert names == re.findall(r"^  (\d{4}\S+\.patch)", told, re.MULTILINE)
    assert "git am --keep-cr ../out/*.patch" in told
    for name in names:
        git(hard, *takes, str(out / name))
        assert whole(hard)
    taken = contents(hard)
    git(hard, "reset", "-q", "--hard", "HEAD" if takes[0] == "apply" else f"HEAD~{len(names)}")
    git(hard, "clean", "-qfd")
    assert contents(hard) == HARD
    run(hard, "apply", "--all")
    assert contents(hard) == taken
    assert b"__traced__" in taken["shop/größe/maß_nehmen.py"]


def test_the_message_carries_the_reasons(hard: Path) -> None:
    mails = run(hard, "diff", "--all", "--split-by", "entrypoint").stdout
    git(hard, "am", "--keep-cr", "-q", data=mails.encode("utf-8", "surrogateescape"))
    log = git(hard, "log", "--format=%s%n%b%n=====")
    subjects = re.findall(r"^Trace .*", log, re.MULTILINE)
    assert "Trace http POST /orders" in subjects
    assert "Trace what no known entry point reaches" in subjects
    assert all(len(line) <= 72 for line in log.splitlines())
    post = next(each for each in log.split("=====") if "Trace http POST /orders" in each)
    words = " ".join(post.split())
    assert "On the way of entry point http POST /orders: shop.web.create, shop/web.py:8." in words
    assert "does I/O itself: requests.post [http, requests]" in words
    assert "on the way of http POST /orders" in words
    assert "captures order_id, qty withholds password" in words
    assert "is the tracing helper, new and yours to keep" in log


def test_a_folder_below_the_top_and_the_author(tmp_path: Path, hard: Path) -> None:
    (hard / ".git").rename(tmp_path / ".git")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "moved")
    git(tmp_path, "config", "user.name", "Jörg Ä")
    git(tmp_path, "config", "user.email", "j@example.org")
    run(tmp_path, "diff", "project", "--top", "2", "--output-dir", "out")
    git(tmp_path, "am", "-q", str(tmp_path / "out/0001-Trace-functions.patch"))
    assert b"@traced" in (hard / "shop/orders.py").read_bytes()
    assert git(tmp_path, "log", "-1", "--format=%an <%ae>").strip() == "Jörg Ä <j@example.org>"


def test_a_folder_with_patches_is_refused(hard: Path, tmp_path: Path) -> None:
    (tmp_path / "0007-old.patch").touch()
    refused = run(hard, "diff", "--top", "1", "--output-dir", str(tmp_path), code=2).stderr
    assert "holds patches already (0007-old.patch)" in refused
    assert [path.name for path in tmp_path.glob("*.patch")] == ["0007-old.patch"]


def test_owners_have_to_be_known(shop_without_owners: Path) -> None:
    refused = run(shop_without_owners, "diff", "--split-by", "owner", code=2).stderr
    assert "there is no CODEOWNERS file in" in refused
    assert "--split-by package" in refused


@pytest.fixture
def shop_without_owners(hard: Path) -> Path:
    (hard / "CODEOWNERS").unlink()
    return hard


# --- CODEOWNERS ---------------------------------------------------------------------------------

GITHUB = """
# comments, and blank lines

*            @all   # the rest
*.js         @js
/build/logs/ @logs
docs/*       docs@example.org
apps/        @apps
/apps/github
**/logs      @any-logs
/my\\ file.py @blank
!negated.py  @nobody
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("main.py", "@all"),
        ("deep/down/x.js", "@js"),
        ("build/logs/today/x.js", "@any-logs"),
        ("docs/getting-started.md", "docs@example.org"),
        ("docs/build-app/troubleshooting.md", "@all"),
        ("deep/docs/x.md", "@all"),
        ("deep/apps/x/y.py", "@apps"),
        ("apps/github/x.py", ""),
        ("my file.py", "@blank"),
        ("negated.py", "@all"),
    ],
)
def test_owners_as_github_has_them(path: str, owners: str) -> None:
    assert ", ".join(Owners("CODEOWNERS", parse_owners(GITHUB)).of(path)) == owners


GITLAB = """
* @all
[Docs] @docs
docs/
README.md @readme @docs
^[Data base][2] @dba
*.sql
/models/* @models
[docs]
!docs/generated/
docs/generated/index.md
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("main.py", "@all"),
        ("deep/docs/x.md", "@all, @docs"),
        ("deep/README.md", "@all, @readme, @docs"),
        ("docs/schema.sql", "@all, @docs, @dba"),
        ("models/a.py", "@all, @models"),
        ("models/sub/a.py", "@all"),
        ("docs/generated/index.md", "@all"),
    ],
)
def test_owners_as_gitlab_has_them(path: str, owners: str) -> None:
    assert ", ".join(Owners("CODEOWNERS", parse_owners(GITLAB)).of(path)) == owners


def test_the_place_tells_whose_file_it_is(tmp_path: Path) -> None:
    assert read_owners(tmp_path) == Owners("")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/CODEOWNERS").write_text("src/app.py @a\n")
    assert read_owners(tmp_path).of("deep/src/app.py") == ()
    (tmp_path / ".gitlab-ci.yml").touch()
    assert read_owners(tmp_path).of("deep/src/app.py") == ("@a",)
    (tmp_path / "CODEOWNERS").write_text("/src @b\n[")
    assert read_owners(tmp_path).path == "CODEOWNERS"
    assert read_owners(tmp_path).of("src/app.py") == ()
