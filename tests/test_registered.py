"""Functions that the project's own decorators and loops hand on to a framework."""

from __future__ import annotations

import pytest

from autospan import catalog, marks
from autospan.knowledge import Knowledge, load
from autospan.link import link
from autospan.model import Graph, Survey
from autospan.read import read
from autospan.recognize import recognize

HANDLERS = "".join(
    f"""
class Handler{number}:
    @route.get("/things/{number}")
    async def show{number}(request):
        return number{number}(request)


def number{number}(request):
    return request
"""
    for number in range(25)
)
SHOWN = {f"show{number}" for number in range(25)}

KEPT_WRAPPER = f"""
from aiohttp import web

class route:
    _routes = []

    @classmethod
    def get(cls, path, **options):
        return cls._route("GET", path, **options)

    @classmethod
    def _route(cls, method, path, **options):
        def register(func):
            where = func.__module__ + path

            async def checked(request):
                return await func(request)

            async def locked(request):
                return await checked(request)

            cls._routes.append((method, where, locked))
            return locked
        return register

{HANDLERS}

def serve():
    app = web.Application()
    for method, path, handler in route._routes:
        app.router.add_route(method, path, handler)
"""

KEPT_FUNCTION = f"""
import falcon
from aiohttp import web

HANDLERS = {{}}

class route:
    @staticmethod
    def get(path):
        def register(func):
            HANDLERS[path] = func
            return func
        return register

{HANDLERS}

def serve():
    app = web.Application()
    for path, handler in HANDLERS.items():
        app.router.add_get(path, handler)
"""

MARKED = f"""
import flask

class route:
    @staticmethod
    def get(path):
        def mark(func):
            func._path = path
            return func
        return mark

def exempt(func):
    func._exempt = True
    return func

@exempt
def exempted():
    pass

{HANDLERS}

def serve(holder):
    app = flask.Flask(__name__)
    for name in dir(holder):
        view = getattr(holder, name)
        if hasattr(view, "_exempt"):
            print(view)
        if hasattr(view, "_path"):
            app.add_url_rule(view._path, name, view_func=view)
"""

HANDED_ON = f"""
import flask

app = flask.Flask(__name__)

class route:
    @staticmethod
    def get(path):
        def register(func):
            def wrapper(*args, **kwargs):
                return func(*args, **kwargs)
            app.add_url_rule(path, path, wrapper)
            return wrapper
        return register

{HANDLERS}
"""

DECORATED_INSIDE = f"""
import flask

app = flask.Flask(__name__)

class route:
    @staticmethod
    def get(path):
        def register(func):
            @app.route("/v1" + path)
            def wrapper(*args, **kwargs):
                return func(*args, **kwargs)
            return wrapper
        return register

{HANDLERS}
"""

CALLED_DECORATOR = f"""
import flask

app = flask.Flask(__name__)

class route:
    @staticmethod
    def get(path):
        def register(func):
            return app.route(path)(func)
        return register

{HANDLERS}
"""

LOOPED = (
    """
import falcon
"""
    + "".join(
        f"""
class Resource{number}:
    def on_get(self, request, response):
        self.show{number}()

    def show{number}(self):
        pass
"""
        for number in range(25)
    )
    + f"""
def endpoints():
    return [{", ".join(f'("/things/{number}", Resource{number}())' for number in range(25))}]

def serve():
    app = falcon.App()
    catalog = [("/v2", endpoints()), ("/", [("", Resource0())])]
    for version, routes in catalog:
        for path, resource in routes:
            app.add_route(version + path, resource)
"""
)

ONLY_WRAPPED = """
import flask

app = flask.Flask(__name__)

def login(func):
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)
    return wrapper

@login
def show0():
    pass

@login
def helper():
    pass

app.add_url_rule("/", "index", show0)
"""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(catalog.packs())


