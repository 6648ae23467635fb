"""`discover`: which files, which encoding, which module names."""

from __future__ import annotations

import hashlib
import os
from io import FileIO
from pathlib import Path

import pytest

from autospan.config import Config, configure
from autospan.discover import EXCLUDES, discover
from autospan.discover.decode import imports


@pytest.fixture
def grow(tmp_path):
    """Fills a folder from "path: content" and bare paths, and gives it."""

    def build(*paths: str, **contents: str) -> Path:
        for path in paths:
            name, _, content = path.partition(": ")
            target = tmp_path / "root" / name
            if name.endswith("/"):
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        return tmp_path / "root"

    return build


def paths(root: Path, config: Config | None = None) -> list[str]:
    tree = discover(root, config or Config())
    assert not tree.problems
    return [source.path for source in tree.sources]


def modules(root: Path, config: Config | None = None) -> list[str]:
    return [source.module for source in discover(root, config or Config()).sources]


def named(root: Path, config: Config | None = None) -> dict[str, str]:
    return {source.path: source.module for source in discover(root, config or Config()).sources}


# --- which files


def test_a_source(grow):
    root = grow("a/__init__.py", "a/b.py: x = 1\n")
    tree = discover(root, Config())
    package, module = tree.sources
    assert (package.path, package.module, package.package) == ("a/__init__.py", "a", True)
    assert (module.path, module.module, module.package) == ("a/b.py", "a.b", False)
    assert module.data == b"x = 1\n"
    assert module.digest == hashlib.sha256(b"x = 1\n").hexdigest()
    assert tree.root == str(root.resolve())
    assert Path(tree.root).is_absolute()


def test_python_by_suffix_or_by_first_line(grow):
    root = grow(
        "a.py",
        "b.pyw",
        "c.pyi",
        "d.pyx",
        "e.txt: #!/usr/bin/python",
        "f: #!/usr/bin/env python3\nx = 1\n",
        "g: #! /usr/local/bin/python2.7 -u\n",
        "h: #!/bin/sh\n# python\n",
        "i: x = 1\n",
        "j: #!/usr/bin/pythonic\n",
        "k: #!/usr/bin/env -S uv run python",
        "l: ",
    )
    assert paths(root) == ["a.py", "b.pyw", "f", "g", "k"]


def test_order_is_that_of_the_paths(grow):
    root = grow("b/a.py", "b.py", "a/z.py", "a.py", "B.py")
    assert paths(root) == sorted(["b/a.py", "b.py", "a/z.py", "a.py", "B.py"])


def test_ignore_files_at_every_level(grow):
    root = grow(
        ".gitignore: *.tmp.py\n/top.py\nlocal/\n!keep.tmp.py\n# a.py\n\\#b.py\nc.py \n",
        "a.py",
        "#b.py",
        "c.py",
        "x.tmp.py",
        "keep.tmp.py",
        "top.py",
        "sub/top.py",
        "sub/.gitignore: deep.py\n!x.tmp.py\n/only.py\n",
        "sub/x.tmp.py",
        "sub/y.tmp.py",
        "sub/only.py",
        "sub/sub/only.py",
        "sub/sub/deep.py",
        "sub/local/.gitignore: !*\n",
        "sub/local/z.py",
        "local: #!python\n",
    )
    expected = ["a.py", "keep.tmp.py", "local", "sub/sub/only.py", "sub/top.py", "sub/x.tmp.py"]
    assert paths(root) == expected


IMPORTING = [
    "from .tests import TESTS",
    "try:\n    from . import a, tests\nexcept ImportError: pass",
    "import shop.tests",
    "from shop.tests import TESTS as known",
]


@pytest.mark.parametrize("line", IMPORTING)
def test_a_module_named_like_a_test_that_the_program_imports_is_none(grow, line):
    files = [
        "shop/__init__.py",
        "shop/tests.py",
        "shop/a.py",
        "shop/test_a.py: from .tests import x",
    ]
    assert paths(grow(*files)) == ["shop/__init__.py", "shop/a.py"]
    assert "shop/tests.py" in paths(grow(f"shop/b.py: {line}\nfrom .a import tests\n"))


