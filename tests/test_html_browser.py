"""The HTML report in a real browser: it runs without a complaint, and can be searched, sorted and
driven by the keyboard. Skipped where there is no Chromium; `nox -s report` asks for one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autospan.commands.suggest import viewed
from autospan.config import Config
from autospan.model import Selection
from autospan.pipeline import analyze
from autospan.present import html

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
devtools = pytest.importorskip("devtools")

LEGACY = Path(__file__).parents[1] / "fixtures" / "legacy"
HOSTILE = '''"""</script><script>pwned = 1</script>"""
import flask
app = flask.Flask(__name__)

@app.route("/<img src=x onerror=pwned=1>")
def give(number):
    """</pre><svg onload=pwned=1>"""
    for each in range(3):
        open("</textarea><script>pwned = 1</script>" + each).read()
    return number
'''
if devtools.executable() is None and "REPORT" not in os.environ:
    pytest.skip("no Chromium on this machine", allow_module_level=True)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with devtools.browsing(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(LEGACY, tmp_path_factory.mktemp("report"))


def written(project: Path, folder: Path) -> Path:
    analysis = analyze(project, Config())
    path = folder / "report.html"
    path.write_bytes(html.present(viewed(analysis, Config(), Selection(top=15), ".")))
    return path


def names(tab: Any) -> list[str]:
    """The functions that are listed."""
    return list(tab.run("functionList.buttons().map(each => each.row.full)"))


def focused(tab: Any) -> Any:
    """The number of the row of functions that has the focus."""
    return tab.run("functionList.buttons().indexOf(document.activeElement)")


def test_it_runs_without_a_complaint(tab: Any, report: Path) -> None:
    for width, dark in ((1440, False), (1440, True), (390, False)):
        tab.open(report, width=width, dark=dark)
        assert tab.run("document.documentElement.scrollWidth") == width
        tab.run("[...document.querySelectorAll('.row')].forEach(each => each.click())")
        assert tab.run("document.documentElement.scrollWidth") == width
    assert tab.said == []
    assert set(tab.asked) == {report.as_uri()}


def test_search_sort_and_filter(tab: Any, report: Path) -> None:
    tab.open(report)
    best = names(tab)
    tab.run("functionList.search.focus()")
    tab.type("orders place")
    assert names(tab) == [each for each in best if "orders" in each and "place" in each]
    assert "1 function" in tab.run("functionList.count.textContent")
    tab.run("functionList.search.value = ''; functionList.update({query: ''})")
    select = "[data-list=functions] select"
    tab.run(f"document.querySelector('{select}').value = 'by name'")
    tab.run(f"document.querySelector('{select}').dispatchEvent(new Event('change'))")
    assert names(tab) == sorted(names(tab)) != best
    tab.run("document.querySelector('[data-list=functions] [data-filter=\"In the plan\"]').click()")
    assert len(names(tab)) == 15
    tab.run(
        "document.querySelector('.map.wide [data-file$=\"service.py\"]').dispatchEvent("
        "new MouseEvent('click', {bubbles: true}))"
    )
    assert names(tab) and all("service" in each for each in names(tab))
    assert tab.said == []


def test_keyboard(tab: Any, report: Path) -> None:
    tab.open(report)
    tab.run("document.documentElement.style.scrollBehavior = 'auto'")
    tab.run("document.getElementById('functions').scrollIntoView()")
    tab.press("/")
    assert tab.run("document.activeElement === functionList.search")
    tab.type("orders")
    tab.press("Enter")
    assert focused(tab) == 0
    tab.press("j", "j", "k")
    assert focused(tab) == 1
    tab.press("Enter")
    opened = "document.activeElement.getAttribute('aria-expanded')"
    assert tab.run(opened) == "true"
    assert "+" in tab.run(
        "document.activeElement.nextElementSibling.querySelector('.plus').textContent"
    )
    tab.press("Escape")
    assert (tab.run(opened), focused(tab)) == ("false", 1)
    tab.press("Escape")
    assert tab.run("functionList.query") == ""
    tab.press("?")
    assert tab.run("document.getElementById('help').open")
    tab.press("Escape")
    assert not tab.run("document.getElementById('help').open")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = tab.run(paper)
    tab.press("t")
    assert tab.run(paper) != light
    tab.press("m")
    assert tab.run("document.querySelector('.map').dataset.stage") == "before"
    assert tab.said == []


def test_a_span_of_a_trace_leads_to_its_function(tab: Any, report: Path) -> None:
    tab.open(report)
    tab.run("functionList.update({query: 'nothing is called so'})")
    assert names(tab) == []
    span = "document.querySelector('[data-list=traces] .span-name button')"
    name = tab.run(f"{span}.closest('.span-name').title").split()[0]
    tab.run(f"{span}.click()")
    assert tab.run("document.activeElement.row.full") == name
    assert tab.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert tab.said == []


def test_hostile_code_does_not_run(tab: Any, tmp_path: Path) -> None:
    (tmp_path / 'a"><img src=x onerror=pwned=1>.py').write_text(HOSTILE)
    tab.open(written(tmp_path, tmp_path))
    tab.run("[...document.querySelectorAll('.row')].forEach(each => each.click())")
    assert "onerror=pwned=1" in tab.run(
        "document.querySelector('[data-list=functions]').textContent"
    )
    assert "pwned = 1</script>" in tab.run(
        "document.querySelector('.code').parentElement.textContent"
    )
    assert tab.run("typeof pwned") == "undefined"
    assert tab.said == []
