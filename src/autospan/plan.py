"""`plan`: which spans to insert, with names and attributes, and which functions to leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autospan.attributes import as_they_are, captures, withheld
from autospan.config import Config
from autospan.forms import choose_forms, is_indented
from autospan.helper import place_helpers
from autospan.model import (
    Candidate,
    Capture,
    Edit,
    Facts,
    Function,
    Graph,
    Helper,
    Plan,
    Selection,
    Skip,
    Source,
    Survey,
)
from autospan.naming import shared, span_names
from autospan.refusals import runs, skip_reason, unworthy
from autospan.selection import Verdict, selected


def plan(
    candidates: Sequence[Candidate],
    graph: Graph,
    survey: Survey,
    sources: Sequence[Source],
    facts: Sequence[Facts],
    config: Config,
    selection: Selection,
) -> Plan:
    """The plan for the selected candidates, best first; what is selected but unsafe is a `Skip`.

    `facts` are those of the sources.
    """
    unseen = selection.everything and selection.named is None
    form = choose_forms(graph, sources, unseen)
    refuse = skip_reason(graph, survey, facts, form)

    def refused(number: int, function: Function) -> Verdict:
        asked = selection.everything or function.qualified in selection.functions
        verdict = refuse(number, function) or _beyond(config, function)
        return verdict if verdict or asked else unworthy(function)

    helpers = place_helpers(sources, facts, config)
    texts = {each.path: each for each in sources}
    unlike = {path for path, _, _ in graph.guards} | shared(sources)
    names = span_names(graph.functions, config.span_name, runs)
    edits: list[Edit] = []
    skips: list[Skip] = []
    for candidate, verdict in selected(candidates, graph, survey, refused, config, selection):
        function = graph.functions[candidate.function]
        if verdict is not None:
            code, why = verdict
            place = function.place
            skips.append(Skip(place.file, function.name, function.ordinal, place.line, code, why))
            continue
        path, name = function.place.file, names[candidate.function]
        known = "" if path in unlike else function.qualified
        edit = _edit(candidate, function, helpers[path], config, (name, known))
        if config.style == "native":
            edit = replace(edit, captures=_natively(function, edit.captures, texts[path]))
        shape, why = form(candidate.function)
        edits.append(replace(edit, form=shape or "decorator", against=why, hidden=unseen))
    written = {helpers[edit.path] for edit in edits if edit.helper and helpers[edit.path].path}
    return Plan(tuple(edits), tuple(skips), tuple(sorted(written, key=lambda each: each.path)))


def _beyond(config: Config, function: Function) -> Verdict:
    if config.style == "native" and "generator" in function.kind:
        return "native", "OpenTelemetry's decorator would time the making of a generator, not it"
    return None


# --- edits


def _edit(
    candidate: Candidate,
    function: Function,
    helper: Helper,
    config: Config,
    names: tuple[str, str],
) -> Edit:
    """The edit; `names` are the span's, and what the helper would call it ("": unknown)."""
    name, known = names
    verdicts = captures(function, extra_secrets=config.secrets, namespace=config.namespace)
    if not config.capture:
        verdicts = ()
    return Edit(
        path=function.place.file,
        function=function.name,
        ordinal=function.ordinal,
        line=function.place.line,
        span="" if name == known else name,
        default_span=known,
        captures=verdicts,
        kind=function.kind,
        helper="" if config.style == "native" else helper.module,
        why=next((reason.words for reason in candidate.telling), ""),
    )


def _natively(
    function: Function, found: tuple[Capture, ...], source: Source
) -> tuple[Capture, ...]:
    """The verdicts for values that go to the API as they are, in a line of the body."""
    plain = as_they_are(function, found)
    if not any(each.captured for each in plain) or is_indented(function, source):
        return plain
    return withheld(plain, "its body has no line of its own for the attributes")
