"""What is free: the table of packages, what a project depends on, and whether the two fit."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from autospan import catalog
from autospan.knowledge import load
from autospan.knowledge.bootstrap import bootstrap
from autospan.link import link
from autospan.model import Document, Free, Place, Problem, Source, Tree
from autospan.read import read
from autospan.recognize import recognize
from autospan.recognize.dependencies import Dependency, dependencies, overlap


def _source(path: str, text: str) -> Source:
    data = text.encode()
    digest = hashlib.sha256(data).hexdigest()
    return Source(path, path.removesuffix(".py"), False, data, "utf-8", digest)


def _known(documents: dict[str, str]) -> dict[str, tuple[str, str, int]]:
    tree = Tree("/", (), tuple(Document(*each) for each in documents.items()))
    found = dependencies(tree)
    return {name: (d.specifier, d.version, d.place.line) for name, d in found.items()}


REQUIREMENTS = """\
# the shop
-r base.txt
--index-url https://pypi.example
flask>=2,<3  # web
Redis[hiredis] == 4.5.1 ; python_version > "3.7"
psycopg2-binary==2.9.9 \\
    --hash=sha256:abc
git+https://example.com/x.git
mail_tools
"""


def test_requirements_files() -> None:
    assert _known({"requirements.txt": REQUIREMENTS}) == {
        "flask": (">=2,<3", "", 4),
        "redis": ("== 4.5.1", "4.5.1", 5),
        "psycopg2-binary": ("==2.9.9", "2.9.9", 6),
        "mail-tools": ("", "", 9),
    }


PYPROJECT = """\
[project]
name = "shop"
dependencies = ["django>=4", "requests"]
[project.optional-dependencies]
s3 = ["boto3 ~= 1.26"]
[dependency-groups]
dev = ["pytest>=8", { include-group = "lint" }]
"""
POETRY = """\
[tool.poetry.dependencies]
python = "^3.10"
celery = "^5.2.1"
redis = { version = "~4.5", extras = ["hiredis"] }
flask = "*"
kombu = "5.3.0"
httpx = "^0.24"
[tool.poetry.group.dev.dependencies]
pytest = ">=7,<9"
"""


def test_pyproject() -> None:
    found = _known({"pyproject.toml": PYPROJECT})
    assert {name: specifier for name, (specifier, _, _) in found.items()} == {
        "django": ">=4",
        "requests": "",
        "boto3": "~= 1.26",
        "pytest": ">=8",
    }


def test_poetry_carets_are_ranges() -> None:
    found = _known({"pyproject.toml": POETRY})
    assert {name: specifier for name, (specifier, _, _) in found.items()} == {
        "celery": ">=5.2.1,<6",
        "redis": ">=4.5,<4.6",
        "flask": "",
        "kombu": "==5.3.0",
        "httpx": ">=0.24,<0.25",
        "pytest": ">=7,<9",
    }


def test_a_lock_file_is_preferred_to_a_range() -> None:
    lock = '[[package]]\nname = "django"\nversion = "4.2.7"\ndescription = "x"\n'
    pipfile = '{"default": {"requests": {"version": "==2.31.0"}}, "develop": {}}'
    found = _known({"pyproject.toml": PYPROJECT, "uv.lock": lock, "Pipfile.lock": pipfile})
    assert found["django"] == ("==4.2.7", "4.2.7", 2)
    assert found["requests"][1] == "2.31.0"


def test_setup_files_are_read_never_run() -> None:
    setup = 'import os\nos.abort()\nsetup(install_requires=["flask<1", NAME])\n'
    cfg = "[options]\ninstall_requires =\n    redis>=3\n"
    found = _known({"setup.cfg": cfg, "setup.py": setup})
    assert {name: specifier for name, (specifier, _, _) in found.items()} == {
        "redis": ">=3",
        "flask": "<1",
    }


def test_broken_files_say_nothing() -> None:
    broken = {"pyproject.toml": "[project", "Pipfile.lock": "{", "setup.cfg": "x"}
    assert _known({**broken, "requirements.txt": "flask"}) == {"flask": ("", "", 1)}
    odd = {"pyproject.toml": "project = 3\n", "Pipfile.lock": "[]"}
    assert _known({**odd, "requirements.txt": "flask"}) == {"flask": ("", "", 1)}


@pytest.mark.parametrize(
    ("declared", "version", "supported", "expected"),
    [
        ("", "2.0.1", ">= 1.0", True),
        ("", "0.12", ">= 1.0", False),
        ("", "6.0b1", ">= 4.0, < 6.0", False),
        (">=2,<3", "", ">= 1.0", True),
        ("<1", "", ">= 1.0", False),
        (">=0.5,<1.0.5", "", ">= 1.0", True),
        (">1.0", "", "< 1.0", False),
        ("~=3.2", "", "~= 3.0", True),
        ("==5.2.*", "", ">= 2.0", True),
        ("==1.9.*", "", ">= 2.0", False),
        ("", "", ">= 2.0", None),
        ("", "not-a-version", ">= 2.0", None),
    ],
)
def test_overlap(declared: str, version: str, supported: str, expected: bool | None) -> None:
    dependency = Dependency("x", declared, version, Place("requirements.txt", 1))
    assert overlap(dependency, supported) is expected


def _table(folder: Path, version: str, libraries: str) -> Path:
    folder.mkdir(parents=True)
    text = f"libraries = {libraries}\ndefault_instrumentations = ['o-i-urllib==1']\n"
    (folder / "bootstrap_gen.py").write_text(text)
    (folder / "version.py").write_text(f'__version__ = "{version}"\n')
    return folder / "bootstrap_gen.py"


def test_the_newest_copy_of_the_table_is_taken(tmp_path: Path) -> None:
    row = "[{{'library': 'redis >= {0}', 'instrumentation': 'o-i-redis=={0}'}}]"
    versions = ["0.9b1", "0.66b2", "0.66b1"]
    paths = [_table(tmp_path / v, v, row.format(v)) for v in versions]
    problems: list[Problem] = []
    table = bootstrap(paths, problems)
    assert table.version == "0.66b2" and not problems
    assert table.libraries == {"o-i-redis": ("redis >= 0.66b2",), "o-i-urllib": ()}
    assert table.pins["o-i-redis"] == "o-i-redis==0.66b2"


def test_a_table_that_is_no_literal_is_a_problem_and_is_not_run(tmp_path: Path) -> None:
    problems: list[Problem] = []
    table = bootstrap([_table(tmp_path / "x", "1", "__import__('os').abort()")], problems)
    assert table.version == "" and "table of packages" in problems[0].message


def test_a_copy_in_the_projects_environment_is_found(tmp_path: Path) -> None:
    site = tmp_path / ".venv/lib/python3.12/site-packages/opentelemetry/instrumentation"
    path = _table(site, "99.0", "[]")
    assert path in catalog.bootstraps(tmp_path)
    assert load(catalog.packs(), catalog.bootstraps(tmp_path)).bootstrap.version == "99.0"


APP = "import flask\nimport requests\napp = flask.Flask(__name__)\nrequests.get('http://x')\n"


def _free(requirements: str, **modules: str) -> dict[str, Free]:
    sources = [_source("app.py", APP), *(_source(f"{n}.py", text) for n, text in modules.items())]
    tree = Tree("/", tuple(sources), (Document("requirements.txt", requirements),))
    knowledge = load(catalog.packs(), catalog.bootstraps(Path("/nowhere")))
    graph = link([read(source) for source in sources], knowledge)
    rows = recognize(graph, knowledge, tree).free
    return {row.package.removeprefix("opentelemetry-instrumentation-"): row for row in rows}


def test_the_locked_version_is_held_against_the_supported_range() -> None:
    free = _free("flask==0.12\nrequests==2.31.0\n")
    assert free["flask"].fits is False and free["requests"].fits is True
    assert free["flask"].version == "flask==0.12"
    assert free["flask"].declared == Place("requirements.txt", 1)
    assert free["flask"].requirement.startswith("flask")
    assert free["requests"].pin.startswith("opentelemetry-instrumentation-requests==")


def test_a_package_that_is_required_already_is_told_from_one_that_is_wired() -> None:
    free = _free("opentelemetry_instrumentation_flask\n")["flask"]
    assert free.required and not free.wired and free.fits is None and free.version == ""


WIRING = """from importlib.metadata import entry_points
NAMES = ("opentelemetry-instrumentation-flask",)
for each in entry_points(group="opentelemetry_instrumentor"):
    each.load()().instrument()
"""


def test_what_goes_through_the_group_of_instrumentors_is_wired() -> None:
    some = _free("", telemetry=WIRING)
    assert some["flask"].wired and not some["requests"].wired
    every = _free("", telemetry=WIRING.replace('"opentelemetry-instrumentation-flask",', ""))
    assert every["flask"].wired and every["requests"].wired