def _surveyed(knowledge: Knowledge, code: str) -> tuple[Graph, Survey]:
    tree = marks.project(code)
    graph = link([read(source) for source in tree.sources], knowledge)
    return graph, recognize(graph, knowledge, tree)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(KEPT_WRAPPER, SHOWN, id="a wrapper is kept in a list"),
        pytest.param(KEPT_FUNCTION, SHOWN, id="the function is kept in a dict"),
        pytest.param(MARKED, SHOWN, id="a mark is looked for later"),
        pytest.param(HANDED_ON, SHOWN, id="the decorator registers a wrapper"),
        pytest.param(DECORATED_INSIDE, SHOWN, id="the wrapper is decorated"),
        pytest.param(CALLED_DECORATOR, SHOWN, id="the framework's decorator is called"),
        pytest.param(ONLY_WRAPPED, {"show0"}, id="a decorator that only wraps"),
    ],
)
def test_functions_that_the_projects_decorators_register(
    code: str, expected: set[str], knowledge: Knowledge
) -> None:
    graph, survey = _surveyed(knowledge, code)
    found = {(graph.functions[each.function].short, each.kind) for each in survey.entries}
    assert found == {(name, "http") for name in expected}
    names = {each.name for each in survey.entries}
    if len(expected) > 1 and code != MARKED:
        assert {f"GET /things/{number}" for number in range(25)} <= names


def test_every_handler_of_a_loop_is_found(knowledge: Knowledge) -> None:
    graph, survey = _surveyed(knowledge, LOOPED)
    found = {graph.functions[each.function].qualified for each in survey.entries}
    assert found == {f"app.Resource{number}.on_get" for number in range(25)}


def _registry(handlers: int, hops: int) -> str:
    """Handlers in a list that reaches the registering call through so many functions."""
    return "\n".join(
        [
            "import flask",
            "app = flask.Flask(__name__)",
            *(f"def view{number}(): return '{number}'" for number in range(handlers)),
            f"views = [{', '.join(f'view{number}' for number in range(handlers))}]",
            "def register(view): app.add_url_rule('/', view_func=view)",
            *(f"def hop{number}(found): return found" for number in range(hops)),
            "def start(found):",
            *(f"    if app.debug: found = hop{number}(found)" for number in range(hops)),
            "    for view in found: register(view)",
            "start(views)",
        ]
    )


def test_a_registry_keeps_all_handlers_but_not_what_half_the_program_feeds(
    knowledge: Knowledge,
) -> None:
    """Without an end to what is widened, solving did not end on large programs."""
    surveys = [_surveyed(knowledge, _registry(100, hops))[1] for hops in (0, 400)]
    kept = [len(survey.entries) for survey in surveys]
    assert kept[0] == 100 and 0 < kept[1] < 100


def test_containers_that_hold_themselves_are_called_back_to_an_end(knowledge: Knowledge) -> None:
    """What is in them is found, and no budget is spent on going round for ever."""
    code = """
import string

class Order:
    def __getitem__(self, key):
        return key

everything = {"order": Order()}
everything["all"] = everything
string.Template("$order").substitute(everything)
"""
    (source,) = marks.project(code).sources
    graph = link([read(source)], knowledge, budget=10_000)
    assert not graph.problems
    assert {graph.functions[edge.callee].short for edge in graph.edges} == {"__getitem__"}


def test_a_stand_in_that_what_makes_it_gives_is_followed_to_an_end(knowledge: Knowledge) -> None:
    """The vendored flask_login of calibre-web took four minutes: what looks the user up may give
    the stand-in for the user."""
    code = """
from werkzeug.local import LocalProxy

class User:
    name = "x"

def look_up():
    return current if current.known else User()

def greet():
    return current.name.upper(), current.save()

current = LocalProxy(look_up)
"""
    (source,) = marks.project(code).sources
    graph = link([read(source)], knowledge)
    assert not graph.problems
    callers = {
        graph.functions[edge.caller].short
        for edge in graph.edges
        if graph.functions[edge.callee].short == "look_up"
    }
    assert callers == {"look_up", "greet"}
