"""Effort: findings by the shape of functions that entry points lead to."""

from __future__ import annotations

import textwrap
from pathlib import Path

from autospan import pipeline
from autospan.config import configure

APP = """
import asyncio
import sqlite3
import flask

app = flask.Flask(__name__)
HANDLERS = {}

@app.route("/swallow")
def swallow():
    try:
        return work()
    except Exception:       # swallowed: an entry point
        return "sorry"

@app.route("/raise")
def raises():
    try:
        return stored()
    except Exception:
        raise ValueError

def stored():
    try:
        sqlite3.connect("x").execute("select 1")
    except ValueError:      # not every exception
        return None
    try:
        return work()
    except:                 # swallowed: it does I/O itself
        return None

def work():
    try:
        return HANDLERS["x"]()   # unresolved
    except Exception:       # neither an entry point nor I/O
        return None

@app.route("/tasks")
async def tasks():
    asyncio.create_task(serve())    # discarded
    kept = asyncio.create_task(serve())
    await kept
    return ""

async def serve():  # endless
    while True:
        await asyncio.sleep(1)

def nobody_calls_this():
    HANDLERS["x"]()
    while True:
        pass
"""


def test_findings_on_the_way_of_entry_points(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(textwrap.dedent(APP))
    analysis = pipeline.analyze(tmp_path, configure(tmp_path, {}))
    lines = APP.splitlines()
    found = {(lines[each.place.line - 1].strip(), each.what) for each in analysis.survey.effort}
    assert found == {
        (
            "except Exception:       # swallowed: an entry point",
            "every exception is caught and goes no further",
        ),
        (
            "except:                 # swallowed: it does I/O itself",
            "every exception is caught and goes no further",
        ),
        ('return HANDLERS["x"]()   # unresolved', "what is called is decided at run time"),
        ("asyncio.create_task(serve())    # discarded", "a task that nobody waits for"),
        ("async def serve():  # endless", "a loop that never ends"),
    }


WAITING = """
import queue
import socketserver
import threading
import time

class Writer(threading.Thread):
    def run(self):  # its thread
        while True:
            job = self.jobs.get()
            if job is None:
                return
            self.write(job)

    def write(self, job):
        while True:
            if self.send(job):
                break
            time.sleep(1)

class Lines(socketserver.StreamRequestHandler):
    def handle(self):  # the connection
        while True:
            line = self.rfile.readline()
            if not line:
                break

class Loop:
    def work(self):  # ?
        while not self.stopped.is_set():
            self.round(self.jobs.get())

    def round(self, node):
        while node.parent:
            node = node.parent

    def rounds(self):
        while self.running:
            yield self.jobs.get()

    def settings(self):
        while self.running:
            self.names.get("a")
"""


def test_loops_that_wait_for_work(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(WAITING)
    options = configure(tmp_path, {})
    analysis = pipeline.analyze(tmp_path, options)
    lines, functions = WAITING.splitlines(), analysis.graph.functions
    found = {functions[number].place.line: life or "?" for number, life in analysis.survey.standing}
    assert found == {
        number: line.partition("# ")[2]
        for number, line in enumerate(lines, 1)
        if line.strip().startswith("def") and "#" in line
    }
    told = {each.place.line for each in analysis.survey.effort if "waits for work" in each.what}
    assert told == {number for number, life in found.items() if life != "?"}