def test_a_test_stays_one_if_it_is_only_mentioned(grow):
    code = "from .a import tests\nimport tests.b\nfrom .tests.b import x\n# from .tests import x\n"
    assert paths(grow("shop/__init__.py", "shop/tests.py", f"shop/a.py: {code}")) == [
        "shop/__init__.py",
        "shop/a.py",
    ]


def test_ignore_everything_but(grow):
    root = grow(
        ".gitignore: /*\n!/src/\n!/.gitignore\n",
        "a.py",
        "src/b.py",
        "src/c/d.py",
        "other/e.py",
    )
    assert paths(root) == ["src/b.py", "src/c/d.py"]


def test_ignore_files_of_the_repository_around(grow):
    root = grow(
        "../.git/info/exclude: mine.py\n!b.py\n",
        "../.gitignore: /root/app/a.py\nb.py\n/app/\n",
        ".gitignore: c.py\n",
        "app/.gitignore: !d.py\n",
        *(f"app/{name}.py" for name in "abcd"),
        "app/mine.py",
        "app/e/c.py",
        "app/e/e.py",
    )
    assert paths(root / "app") == ["d.py", "e/e.py"]
    assert paths(root) == ["app/d.py", "app/e/e.py"]


def test_ignore_files_above_the_repository_do_not_count(grow):
    root = grow("../.gitignore: a.py", ".git/", "a.py")
    assert paths(root) == ["a.py"]


def test_a_named_folder_is_read_although_it_is_ignored(grow):
    root = grow(".git/", ".gitignore: /old/\n", "old/a.py", "old/tests/b.py", "tests/c.py")
    assert paths(root / "old") == ["a.py"]
    assert paths(root / "tests") == ["c.py"]


def test_bytes_that_git_accepts_in_an_ignore_file(grow):
    root = grow("a.py", "b.py", "c.py")
    (root / ".gitignore").write_bytes(b"\xef\xbb\xbfa.py\r\n\xe9\r\nb.py")
    assert paths(root) == ["c.py"]


DEFAULTS = {
    "tests/": "pkg/tests/support.py",
    "test/": "test/support.py",
    "tests.py": "shop/tests.py",
    "test_*.py": "test_a.py",
    "*_test.py": "a_test.py",
    "conftest.py": "a/conftest.py",
    "**/migrations/[0-9]*_*.py": "shop/migrations/0001_initial.py",
    "**/south_migrations/[0-9]*_*.py": "shop/south_migrations/0001_initial.py",
    "**/alembic/versions/*.py": "alembic/versions/1a2b_x.py",
    "**/migrations/versions/*.py": "migrations/versions/1a2b_x.py",
    "*_pb2.py": "rpc/a_pb2.py",
    "*_pb2_grpc.py": "rpc/a_pb2_grpc.py",
    ".*/": ".venv/lib/a.py",
    "*.egg-info/": "shop.egg-info/a.py",
    "*.egg/": "shop.egg/a.py",
    "*{{*}}*": "template/{{cookiecutter.name}}/a.py",
}


@pytest.mark.parametrize("row", EXCLUDES, ids=lambda row: row.pattern)
def test_every_default_exclude(grow, row):
    path = DEFAULTS.get(row.pattern, "a/" + row.pattern + "a.py")
    root = grow(path, "kept.py")
    if row.beside:
        assert paths(root) == sorted([path, "kept.py"])
        (root / "a/setup.py").touch()
        assert path not in paths(root)
        return
    assert row.reason
    assert paths(root) == ["kept.py"]
    assert paths(root, Config(default_excludes=False)) == sorted([path, "kept.py"])
    assert paths(root, Config(include=(row.pattern,))) == sorted([path, "kept.py"])


def test_what_the_defaults_leave_alone(grow):
    kept = (
        "contest.py",
        "latest.py",
        "testing/a.py",
        "shop/attest_form.py",
        "shop/migrations/__init__.py",
        "shop/db/migrations/executor.py",
        "versions/a.py",
        "build/a.py",
        "distribution/a.py",
        "vendors.py",
        "environment/a.py",
    )
    assert paths(grow(*kept)) == sorted(kept)


