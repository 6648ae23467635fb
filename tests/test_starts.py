"""How processes start: guards and scripts, documents, names that a platform calls, conditions."""

from __future__ import annotations

import hashlib

import pytest

from autospan.knowledge import Knowledge, load
from autospan.link import link
from autospan.model import Document, Source, Tree
from autospan.read import read
from autospan.recognize import recognize

PACK = """
[library]
name = "start"

[[entry]]
where = "guard"
kind = "main"
name = "{command}"

[[entry]]
where = "command"
files = ["*.unit"]
kind = "schedule"
name = "{command}"

[[entry]]
where = "document"
files = ["*.yml", "*.tf", "*.json"]
names = ["handler", "Handler"]
kind = "lambda"
name = "{above} {parent}"

[[entry]]
where = "document"
files = ["deep.yaml"]
names = ["Handler"]
target = "{CodeUri}/{Handler}"
kind = "lambda"
name = "{above}"

[[entry]]
where = "definition"
names = ["on_fetch"]
takes = ["request"]
kind = "lambda"

[[entry]]
where = "definition"
names = ["task_*"]
files = ["dodo.py"]
kind = "cli"

[[entry]]
where = "decorator"
names = ["bus.on"]
kind = "event"

[[entry]]
where = "decorator"
names = ["bus.on"]
given = ["0:*cron*"]
kind = "schedule"
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    path = tmp_path_factory.mktemp("packs") / "start.toml"
    path.write_text(PACK, "utf-8")
    return load([path])


def found(
    knowledge: Knowledge, files: dict[str, str], module: str = ""
) -> set[tuple[str, str, str]]:
    """(kind, name, function) of all entries; what does not end in `.py` is a document."""
    sources = tuple(
        Source(
            path,
            module or path[:-3].replace("/", ".").removesuffix(".__init__"),
            path.endswith("__init__.py"),
            text.encode(),
            "utf-8",
            hashlib.sha256(text.encode()).hexdigest(),
        )
        for path, text in sorted(files.items())
        if path.endswith(".py")
    )
    documents = tuple(
        Document(path, text) for path, text in files.items() if not path.endswith(".py")
    )
    graph = link([read(source) for source in sources], knowledge)
    survey = recognize(graph, knowledge, Tree("/", sources, documents))
    return {(one.kind, one.name, graph.functions[one.function].name) for one in survey.entries}


GUARD = 'if __name__ == "__main__":\n    '
BOTH = "def one(): return 1\ndef two(): return 2\n"


def test_a_guard_enters_the_one_function_that_it_calls(knowledge: Knowledge) -> None:
    files = {"a.py": BOTH + "two()\n" + GUARD + "print(one())\n"}
    assert found(knowledge, files) == {("main", "python -m a", "a:one")}


def test_a_script_beside_a_package_of_its_name_is_run_by_its_file(knowledge: Knowledge) -> None:
    sources = {"a_2": "a.py", "a": "a/__init__.py", "a.b": "a/b.py"}
    text = "def main(): return 1\n" + GUARD + "main()\n"
    names = {
        name
        for module, path in sources.items()
        for _, name, _ in found(knowledge, {path: text}, module)
    }
    assert names == {"python a.py", "python -m a", "python -m a.b"}


def test_a_guard_enters_main_whatever_else_it_calls(knowledge: Knowledge) -> None:
    files = {"a.py": BOTH + "def main(x): return x\n" + GUARD + "main(one() + two())\n"}
    assert found(knowledge, files) == {("main", "python -m a", "a:main")}


def test_a_guard_enters_what_it_calls_last(knowledge: Knowledge) -> None:
    files = {"a.py": BOTH + GUARD + "one()\n    two()\n"}
    assert found(knowledge, files) == {("main", "python -m a", "a:two")}


def test_a_guard_that_tries_several_is_the_entry_itself(knowledge: Knowledge) -> None:
    files = {"a.py": BOTH + GUARD + "print(one(), two())\n"}
    (entry,) = found(knowledge, files)
    assert entry[:2] == ("main", "python -m a")
    assert entry[2].partition(":")[2] in ("", "<module>")


def test_a_guard_in_an_imported_module_tries_out_what_others_call(knowledge: Knowledge) -> None:
    files = {
        "a.py": BOTH + GUARD + "one()\n",
        "b.py": "def main(): return 1\n" + GUARD + "main()\n",
        "c.py": "import a\nfrom b import main\ndef f(): return a.one() + main()\n",
        "d.py": "import e\n",
        "e.py": BOTH + GUARD + "two()\n",
    }
    mains = {("main", "python -m b", "b:main"), ("main", "python -m e", "e:two")}
    assert found(knowledge, files) == mains


def test_scripts_need_no_guard_but_modules_are_no_scripts(knowledge: Knowledge) -> None:
    body = "def run(): return 1\nrun()\n"
    files = {
        "bin/go.py": "#!/usr/bin/env python3\n" + body,
        "plain.py": body,
        "pkg/__init__.py": "",
        "pkg/mod.py": "#!/usr/bin/python\n" + body,
    }
    assert found(knowledge, files) == {("main", "python -m bin.go", "bin.go:run")}


def test_commands_of_documents_run_modules_and_files(knowledge: Knowledge) -> None:
    files = {
        "src/pkg/__init__.py": "",
        "src/pkg/__main__.py": "def main(): return 1\nmain()\n",
        "jobs/sync.py": "def pull(): return 1\npull()\n",
        "a.unit": "ExecStart=/usr/bin/python3 -u -m pkg --all\n# python other.py\n",
        "b.unit": 'CMD ["python", "jobs/sync.py"]\n',
    }
    schedules = {entry for entry in found(knowledge, files) if entry[0] == "schedule"}
    assert schedules == {
        ("schedule", "python -m pkg", "src.pkg.__main__:main"),
        ("schedule", "python jobs/sync.py", "jobs.sync:pull"),
    }


HANDLER = "def handler(event, context): return event\n"


def test_documents_name_functions_by_path(knowledge: Knowledge) -> None:
    files = {
        "one/app.py": HANDLER,
        "two/app.py": HANDLER,
        "one/x.yml": "functions:\n  pay:\n    handler: app.handler  # here\n",
        "two/x.tf": 'resource "aws_lambda" "mail" {\n  handler = "app.handler"\n}\n',
    }
    assert found(knowledge, files) == {
        ("lambda", "functions pay", "one.app:handler"),
        ("lambda", "mail", "two.app:handler"),
    }


def test_a_target_is_put_together_from_the_keys_of_a_block(knowledge: Knowledge) -> None:
    template = (
        "Resources:\n  Pay:\n    Properties:\n      CodeUri: two/\n      Handler: app.handler\n"
        "  Mail:\n    Properties:\n      Handler: app.handler\n      CodeUri: ./one\n"
    )
    files = {"one/app.py": HANDLER, "two/app.py": HANDLER, "deep.yaml": template}
    assert found(knowledge, files) == {
        ("lambda", "Pay", "two.app:handler"),
        ("lambda", "Mail", "one.app:handler"),
    }


def test_definitions_are_found_by_name_file_and_parameters(knowledge: Knowledge) -> None:
    files = {
        "a.py": "def on_fetch(request): return 1\ndef task_one(): return 2\n",
        "b.py": "def on_fetch(request, more): return 1\n",
        "dodo.py": "def task_two(): return 2\nclass A:\n    def task_three(self): return 3\n",
    }
    assert found(knowledge, files) == {
        ("lambda", "on_fetch", "a:on_fetch"),
        ("cli", "task_two", "dodo:task_two"),
    }


def test_given_decides_between_rules(knowledge: Knowledge) -> None:
    text = (
        "import bus\n"
        "@bus.on(\n    bus.hourly_cron,\n)\ndef tick(): return 1\n"
        "@bus.on(bus.saved, uid='cron')\ndef saved(): return 1\n"
    )
    assert found(knowledge, {"a.py": text}) == {
        ("schedule", "tick", "a:tick"),
        ("event", "saved", "a:saved"),
    }
