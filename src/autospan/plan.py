"""`plan`: which spans to insert, with names and attributes, and which functions to leave alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from autospan.attributes import as_they_are, captures, withheld
from autospan.beside import started
from autospan.config import Config
from autospan.forms import Choice, choose_forms, has_line, has_room
from autospan.helper import place_helpers
from autospan.model import (
    Candidate,
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

Hidden = Literal["", "_", "__"]


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
    return planner(candidates, graph, survey, sources, facts, config)(selection)


def planner(
    candidates: Sequence[Candidate],
    graph: Graph,
    survey: Survey,
    sources: Sequence[Source],
    facts: Sequence[Facts],
    config: Config,
) -> Callable[[Selection], Plan]:
    """Gives the plan for any selection of the candidates; what all plans share is made once."""
    texts = {each.path: each for each in sources}
    starred = _starred(facts, sources)
    helpers = _helpers(graph, survey, sources, facts, config)
    unlike = {path for path, _, _ in graph.guards} | shared(sources)
    names = span_names(graph.functions, config.span_name, runs)
    forms = cache(lambda unseen: choose_forms(graph, sources, unseen))

    def edited(candidate: Candidate, function: Function, choice: Choice, unseen: bool) -> Edit:
        path, name = function.place.file, names[candidate.function]
        known = "" if path in unlike else function.qualified
        hidden: Hidden = "__" if unseen else starred.get(texts[path].module, "")
        edit = _edit(candidate, function, helpers[path], config, (name, known), choice, hidden)
        return edit if helpers[path] else _natively(function, edit, texts[path])

    def make(selection: Selection) -> Plan:
        unseen = selection.everything and selection.named is None
        form = forms(unseen)
        refuse = skip_reason(graph, survey, facts, form)

        def refused(number: int, function: Function) -> Verdict:
            asked = selection.everything or function.qualified in selection.functions
            source = texts[function.place.file]
            native = helpers[source.path] is None
            verdict = refuse(number, function) or (_beyond(function, source) if native else None)
            return verdict if verdict or asked else unworthy(function)

        edits: list[Edit] = []
        skips: list[Skip] = []
        for candidate, verdict in selected(candidates, graph, survey, refused, config, selection):
            function = graph.functions[candidate.function]
            if verdict is None:
                edits.append(edited(candidate, function, form(candidate.function), unseen))
            else:
                skips.append(_skip(function, *verdict))
        used = {path: helpers[path] for path in sorted({edit.path for edit in edits})}
        loose = tuple(each for each in used if not used[each] and config.style == "helper")
        return Plan(tuple(edits), tuple(skips), _written(used.values()), loose=loose)

    return make


def _helpers(
    graph: Graph,
    survey: Survey,
    sources: Sequence[Source],
    facts: Sequence[Facts],
    config: Config,
) -> Mapping[str, Helper | None]:
    """The helper that each file (path) imports; None for those that are written in native style."""
    if config.style == "native":
        return dict.fromkeys(each.path for each in sources)
    return place_helpers(sources, facts, config, started(graph, survey))


def _written(helpers: Iterable[Helper | None]) -> tuple[Helper, ...]:
    """Those helpers that are files of the project, by path."""
    found = {each for each in helpers if each is not None and each.path}
    return tuple(sorted(found, key=lambda each: each.path))


def _skip(function: Function, code: str, why: str) -> Skip:
    place = function.place
    return Skip(place.file, function.name, function.ordinal, place.line, code, why)


def _starred(facts: Sequence[Facts], sources: Sequence[Source]) -> Mapping[str, Hidden]:
    """The modules whose public names somebody imports, all at once, and that do not list them."""
    found = {line.module for each in facts for line in each.imports if line.name == "*"}
    return {
        each.module: "_" for each in sources if each.module in found and b"__all__" not in each.data
    }


def _beyond(function: Function, source: Source) -> Verdict:
    if "generator" in function.kind and not has_room(function, source):
        return "native", "a generator needs a block in native style, and its body has no room"
    return None


# --- edits


def _edit(
    candidate: Candidate,
    function: Function,
    helper: Helper | None,
    config: Config,
    names: tuple[str, str],
    choice: Choice,
    hidden: Hidden,
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
        form=choice.form or "decorator",
        kind=function.kind,
        helper=helper.module if helper else "",
        why=next((reason.words for reason in candidate.telling), ""),
        against=choice.why,
        hidden=hidden,
    )


def _natively(function: Function, edit: Edit, source: Source) -> Edit:
    """The edit in native style: generators get blocks, and the values that are captured go to the
    API as they are, in the line of a block or in one of the body."""
    plain = as_they_are(function, edit.captures)
    if edit.form == "block" or "generator" in function.kind:
        against = edit.against or "is a generator: a decorator would time its making"
        return replace(edit, captures=plain, form="block", against=against)
    if any(each.captured for each in plain) and not has_line(function, source):
        plain = withheld(plain, "its body has no room for a line that sets attributes")
    return replace(edit, captures=plain)
