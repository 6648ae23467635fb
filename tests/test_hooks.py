"""The hooks, run by pre-commit itself from a git remote on this disk.

What a hook repository says is taken as it stands but for its `language`: `python` would build an
environment from a package index (`nox -s hooks` does), `system` runs the autospan of this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import committed, git

ROOT = Path(__file__).parents[1]
JOBS = (
    "import schedule\n\n\n"
    "@schedule.repeat(schedule.every().day)\n"
    "def sweep():\n    for each in range(3):\n        print(each)\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    remote, root = tmp_path / "remote", tmp_path / "project"
    remote.mkdir()
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text().replace(": python\n", ": system\n")
    (remote / ".pre-commit-hooks.yaml").write_text(hooks)
    revision = git(committed(remote), "rev-parse", "HEAD").strip()
    (root / "shop").mkdir(parents=True)
    (root / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {remote.as_uri()}\n    rev: {revision}\n    hooks:\n"
        "      - id: autospan-check\n      - id: autospan-fix\n        stages: [manual]\n"
    )
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "jobs.py").write_text(JOBS)
    (root / "shop" / "words.txt").write_text("no Python\n")
    return committed(root)


def hooked(root: Path, *arguments: str, code: int) -> str:
    """What `pre-commit …` says, with the exit code that is expected."""
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(root.parent / "home"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    command = [sys.executable, "-m", "pre_commit", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_hooks_check_what_is_committed_and_repair_it(project: Path) -> None:
    with (project / "shop" / "jobs.py").open("a") as file:
        file.write("\n\n" + JOBS.partition("\n\n\n")[2].replace("sweep", "mow"))
    git(project, "add", "-A")
    told = hooked(project, "run", code=1)
    assert "shop/jobs.py:5:1: AS001 untraced entry point shop.jobs.sweep" in told
    told = hooked(project, "run", "--hook-stage", "manual", "autospan-fix", code=1)
    assert "files were modified by this hook" in told
    assert "Traced 2 functions: shop.jobs.sweep, shop.jobs.mow." in told
    assert "shop/_tracing.py is new: add it too." in told
    git(project, "add", "-A")
    hooked(project, "run", "--all-files", code=0)