def test_an_environment_is_known_by_its_file(grow):
    root = grow("a.py", "py/pyvenv.cfg", "py/lib/b.py")
    assert paths(root) == ["a.py"]
    assert paths(root, Config(default_excludes=False)) == ["a.py", "py/lib/b.py"]
    assert paths(root, Config(include=("py/",))) == ["a.py", "py/lib/b.py"]
    assert paths(root / "py") == ["lib/b.py"]


def test_exclude_adds_to_the_defaults_and_may_take_back(grow):
    root = grow("a.py", "old/b.py", "old/keep.py", "tests/c.py", "test_d.py", "e/old.py")
    assert paths(root, Config(exclude=("old/",))) == ["a.py", "e/old.py"]
    assert paths(root, Config(exclude=("old/*", "!old/keep.py"))) == [
        "a.py",
        "e/old.py",
        "old/keep.py",
    ]
    assert "test_d.py" in paths(root, Config(exclude=("!test_d.py",)))


def test_include_overrides_defaults_only(grow):
    root = grow(
        ".gitignore: gone.py",
        "a.py",
        "tests/support/b.py",
        "tests/support/gone.py",
        "tests/support/no.py",
        "tests/test_c.py",
        "tests/support/deep/test_d.py",
        ".venv/tests/support/e.py",
    )
    config = Config(include=("tests/support/",), exclude=("no.py",))
    assert paths(root, config) == ["a.py", "tests/support/b.py", "tests/support/deep/test_d.py"]
    assert paths(root, Config(include=("test_*.py",))) == ["a.py"]
    assert paths(root, Config(include=("tests/**/test_*.py",))) == [
        "a.py",
        "tests/support/deep/test_d.py",
        "tests/test_c.py",
    ]


def test_patterns_are_relative_to_the_configuration(grow):
    root = grow(
        "pyproject.toml: [tool.autospan]\nexclude = ['/app/a.py']\ninclude = ['app/tests/b.py']\n",
        "../.git/",
        "app/a.py",
        "app/x/app/a.py",
        "app/tests/b.py",
        "app/tests/c.py",
    )
    assert paths(root / "app", configure(root / "app", {})) == ["tests/b.py", "x/app/a.py"]


GENERATED = [
    "# Generated by the protocol buffer compiler.  DO NOT EDIT!",
    "# -*- coding: utf-8 -*-\n#\n# Autogenerated by Thrift Compiler (0.9.3)\n#\n# DO NOT EDIT",
    "# Generated by Django 4.2 on 2023-04-03 10:00",
    "# @generated by protoc-gen-python",
    '"""Client."""\n\n# This file is @generated',
    "# Generated from Expr.g4 by ANTLR 4.7.2",
    "# Form implementation generated from reading ui file 'main.ui'",
    "# This file was automatically generated by SWIG (http://www.swig.org).",
    "# generated by datamodel-codegen:\n#   filename:  a.json",
    "# AUTO-GENERATED FILE, DO NOT EDIT.",
    "# This file is auto-generated. Do not edit it by hand.",
    "#\n#  DO NOT MODIFY THIS FILE BY HAND\n#",
    "#!/usr/bin/env python\n" + "#\n" * 8 + "# @generated",
]
HANDWRITTEN = [
    '"""Reports, generated by this module."""',
    "# The report is generated by the cron job.",
    "# generated by hand, from the price list",
    "# Reads the files generated by protoc. Edit with care.",
    "# DO NOT EDIT the constants below without asking ops.",
    "# do not edit this on the server",
    "HEADER = '# @generated'\nMARK = '# DO NOT EDIT'",
    "# Looks for `@generated` in a file.",
    "#\n" * 10 + "# @generated",
    "@generated\ndef f(): pass",
    "# mail@generated.example.com",
    "# Files with @generated_by are left alone",
]


@pytest.mark.parametrize("text", GENERATED)
def test_generated(grow, text):
    root = grow(f"a.py: {text}\nx = 1\n", "b.py")
    assert paths(root) == ["b.py"]
    assert paths(root, Config(include=("a.py",))) == ["a.py", "b.py"]
    assert paths(root, Config(default_excludes=False)) == ["a.py", "b.py"]


@pytest.mark.parametrize("text", HANDWRITTEN)
def test_not_generated(grow, text):
    assert paths(grow(f"a.py: {text}\nx = 1\n")) == ["a.py"]


