"""`recognize` on small graphs: what the packs' rules mean, whatever the library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autospan.knowledge import Knowledge, load
from autospan.model import (
    Argument,
    Decoration,
    Document,
    Edge,
    Function,
    FunctionKind,
    Graph,
    Import,
    LinkedClass,
    Place,
    Site,
    Source,
    Survey,
    Tree,
    Value,
)
from autospan.recognize import recognize

PACK = """
[library]
name = "net"
imports = ["net"]

[[free]]
package = "opentelemetry-instrumentation-net"
gives = "spans"
hides = ["opentelemetry-instrumentation-wire"]

[[entry]]
where = "decorator"
names = ["net.App.route"]
kind = "http"
name = "{methods|'GET'} {0}"
root = "opentelemetry-instrumentation-net"

[[entry]]
where = "call"
names = ["net.App.add"]
kind = "http"
function = ["handler", 1]
methods = ["get", "on_*"]
name = "{method} {0}"

[[entry]]
where = "base"
names = ["net.View"]
kind = "http"
methods = ["get", "on_*"]
name = "{method} {class}"

[[entry]]
where = "setting"
names = ["HOOKS"]
kind = "http_hook"
name = "{setting}"

[[entry]]
where = "guard"
kind = "main"
name = "python -m {module}"

[[entry]]
where = "script"
names = ["console_scripts"]
kind = "cli"
name = "{script}"

[[effect]]
where = "call"
names = ["net.send"]
kind = "http"
system = "net"

[[effect]]
where = "call"
names = ["?conn*.send"]
kind = "http"
system = "net"
weak = true

[[traced]]
where = "decorator"
names = ["otel.span"]
api = "otel"

[[traced]]
where = "call"
names = ["otel.span"]
api = "otel"

[[forbid]]
where = "base"
names = ["net.Raw"]
reason = "raw"

[[effort]]
where = "call"
names = ["net.spawn"]
what = "lost"
why = "new thread"
fix = "copy"

[[wiring]]
where = "document"
texts = ["run-net "]
"""
WIRE = """
[library]
name = "wire"
imports = ["wire"]

[[free]]
package = "opentelemetry-instrumentation-wire"
gives = "spans"
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder: Path = tmp_path_factory.mktemp("packs")
    (folder / "net.toml").write_text(PACK)
    (folder / "wire.toml").write_text(WIRE)
    return load(sorted(folder.iterdir()))


BODY = Function("app", "module", Place("app.py", 1), 1, 100)
EMPTY = Graph((BODY,), (), (), (), ())
TREE = Tree("/", ())


def _graph(*names: str, **parts: object) -> Graph:
    """A module body (0) and functions 1, 2, … one a line; `outer=` names nested ones by dots."""
    functions = [BODY]
    for line, name in enumerate(names, 10):
        kind: FunctionKind = "sync"
        functions.append(Function(f"app:{name}", kind, Place("app.py", line), line, line))
    return replace(EMPTY, functions=tuple(functions), **parts)


def _nested(graph: Graph, inner: int, outer: int) -> Graph:
    functions = list(graph.functions)
    functions[inner] = functions[inner]._replace(outer=outer)
    return replace(graph, functions=tuple(functions))


def _site(caller: int, name: str, *arguments: Argument, line: int = 50) -> Site:
    return Site(caller, line, name, arguments)


def _passed(key: int | str, *values: Value) -> Argument:
    return Argument(key, values)


def _text(key: int | str, text: str) -> Argument:
    return Argument(key, (Value("constant", text),))


def _on(function: int, name: str, *arguments: Argument, line: int = 9) -> Decoration:
    return Decoration(function, -1, line, name, bool(arguments), arguments)


def _entries(survey: Survey) -> list[tuple[int, str, str]]:
    return [(one.function, one.kind, one.name) for one in survey.entries]


def test_nothing_is_recognized_in_nothing(knowledge: Knowledge) -> None:
    assert recognize(EMPTY, knowledge, TREE) == Survey()


def test_a_decorator_names_the_entry_and_its_root_span(knowledge: Knowledge) -> None:
    methods = _passed("methods", Value("collection", "GET,POST"))
    decorations = (
        _on(1, "net.App.route", _text(0, "/x"), methods),
        _on(2, "net.App.route"),
        _on(3, "net.App.route", methods),
    )
    survey = recognize(_graph("f", "g", "h", decorations=decorations), knowledge, TREE)
    assert _entries(survey) == [
        (1, "http", "GET,POST /x"),
        (2, "http", "GET g"),
        (3, "http", "GET,POST h"),
    ]
    entry, *_ = survey.entries
    assert (entry.root_span, entry.package) == ("auto", "opentelemetry-instrumentation-net")
    assert (entry.place, entry.evidence) == (Place("app.py", 9), "@net.App.route")


