"""The wheel: what is in it, and that it works in an environment that has only its dependencies.

Nothing is downloaded: hatchling builds in this environment, and a path file lends the new one the
dependencies that are installed here (path files inside them, editable installs, are not followed).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from autospan import __version__

pytest.importorskip("hatchling", reason="the wheel is built by hatchling")
pytest.importorskip("pip", reason="the wheel is installed by pip")

ROOT = Path(__file__).parents[1]
SKIPPED = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "var")
BUILD = "import sys; from hatchling.build import build_{0}; print(build_{0}(sys.argv[1]))"
SHOP = {
    "shop/__init__.py": "",
    "shop/orders.py": (
        "import sqlite3\n\n\n"
        "def place(order_id):\n"
        "    connection = sqlite3.connect('shop.db')\n"
        "    connection.execute('insert into orders values (?)', (order_id,))\n"
        "    return connection.commit()\n\n\n"
        "if __name__ == '__main__':\n    place(1)\n"
    ),
}


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, run without this environment's variables."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, project: Path, folder: Path) -> Path:
    """The wheel or sdist of a project, built into a folder."""
    said = run(sys.executable, "-c", BUILD.format(kind), folder, cwd=project)
    return folder / said.split()[-1]


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_of_the_package() -> dict[str, bytes]:
    """What the wheel must hold: every file of the package, the transforms among them."""
    found = {}
    for origin, target in (("src/autospan", "autospan"), ("transforms", "autospan/transforms")):
        for path in (ROOT / origin).rglob("*"):
            inner = path.relative_to(ROOT / origin)
            hidden = any(part.startswith(".") for part in inner.parts)
            if (
                path.is_file()
                and not hidden
                and not {"__pycache__", "transforms"} & set(inner.parts)
            ):
                found[f"{target}/{inner.as_posix()}"] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"autospan-{__version__}-py3-none-any.whl"
    held = contents(wheel)
    package = {name: data for name, data in held.items() if ".dist-info/" not in name}
    assert package == files_of_the_package()
    assert {"autospan/py.typed", "autospan/runtime.py", "autospan/packs/flask.toml"} <= set(held)
    assert {"autospan/transforms/__init__.py", "autospan/transforms/add_span.py"} <= set(held)
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_the_wheel_made_from_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", ROOT, tmp_path)
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            if content := archive.extractfile(member):
                (tmp_path / member.name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / member.name).write_bytes(content.read())
    again = build("wheel", tmp_path / f"autospan-{__version__}", tmp_path)
    assert contents(again) == contents(wheel)


def test_the_wheel_is_the_same_without_symbolic_links(wheel: Path, tmp_path: Path) -> None:
    """As git checks out on Windows: the link is a text file that holds its target."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, symlinks=True, ignore=SKIPPED)
    link = checkout / "src" / "autospan" / "transforms"
    link.unlink()
    link.write_text("../../transforms")
    held = contents(build("wheel", checkout, tmp_path))
    assert {name for name in held if "transforms" in name} == {
        name for name in contents(wheel) if "transforms" in name
    }


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment into which the wheel was installed."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=environment)
    binaries = environment / ("Scripts" if os.name == "nt" else "bin")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(binaries / "python", "-c", ask, cwd=environment).strip())
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(packages, "lent.pth").write_text("\n".join(sorted(lent)))
    pip = (sys.executable, "-m", "pip", "--python", str(binaries / "python"))
    run(*pip, "install", "-q", "--no-index", "--no-deps", "--no-compile", wheel, cwd=environment)
    return binaries


def test_the_installed_command(scripts: Path, tmp_path: Path) -> None:
    assert __version__ in run(scripts / "autospan", "--version", cwd=tmp_path)
    where = run(scripts / "python", "-c", "import autospan; print(autospan.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(scripts.parent)


def test_the_installed_command_on_a_project(scripts: Path, tmp_path: Path) -> None:
    for name, text in SHOP.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert "place" in run(scripts / "autospan", "suggest", tmp_path, cwd=tmp_path)
    assert "+@traced" in run(scripts / "autospan", "diff", tmp_path, "--top", "1", cwd=tmp_path)