def test_the_packaging_is_no_program(grow):
    root = grow("setup.py: from setuptools import setup\nsetup()\n", "a/setup.py: x = 1\n")
    assert paths(root) == ["a/setup.py"]
    assert [each.path for each in discover(root, Config()).documents] == ["a/setup.py", "setup.py"]
    assert paths(root, Config(include=("setup.py",))) == ["a/setup.py", "setup.py"]
    assert paths(root, Config(default_excludes=False)) == ["a/setup.py", "setup.py"]


# --- documents


def test_documents(grow):
    documents = (
        "Dockerfile",
        "Dockerfile.worker",
        "Pipfile",
        "Pipfile.lock",
        "Procfile",
        "a/docker-compose.prod.yml",
        "compose.yaml",
        "crontab",
        "deploy/shop.service",
        "newrelic.ini",
        "poetry.lock",
        "pyproject.toml",
        "requirements-dev.txt",
        "requirements.txt",
        "requirements/base.txt",
        "serverless.yml",
        "setup.cfg",
        "setup.py",
        "template.yaml",
        "uv.lock",
    )
    root = grow(*(f"{name}: text é" for name in documents), ".env", "notes.txt", "Makefile")
    tree = discover(root, Config())
    assert [d.path for d in tree.documents] == sorted(documents)
    assert {d.text for d in tree.documents} == {"text é"}
    assert [s.path for s in tree.sources] == ["setup.py"]


def test_documents_are_read_whatever_their_encoding(grow):
    root = grow()
    root.mkdir()
    (root / "requirements.txt").write_bytes("flask\n".encode("utf-16"))
    (root / "Procfile").write_bytes(b"\xef\xbb\xbfweb: caf\xc3\xa9")
    (root / "setup.cfg").write_bytes(b"[metadata]\nauthor = Andr\xe9")
    texts = {d.path: d.text for d in discover(root, Config()).documents}
    assert texts == {
        "requirements.txt": "flask\n",
        "Procfile": "web: café",
        "setup.cfg": "[metadata]\nauthor = André",
    }


def test_a_document_that_is_too_large(grow):
    root = grow("uv.lock: " + "x" * 2_000_001)
    tree = discover(root, Config())
    assert not tree.documents
    assert [p.message for p in tree.problems] == ["larger than 2,000,000 bytes, not read"]


# --- module names


def test_src_layout(grow):
    root = grow("pyproject.toml", "src/shop/__init__.py", "src/shop/a/b.py", "tools/run.py")
    assert named(root) == {
        "src/shop/__init__.py": "shop",
        "src/shop/a/b.py": "shop.a.b",
        "tools/run.py": "tools.run",
    }
    assert named(root / "src") == {"shop/__init__.py": "shop", "shop/a/b.py": "shop.a.b"}


def test_src_that_is_a_package(grow):
    root = grow("src/__init__.py", "src/a.py")
    assert modules(root) == ["src", "src.a"]


SCRIPTS = (
    "src/__init__.py",
    "src/train.py: from models.user import User",
    "src/models/__init__.py",
    "src/models/user.py: from models import base",
    "src/models/base.py: from . import user",
)


def test_an_init_in_a_folder_of_scripts(grow):
    """They run in the folder, whatever is in it: nobody could import `src.models`."""
    root = grow(*SCRIPTS)
    names = ["__init__", "models", "models.base", "models.user", "train"]
    assert modules(root) == modules(root / "src") == names
    assert modules(root / "src/models") == ["src.models", "src.models.base", "src.models.user"]


@pytest.mark.parametrize(
    "file",
    [
        "run.py: from src.train import main",
        "run.py: import src",
        "src/web.py: from .models import user",
        "models.py: another of that name",
    ],
)
def test_a_package_with_a_bare_import(grow, file):
    assert "src.models.user" in modules(grow(*SCRIPTS, file))


def test_imports_of_other_things_make_no_folder_of_scripts(grow):
    root = grow(
        "app/__init__.py", "app/redis.py: import redis", "app/json.py", "app/x.py: import json"
    )
    assert modules(root) == ["app", "app.json", "app.redis", "app.x"]