def test_a_call_enters_functions_methods_and_dotted_strings(knowledge: Knowledge) -> None:
    classes = (LinkedClass("app:V", Place("app.py", 5), (), (("on_put", 2), ("other", 3))),)
    sites = (
        _site(0, "net.App.add", _text(0, "/f"), _passed(1, Value("function", "app.f", 1))),
        _site(0, "net.App.add", _text(0, "/v"), _passed("handler", Value("class", "app.V", 0))),
        _site(0, "net.App.add", _text(0, "/s"), _text(1, "app:f")),
        _site(0, "net.App.add", _text(0, "/n"), _text(1, "elsewhere.f")),
    )
    graph = _graph("f", "V.on_put", "V.other", classes=classes, sites=sites)
    survey = recognize(graph, knowledge, TREE)
    assert _entries(survey) == [(1, "http", "/f"), (1, "http", "/s"), (2, "http", "PUT /v")]


def test_a_base_enters_its_own_and_inherited_methods_once(knowledge: Knowledge) -> None:
    place = Place("app.py", 5)
    classes = (
        LinkedClass("app:Mixin", place, (), (("get", 1), ("on_a", 2))),
        LinkedClass("app:View", place, ("app.Mixin", "net.View"), (("get", 3),)),
        LinkedClass("app:Heir", place, ("app.View", "app.Mixin", "net.View"), ()),
    )
    survey = recognize(
        _graph("Mixin.get", "Mixin.on_a", "View.get", classes=classes), knowledge, TREE
    )
    assert _entries(survey) == [(2, "http", "A View"), (3, "http", "GET View")]


def test_a_route_is_better_evidence_than_a_base(knowledge: Knowledge) -> None:
    classes = (LinkedClass("app:View", Place("app.py", 5), ("net.View",), (("get", 1),)),)
    route = _passed(1, Value("class", "app.View", 0))
    sites = (_site(0, "net.App.add", _text(0, "/v"), route),)
    survey = recognize(_graph("View.get", classes=classes, sites=sites), knowledge, TREE)
    assert _entries(survey) == [(1, "http", "GET /v")]


def test_guards_enter_what_their_lines_call(knowledge: Knowledge) -> None:
    edges = (Edge(0, 1, 60), Edge(0, 2, 20), Edge(1, 2, 61))
    graph = _graph("main", "setup", edges=edges, guards=(("app.py", 59, 62),))
    assert _entries(recognize(graph, knowledge, TREE)) == [(1, "main", "python -m app")]


def test_a_main_module_enters_what_its_body_calls_for_sure(knowledge: Knowledge) -> None:
    body = BODY._replace(name="shop.__main__")
    edges = (Edge(0, 1, 3), Edge(0, 2, 4, "guessed"))
    graph = _graph("main", "other", edges=edges)
    graph = replace(graph, functions=(body, *graph.functions[1:]))
    assert _entries(recognize(graph, knowledge, TREE)) == [(1, "main", "python -m shop")]


def test_a_decorated_method_is_the_function_in_the_class(knowledge: Knowledge) -> None:
    classes = (LinkedClass("app:View", Place("app.py", 5), ("net.View",), (("get", 2),)),)
    graph = _graph("View.get", "decorate.wrapper", classes=classes)
    assert _entries(recognize(graph, knowledge, TREE)) == [(1, "http", "GET View")]


def test_what_is_kept_on_an_external_object_is_weak_evidence(knowledge: Knowledge) -> None:
    sites = (_site(1, "threading.local().conn.send"), _site(1, "a.b.pool.send", line=51))
    graph = _graph("f", sites=sites, imports=(("app.py", Import(1, "net", "", "")),))
    (effect,) = recognize(graph, knowledge, TREE).effects
    assert (effect.call, effect.weak, effect.weight) == ("threading.local().conn.send", True, 0.3)


def test_a_script_is_better_evidence_than_a_guard(knowledge: Knowledge) -> None:
    graph = _graph("main", edges=(Edge(0, 1, 60),), guards=(("app.py", 59, 62),))
    text = '[project.scripts]\n\nshop = "app:main"\n'
    tree = Tree("/", (), (Document("pyproject.toml", text),))
    (entry,) = recognize(graph, knowledge, tree).entries
    assert (entry.kind, entry.name, entry.place) == ("cli", "shop", Place("pyproject.toml", 3))


def test_packaging_that_cannot_be_read_is_a_problem(knowledge: Knowledge) -> None:
    documents = (
        Document("pyproject.toml", "[project"),
        Document("a/setup.cfg", "console_scripts = x"),
        Document("b/setup.py", "def ("),
    )
    survey = recognize(EMPTY, knowledge, Tree("/", (), documents))
    assert [one.place.file for one in survey.problems] == [
        "a/setup.cfg",
        "b/setup.py",
        "pyproject.toml",
    ]


