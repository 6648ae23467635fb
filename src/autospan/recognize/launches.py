"""How the project's processes are started: commands in Procfile, Dockerfile, compose, units."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from autospan.knowledge import Knowledge
from autospan.knowledge.rules import LaunchRule
from autospan.model import Document, Launch, Place, Tree

_LINE = re.compile(
    r"""^\s*(?:CMD\b|ENTRYPOINT\b|ExecStart\s*=|command\s*[:=]|entrypoint\s*:|[\w-]+:)\s*(.+)$"""
)
_STARTING = re.compile(
    r"Procfile.*|Dockerfile.*|.*\.Dockerfile|.*compose.*\.ya?ml|.*\.service|supervisor.*\.conf"
)
_APPLICATION = re.compile(r"[A-Za-z_][\w./]*(?::[A-Za-z_][\w.]*(?:\(.*\))?)?")


def find_launches(knowledge: Knowledge, tree: Tree) -> tuple[Launch, ...]:
    """The commands whose program a pack knows, sorted by place."""
    rules = {program: rule for rule in knowledge.launches for program in rule.programs}
    return tuple(sorted(each for document in tree.documents for each in _of(document, rules)))


def _of(document: Document, rules: dict[str, LaunchRule]) -> Iterator[Launch]:
    name = document.path.rpartition("/")[2]
    if not _STARTING.fullmatch(name):
        return
    for number, line in enumerate(document.text.splitlines(), 1):
        words = _words(line)
        for at, word in enumerate(words):
            program = word.rpartition("/")[2]
            if rule := rules.get(program):
                place, text = Place(document.path, number), " ".join(words[at:])
                target = _target(words[at + 1 :])
                yield Launch(place, program, text, target, rule.why, rule.how, rule.code, rule.file)
                break


def _words(line: str) -> list[str]:
    """The words of the command in a line, written for a shell or as a list of texts."""
    found = _LINE.match(line)
    command = found[1].strip() if found and not line.lstrip().startswith("#") else ""
    if command.startswith("["):
        command = command.strip("[]").replace(",", " ")
    try:
        return shlex.split(command)
    except ValueError:  # a quote that the next line closes
        return command.split()


def _target(words: list[str]) -> str:
    """The module of `gunicorn -w 4 shop.wsgi:app`, of `celery -A shop.tasks worker`."""
    for option in ("-A", "--app", "-m", "--wsgi-file", "--module"):
        if option in words[:-1]:
            return words[words.index(option) + 1].partition(":")[0]
    colons = (word for word in words if ":" in word and _APPLICATION.fullmatch(word))
    files = (word for word in words if word.endswith(".py"))
    return next(colons, next(files, "")).partition(":")[0]