def test_a_package_as_root(grow):
    root = grow("django/__init__.py", "django/db/__init__.py", "django/conf/plain/x.py")
    assert named(root / "django") == {
        "__init__.py": "django",
        "db/__init__.py": "django.db",
        "conf/plain/x.py": "django.conf.plain.x",
    }
    assert modules(root / "django/db") == ["django.db"]


def test_script_folder(grow):
    root = grow("cron/nightly.py: import helpers", "cron/helpers.py", "manage", "wsgi.py")
    assert modules(root) == ["cron.helpers", "cron.nightly", "wsgi"]
    assert modules(root / "cron") == ["helpers", "nightly"]


def test_several_projects(grow):
    root = grow(
        "services/a/pyproject.toml",
        "services/a/src/billing/api.py",
        "services/b/setup.py",
        "services/b/mail/__init__.py",
        "services/b/mail/send.py",
        "web/manage.py",
        "web/settings.py",
        "web/shop/models.py",
        "libs/money/__init__.py",
    )
    assert named(root) == {
        "libs/money/__init__.py": "money",
        "services/a/src/billing/api.py": "billing.api",
        "services/b/mail/__init__.py": "mail",
        "services/b/mail/send.py": "mail.send",
        "services/b/setup.py": "setup",
        "web/manage.py": "manage",
        "web/settings.py": "settings",
        "web/shop/models.py": "shop.models",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "import google.cloud.storage",
        "from google.cloud import storage",
        "    from google.cloud.storage.blob import Blob",
        "import  google.cloud.storage as s",
    ],
)
def test_namespace_package(grow, statement):
    root = grow(
        "pyproject.toml",
        "google/cloud/storage/__init__.py",
        f"google/cloud/storage/blob.py: x = 1\r\n{statement}\r\n",
        "google/cloud/pubsub/__init__.py",
        "google/cloud/util.py",
    )
    assert modules(root) == [
        "google.cloud.pubsub",
        "google.cloud.storage",
        "google.cloud.storage.blob",
        "google.cloud.util",
    ]


def test_a_folder_named_as_the_package_in_it_is_no_namespace(grow):
    """What is imported from `shared` is in the inner folder of that name, not beside it."""
    root = grow(
        "app/run.py: from shared.db import get\nfrom shared import db, \\\n  mail",
        "libs/shared/setup.cfg.in",
        "libs/shared/shared/__init__.py",
        "libs/shared/shared/db.py",
    )
    assert modules(root) == ["app.run", "shared", "shared.db"]


def test_a_folder_around_a_package_is_an_import_root(grow):
    root = grow(
        "backend/app/__init__.py: # from backend import y\nimport backends, app.x",
        "backend/app/x.py: from app import y",
        "backend/run.py",
        "a/backend/inner/__init__.py",
    )
    assert modules(root) == ["inner", "app", "app.x", "run"]


def test_names_that_several_roots_hold(grow):
    root = grow(
        "a/setup.py",
        "a/common/__init__.py",
        "a/common/db.py",
        "a/shop/__init__.py",
        "b/setup.py",
        "b/common/__init__.py",
        "b/common/mail.py",
        "setup.py",
    )
    assert named(root) == {
        "a/common/__init__.py": "a.common",
        "a/common/db.py": "a.common.db",
        "a/setup.py": "a.setup",
        "a/shop/__init__.py": "shop",
        "b/common/__init__.py": "b.common",
        "b/common/mail.py": "b.common.mail",
        "b/setup.py": "b.setup",
        "setup.py": "setup",
    }


def test_a_namespace_over_two_roots_keeps_its_names(grow):
    root = grow("a/setup.cfg", "a/acme/x.py", "b/setup.cfg", "b/acme/y.py")
    assert modules(root) == ["acme.x", "acme.y"]


def test_a_package_hides_a_module(grow):
    package = ("a/__init__.py", "a/x/__init__.py", "a/x/y.py", "a/x_2.py")
    root = grow(*package, "a/x.py", "a/x.pyw")
    assert named(root) == {
        "a/__init__.py": "a",
        "a/x.py": "a.x_3",
        "a/x.pyw": "a.x_4",
        "a/x/__init__.py": "a.x",
        "a/x/y.py": "a.x.y",
        "a/x_2.py": "a.x_2",
    }