def test_strings_in_settings_name_code(knowledge: Knowledge) -> None:
    data = (
        b'HOOKS = ["elsewhere.g"]\nHOOKS += ["app.f"]\nOTHER = "app.g"\nHOOKS.insert(0, "app.g")\n'
    )
    source = Source("settings.py", "settings", False, data, "utf-8", "")
    survey = recognize(_graph("f", "g"), knowledge, Tree("/", (source,)))
    assert _entries(survey) == [(1, "http_hook", "HOOKS"), (2, "http_hook", "HOOKS")]
    assert [one.place.line for one in survey.entries] == [2, 4]


def test_an_unknown_receiver_counts_only_where_the_library_is_imported(
    knowledge: Knowledge,
) -> None:
    graph = _graph("f", sites=(_site(1, "?connection.send"), _site(1, "net.send", line=51)))
    assert len(recognize(graph, knowledge, TREE).effects) == 1
    imported = replace(graph, imports=(("app.py", Import(1, "net", "", "")),))
    assert len(recognize(imported, knowledge, TREE).effects) == 2


def test_effects_and_effort_keep_place_and_loop(knowledge: Knowledge) -> None:
    sites = (Site(1, 51, "net.send", (), loop=2), _site(1, "net.spawn"))
    survey = recognize(_graph("f", sites=sites), knowledge, TREE)
    (effect,) = survey.effects
    assert (effect.place, effect.loop, effect.weight) == (Place("app.py", 51), 2, 1.0)
    (effort,) = survey.effort
    assert (effort.place, effort.function, effort.fix) == (Place("app.py", 50), 1, "copy")


def test_traced_by_decorator_by_block_and_by_name(knowledge: Knowledge) -> None:
    graph = _graph(
        "decorated",
        "block",
        "named",
        "plain",
        sites=(_site(2, "otel.span"), _site(0, "otel.span", line=3)),
        decorations=(_on(1, "otel.span"), _on(3, "app.plain")),
    )
    survey = recognize(graph, knowledge, TREE, {"app.pla*": "in-house"})
    assert [(one.function, one.api) for one in survey.traced] == [
        (1, "otel"),
        (2, "otel"),
        (3, "in-house"),
    ]


def test_wrappers_are_followed_to_a_fixed_point(knowledge: Knowledge) -> None:
    graph = _graph(
        "span",  # 1: a context manager that opens a span
        "traced",  # 2: a decorator …
        "traced.wrapper",  # 3: … whose wrapper enters it
        "again",  # 4: a decorator …
        "again.wrapper",  # 5: … whose wrapper is traced by the first
        "used",  # 6: decorated by the second
        "caller",  # 7: calls a traced function: not traced
        sites=(_site(1, "otel.span"),),
        edges=(Edge(3, 1, 70), Edge(7, 6, 71)),
        decorations=(
            _on(1, "contextlib.contextmanager"),
            _on(5, "app.traced"),
            _on(6, "app.again"),
        ),
    )
    graph = _nested(_nested(graph, 3, 2), 5, 4)
    assert [one.function for one in recognize(graph, knowledge, TREE).traced] == [1, 3, 5, 6]


def test_root_span_by_hand(knowledge: Knowledge) -> None:
    graph = _graph(
        "main",
        edges=(Edge(0, 1, 60),),
        guards=(("app.py", 59, 62),),
        decorations=(_on(1, "otel.span"),),
    )
    (entry,) = recognize(graph, knowledge, TREE).entries
    assert entry.root_span == "manual"


def test_free_goes_by_use_hides_what_is_below_and_sees_wiring(knowledge: Knowledge) -> None:
    sites = (_site(0, "wire.get", line=4), _site(1, "net.x", line=8), _site(1, "net.x", line=7))
    graph = _graph("f", sites=sites)
    (free,) = recognize(graph, knowledge, TREE).free
    assert (free.library, free.places, free.wired) == ("net", (Place("app.py", 7),), False)
    wiring = _site(0, "opentelemetry.instrumentation.net.NetInstrumentor.instrument")
    (free,) = recognize(replace(graph, sites=(*sites, wiring)), knowledge, TREE).free
    assert free.wired
    tree = Tree("/", (), (Document("Procfile", "web: run-net app"),))
    (free,) = recognize(graph, knowledge, tree).free
    assert free.wired


def test_forbidden_methods_of_a_base(knowledge: Knowledge) -> None:
    classes = (LinkedClass("app:R", Place("app.py", 5), ("net.Raw",), (("emit", 1),)),)
    survey = recognize(_graph("R.emit", classes=classes), knowledge, TREE)
    assert survey.forbidden == ((1, "raw"),)


def test_the_order_of_the_graph_does_not_matter(knowledge: Knowledge) -> None:
    sites = (_site(1, "net.send"), _site(2, "net.spawn"), _site(2, "otel.span"))
    decorations = (_on(1, "net.App.route", _text(0, "/x")), _on(2, "otel.span"))
    one = _graph("f", "g", sites=sites, decorations=decorations)
    other = replace(one, sites=sites[::-1], decorations=decorations[::-1])
    assert recognize(one, knowledge, TREE) == recognize(other, knowledge, TREE)
