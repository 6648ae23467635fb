"""Adds lines to what a project requires: requirements.txt, pyproject.toml or setup.cfg.

The smallest edit of the text, as a person would make it, and only where reading the result gives
what was there and the new lines, nothing else.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Sequence

import tomli

from autospan.model import Document

_ENTRY = re.compile(r"^(\s*)\S")


def amended(document: Document, lines: Sequence[str]) -> str | None:
    """The text with these requirements (PEP 508) added; None where it has no place for them."""
    name = document.path.rpartition("/")[2]
    try:
        if name == "pyproject.toml":
            return _pyproject(document.text, lines)
        if name == "setup.cfg":
            return _setup_cfg(document.text, lines)
    except (ValueError, KeyError, TypeError, AttributeError, configparser.Error):
        return None
    return _appended(document.text, lines) if name.endswith(".txt") else None


def _appended(text: str, lines: Sequence[str]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    ended = text if not text or text.endswith("\n") else text + end
    return ended + "".join(line + end for line in lines)


def _pyproject(text: str, lines: Sequence[str]) -> str | None:
    before = tomli.loads(text)
    if isinstance(before.get("project", {}).get("dependencies"), list):
        after = _into_list(text, lines)
        wanted = [*before["project"]["dependencies"], *lines]
        fine = after and tomli.loads(after)["project"]["dependencies"] == wanted
        return after if fine else None
    poetry = before.get("tool", {}).get("poetry", {})
    if isinstance(poetry.get("dependencies"), dict):
        after = _into_table(text, lines)
        added = len(tomli.loads(after)["tool"]["poetry"]["dependencies"]) if after else 0
        return after if added == len(poetry["dependencies"]) + len(lines) else None
    return None


def _into_list(text: str, lines: Sequence[str]) -> str | None:
    """Before the bracket that closes `dependencies = [` of `[project]`."""
    section = re.search(r"^\[project\][^\n]*\n", text, re.MULTILINE)
    opened = re.compile(r"^dependencies\s*=\s*\[", re.MULTILINE).search(
        text, section.end() if section else 0
    )
    closing = _closing(text, opened.end()) if opened else -1
    if not opened or closing < 0:
        return None
    inner = text[opened.end() : closing]
    entries = [line for line in inner.splitlines()[1:] if line.strip()]
    indent = (_ENTRY.match(entries[-1]) or [" " * 4] * 2)[1] if entries else " " * 4
    body = inner.rstrip()
    comma = "" if not body or body.endswith((",", "\n")) or "#" in body.splitlines()[-1] else ","
    added = "".join(f'\n{indent}"{line}",' for line in lines)
    return text[: opened.end()] + body + comma + added + "\n" + text[closing:].lstrip()


def _closing(text: str, start: int) -> int:
    """The offset of the bracket that closes a list of texts, -1 without one."""
    for found in re.compile(r"""("[^"\n]*"|'[^'\n]*'|#[^\n]*)|(\])""").finditer(text, start):
        if found[2]:
            return found.start()
    return -1


def _into_table(text: str, lines: Sequence[str]) -> str | None:
    """At the end of `[tool.poetry.dependencies]`."""
    section = re.search(
        r"^\[tool\.poetry\.dependencies\][^\n]*\n(?:(?!\[)[^\n]*\n?)*", text, re.MULTILINE
    )
    if not section:
        return None
    body = section[0].rstrip("\n")
    added = "".join(f"\n{_poetry(line)}" for line in lines)
    return text[: section.start()] + body + added + section[0][len(body) :] + text[section.end() :]


def _poetry(line: str) -> str:
    name, operator, version = line.partition("==")
    return f'{name} = "{version if operator else "*"}"'


def _setup_cfg(text: str, lines: Sequence[str]) -> str | None:
    """After the last entry of `install_requires`."""
    section = re.search(
        r"^install_requires\s*=[^\n]*\n((?:[ \t]+\S[^\n]*\n?)+)", text, re.MULTILINE
    )
    if not section:
        return None
    body = section[1].rstrip("\n")
    indent = (_ENTRY.match(body) or ["    "] * 2)[1]
    added = "".join(f"\n{indent}{line}" for line in lines)
    at = section.start(1) + len(body)
    after = text[:at] + added + text[at:]
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(after)
    found = parser.get("options", "install_requires").split("\n")
    return after if found[-len(lines) :] == list(lines) else None