def test_configured_roots(grow):
    root = grow("lib/a/__init__.py", "lib/extra/b.py", "c/__init__.py", "d/e/__init__.py")
    assert modules(root, Config(roots=("lib", "lib/extra"))) == ["c", "d.e", "a", "b"]
    assert modules(root, Config(roots=(".",))) == ["c", "d.e", "lib.a", "lib.extra.b"]
    above = Config(roots=(".",), folder=str(root.resolve()))
    assert modules(root / "lib", above) == ["lib.a", "lib.extra.b"]


# --- one file, no file


def test_one_file(grow):
    root = grow("tests/shop/__init__.py", "tests/shop/test_a.py: # @generated\nx = 1\n", "b.py")
    tree = discover(root / "tests/shop/test_a.py", Config())
    assert tree.root == str((root / "tests").resolve())
    assert [(s.path, s.module) for s in tree.sources] == [("shop/test_a.py", "shop.test_a")]
    assert not tree.problems
    tree = discover(root / "b.py", Config())
    assert [(s.path, s.module) for s in tree.sources] == [("b.py", "b")]


def test_one_file_below_a_configured_root(grow):
    root = grow("src/google/cloud/x.py", "src/google/__init__.py")
    config = Config(roots=("src",), folder=str(root.resolve()))
    tree = discover(root / "src/google/cloud/x.py", config)
    assert [(s.path, s.module) for s in tree.sources] == [("google/cloud/x.py", "google.cloud.x")]


def test_one_init_file(grow):
    root = grow("shop/__init__.py")
    [source] = discover(root / "shop/__init__.py", Config()).sources
    assert (source.path, source.module, source.package) == ("shop/__init__.py", "shop", True)


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.py", "there is no such file or folder"), ("notes.txt", "not a Python file")],
)
def test_nothing_to_read(grow, name, message):
    tree = discover(grow("notes.txt") / name, Config())
    assert not tree.sources
    assert [(p.place.file, p.message) for p in tree.problems] == [(name, message)]


def test_a_link_as_root(grow):
    root = grow("app/a.py")
    (root / "current").symlink_to("app")
    tree = discover(root / "current", Config())
    assert (tree.root, [s.path for s in tree.sources]) == (str((root / "app").resolve()), ["a.py"])


def test_a_relative_root(grow, monkeypatch):
    root = grow("shop/__init__.py", "shop/a.py")
    monkeypatch.chdir(root / "shop")
    tree = discover(Path(), Config())
    assert tree.root == str((root / "shop").resolve())
    assert [s.module for s in tree.sources] == ["shop", "shop.a"]


def test_every_folder_is_listed_and_every_file_opened_once(grow, monkeypatch):
    root = grow(".gitignore: x", "a/b.py", "a/tests/c.py", "f: #!python", "setup.py", "n.md")
    calls = []
    scan, opened, raw = os.scandir, Path.open, FileIO
    monkeypatch.setattr(os, "scandir", lambda path: calls.append(Path(path)) or scan(path))
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: calls.append(self) or opened(self, *a, **k)
    )
    monkeypatch.setattr(
        "autospan.discover.FileIO", lambda path: calls.append(Path(path)) or raw(path)
    )
    discover(root, Config())
    top = root.resolve()
    names = [".", "a", ".gitignore", "a/b.py", "f", "setup.py"]
    assert sorted(calls) == sorted(top / name for name in names)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", b""),
        (b"x = 1\n", b""),
        (b"import a", b"import a"),
        (
            b'"""Imports."""\n\nimport a, b\nx = 1\n\tfrom c import (\n    d)',
            b"import a, b\n\tfrom c import (",
        ),
        (b"y\nfrom a \\\n    import b\nz", b"from a \\\n    import b"),
        (b"from a \\\r\n  import \\\r\n  b", b"from a \\\r\n  import \\\r"),
        (
            b"\\\n\\\nimport importlib\nimport important\n",
            b"\\\n\\\nimport importlib\nimport important",
        ),
    ],
)
def test_lines_that_may_import(text, lines):
    assert imports(text) == lines


def test_a_script_imports_what_stands_beside_it_across_a_line(grow):
    root = grow("src/__init__.py", "src/train.py: from models \\\n  import user", "src/models.py")
    assert modules(root) == ["__init__", "models", "train"]
