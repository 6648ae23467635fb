"""The report as one HTML page that needs nothing else: no network, no files beside it.

    view -> story, map, traces, functions -> template, style and scripts -> page

The page is small whatever the project: what lists hold is cut by bytes, the best first. Nothing of
the analysed code can become markup or script: the template escapes, the data are JSON that cannot
end their element, and the page's own policy lets only its own style and scripts run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from autospan.model.outlook import INTERNAL_LIMIT, SHORT_LIMIT
from autospan.present.html.embed import as_json, fingerprint, prose, sound
from autospan.present.html.functions import functions
from autospan.present.html.page import page
from autospan.present.html.traces import traces
from autospan.present.html.view import View, shown

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["View", "present", "shown"]

_FUNCTIONS, _DETAILS, _ENTRIES, _SPANS = 800_000, 450_000, 200_000, 200_000
"""Bytes for the list of functions, for the details of the best of them; for that of entry points,
and for their predicted spans."""
_FOLDER = Path(__file__).parent
_STYLES = "page story map listing functions traces rest media".split()
_SCRIPTS = "elements listing functions traces page".split()
"""In the order in which they need each other, or overrule each other."""


def present(view: View) -> bytes:
    """The page in UTF-8."""
    style = "\n".join(_file(f"styles/{each}.css") for each in _STYLES)
    script = "\n".join(_file(f"scripts/{each}.js") for each in _SCRIPTS)
    html = _template().render(
        page(view), style=style, script=script, fingerprint=fingerprint, data=as_json(_data(view))
    )
    return sound(html).encode("utf-8")


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _data(view: View) -> dict[str, Any]:
    return {
        "limits": [INTERNAL_LIMIT, SHORT_LIMIT],
        "explain": view.command("explain NAME"),
        "functions": functions(view, _FUNCTIONS, _DETAILS),
        "traces": traces(view, _ENTRIES, _SPANS),
    }


def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    return environment.get_template("report.html.jinja")
