"""Commits as a patch series in mailbox format, as `git format-patch` writes it.

`git am` takes each mail in turn, and `git apply` too, which passes over all but the diff. There is
no date in it: `git am` takes that of the day, and the same series is the same bytes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from email.header import Header
from typing import TYPE_CHECKING, NamedTuple

from autospan import __version__
from autospan.present import diff

if TYPE_CHECKING:
    from autospan.model import Commit, Edit, Patch, Reason

_SUBJECT = 72
_WIDTH = 72
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_FIRST = f"From {'0' * 40} Mon Sep 17 00:00:00 2001\n"
"""How each mail of a mailbox begins; the date is always this one."""


class Mail(NamedTuple):
    """One commit as a mail: the name of a file for it, and what stands in that."""

    name: str
    data: bytes


def present(
    commits: Sequence[Commit],
    reasons: Callable[[Edit], Sequence[Reason]],
    author: str,
    folder: str = "",
) -> tuple[Mail, ...]:
    """The mails, in their order. `author` is `Name <address>`; `folder` as in `diff.present`."""
    return tuple(
        _mail(commit, (number, len(commits)), reasons, author, folder)
        for number, commit in enumerate(commits, 1)
    )


def _mail(
    commit: Commit,
    of: tuple[int, int],
    reasons: Callable[[Edit], Sequence[Reason]],
    author: str,
    folder: str,
) -> Mail:
    number, count = of
    subject = _cut(_plain(f"Trace {commit.title}"), _SUBJECT)
    mark = f"[PATCH {number:0{len(str(count))}}/{count}]" if count > 1 else "[PATCH]"
    head = (
        f"{_FIRST}From: {_header(author)}\nSubject: {_header(f'{mark} {subject}')}\nMIME-Version: "
        "1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    body = "\n".join(_message(commit, reasons)) + "\n---\n" + "".join(_statistics(commit, folder))
    shown = diff.present(commit.patches, folder, hashes=True)
    words = (head + body + "\n").encode("utf-8", "replace")
    end = f"-- \nautospan {__version__}\n\n".encode()
    return Mail(f"{number:04}-{_file_name(subject)}.patch", words + shown + end)


def _plain(words: str) -> str:
    """Words of the analysed project in one line, without control characters."""
    return " ".join(_ODD.sub(" ", words).split())


def _cut(words: str, width: int) -> str:
    return words if len(words) <= width else words[: width - 1].rstrip() + "…"


def _header(words: str) -> str:
    return words if words.isascii() else Header(words, "utf-8", maxlinelen=76).encode()


def _file_name(subject: str) -> str:
    return re.sub(r"[^\w.]+", "-", subject).strip("-.")[:52].rstrip("-.")


# --- the message


def _message(commit: Commit, reasons: Callable[[Edit], Sequence[Reason]]) -> Iterator[str]:
    yield from _wrapped(commit.about, "")
    edits = [edit for patch in commit.patches for edit in patch.edits]
    for edit in edits:
        yield ""
        yield _plain(edit.function.replace(":", "."))
        for reason in reasons(edit):
            yield from _wrapped(reason.words, "  ")
        for label, names in _attributes(edit):
            yield from _wrapped(f"{label} {', '.join(names)}", "  ")
    for patch in commit.patches:
        if patch.before is None:
            yield ""
            words = "is the tracing helper, new and yours to keep: it needs opentelemetry only."
            yield from _wrapped(f"{patch.path} {words}", "")
    yield ""
    yield from _wrapped("Written by autospan; `autospan remove` takes it out again.", "")


def _wrapped(words: str, indent: str) -> list[str]:
    more = indent + "  " if indent else ""
    return textwrap.wrap(
        _plain(words),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _attributes(edit: Edit) -> Iterator[tuple[str, list[str]]]:
    captured = [each.key for each in edit.captures if each.captured]
    withheld = [each.parameter for each in edit.captures if each.why.startswith("withheld")]
    if edit.span:
        yield "span name", [edit.span]
    if captured:
        yield "captures", captured
    if withheld:
        yield "withholds", withheld


# --- around the diff


def _statistics(commit: Commit, folder: str) -> Iterator[str]:
    above = f"{folder.rstrip('/')}/" if folder else ""
    added = [_added(patch) for patch in commit.patches]
    for patch, count in zip(commit.patches, added, strict=True):
        yield f" {_plain(above + patch.path)} | {count} +\n"
    files = len(added)
    yield f" {files} file{'' if files == 1 else 's'} changed, {sum(added)} insertions(+)\n"


def _added(patch: Patch) -> int:
    lines = [(data or b"").count(b"\n") for data in (patch.before, patch.after)]
    return max(lines[1] - lines[0], 0)
