"""The HTML report: how large it is, what it costs, and what it looks like.

    python benchmarks/report.py              # of the legacy application and of Django: the figures
    python benchmarks/report.py --pictures   # and the pictures in docs/pictures; needs Chromium
    python benchmarks/report.py legacy       # this one only; needs no network

The cost is the CPU time of `suggest --format html`, and its ratio to that of `suggest` in the same
run, in one process that remembers nothing. Django is the wheel of a pinned version; nothing of it
is installed, imported or kept.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from devtools import Tab, browsing
from measure import run
from reports import fetched

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PROJECTS = {"legacy": "", "django": "django==5.2"}


class Picture(NamedTuple):
    """What is to be seen: the window, and what is done to the page before."""

    name: str
    width: int
    height: int
    script: str = "0"
    dark: bool = False


AT = "document.getElementById('{}').scrollIntoView()"
OPEN = "functionList.toggle(functionList.buttons()[0], true); "
LOOKS = {
    "legacy": (
        Picture("report", 1280, 880),
        Picture("report-dark", 1280, 880, dark=True),
        Picture("report-map", 1280, 800, AT.format("map")),
        Picture("report-trace", 1280, 760, AT.format("traces")),
        Picture("report-function", 1280, 980, OPEN + AT.format("functions")),
        Picture("report-phone", 390, 844),
    ),
    "django": (
        Picture("report-django", 1280, 880),
        Picture("report-django-map", 1280, 800, AT.format("map")),
    ),
}


def main() -> int:
    """Measure what is asked for, one line a project, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROJECTS))
    parser.add_argument("--pictures", action="store_true", help="write docs/pictures")
    options = parser.parse_args()
    print(f"{'project':<10}{'kB':>8}{'suggest s':>11}{'html s':>9}{'ratio':>7}{'MB':>6}")
    for name in options.names or PROJECTS:
        with tempfile.TemporaryDirectory() as work:
            source = PROJECTS[name]
            folder = fetched(source, Path(work)) if source else ROOT / "fixtures" / "legacy"
            page = Path(work) / f"{name}.html"
            print(f"{name:<10}{measured(folder, page)}")
            if options.pictures:
                take(LOOKS[name], page, Path(work))
    return 0


def measured(folder: Path, page: Path) -> str:
    """Size, CPU seconds without and with the page, their ratio, peak memory."""
    os.chdir(folder.parent)
    alone = ("suggest", folder.name, "--quiet", "--no-cache", "--workers", "1")
    plain = run(*alone)
    html = run(*alone, "--format", "html", "--output", str(page))
    if plain.code or html.code:
        raise SystemExit(plain.errors + html.errors)
    size = page.stat().st_size / 1000
    ratio = html.seconds / plain.seconds
    figures = f"{plain.seconds:>11.2f}{html.seconds:>9.2f}{ratio:>7.2f}{html.peak_mb:>6.0f}"
    return f"{size:>8.0f}{figures}"


def take(pictures: tuple[Picture, ...], page: Path, work: Path) -> None:
    """Take the pictures; with fewer colours, where pngquant is installed."""
    PICTURES.mkdir(exist_ok=True)
    with browsing(work / "browser") as tab:
        for each in pictures:
            path = PICTURES / f"{each.name}.png"
            shoot(tab, each, page, path)
            if tool := shutil.which("pngquant"):
                subprocess.run([tool, "--force", "--ext", ".png", "--strip", str(path)], check=True)
            print(f"  {path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")
        if tab.said:
            raise SystemExit("\n".join(tab.said))


def shoot(tab: Tab, picture: Picture, page: Path, path: Path) -> None:
    """One picture, once nothing moves any more."""
    tab.open(page, picture.width, picture.height, picture.dark)
    tab.run("document.documentElement.style.scrollBehavior = 'auto'")
    tab.run(picture.script)
    tab.run("new Promise(done => setTimeout(done, 600))")
    tab.picture(path)


if __name__ == "__main__":
    sys.exit(main())
