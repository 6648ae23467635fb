"""The reports in docs/reports: what `autospan suggest --verbose` says of the legacy application and
of two projects that nobody here wrote.

    python benchmarks/reports.py             # write them; needs a package index
    python benchmarks/reports.py --check     # exit with 1 where one is no longer what is said
    python benchmarks/reports.py legacy      # this one only; needs no network

The projects are wheels of pinned versions; nothing of them is installed, imported or kept.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reports"
PROJECTS = {
    "legacy": "",
    "httpie": "httpie==3.2.4",
    "changedetection": "changedetection.io==0.60.10",
}
WHAT = {
    "legacy": "the legacy application of this repository",
    "httpie": "HTTPie, a command-line HTTP client",
    "changedetection": "changedetection.io, a Flask application with threads, queues and asyncio",
}
_SECONDS = re.compile(r"in \d+\.\d+ s")


def main() -> int:
    """Write or check the reports that are asked for; the number of stale ones decides the exit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROJECTS))
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    stale = 0
    for name in options.names or PROJECTS:
        path, text = FOLDER / f"{name}.md", report(name)
        if options.check:
            fresh = path.is_file() and plain(path.read_text(encoding="utf-8")) == plain(text)
            stale += not fresh
            print(f"{name}: {'as it is said' if fresh else 'stale'}")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{name}: {len(text.splitlines())} lines in {path.relative_to(ROOT)}")
    return int(stale > 0)


def report(name: str) -> str:
    """The document of a project, as Markdown."""
    source = PROJECTS[name]
    with tempfile.TemporaryDirectory() as work:
        folder = fetched(source, Path(work)) if source else ROOT / "fixtures" / "legacy"
        said = suggested(folder)
    command = f"python benchmarks/reports.py {name}"
    about = f"{WHAT[name]}{f' (`{source}`, the wheel)' if source else ''}"
    head = f"# {name}\n\nWhat `autospan suggest --verbose` says of {about}. Made by `{command}`.\n"
    return f"{head}\n```text\n{said}```\n"


def fetched(source: str, work: Path) -> Path:
    """The files of a wheel in a folder called after the project."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "-d", str(work), source], check=True, stderr=subprocess.DEVNULL)
    (wheel,) = work.glob("*.whl")
    folder = work / re.split("[=.]", source)[0]
    with zipfile.ZipFile(wheel) as archive:
        members = [each for each in archive.namelist() if ".data/" not in each]
        archive.extractall(folder, members)
    return folder


def suggested(folder: Path) -> str:
    """The report, 100 columns wide, with the path as if it were typed beside the project."""
    command = [sys.executable, "-m", "autospan", "suggest", folder.name, "--verbose"]
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=folder.parent, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def plain(text: str) -> str:
    """The text without what changes from run to run."""
    return _SECONDS.sub("in # s", text)


if __name__ == "__main__":
    sys.exit(main())
