"""Survey to the patches that start tracing: a module that sets OpenTelemetry up, the calls of it
that the ways of starting need, and the requirement lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autospan.model import Document, Free, Launch, Patch, Survey, Tree
from autospan.requirements import amended

MARK = b"# autospan: wiring"
"""How the first line of a module that `init` wrote begins."""

_BASE = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
_MODULE = '''\
# autospan: wiring, yours to change
"""Starts OpenTelemetry: where spans go, and which libraries are traced.

OTEL_SERVICE_NAME says who sends the spans, OTEL_EXPORTER_OTLP_ENDPOINT where to.
"""

from importlib.metadata import entry_points

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

INSTRUMENTED = {packages}


def configure_tracing() -> None:
    """To be called once in each process that does the work, after the fork that made it."""
    provider = TracerProvider(resource=Resource.create())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    for each in entry_points(group="opentelemetry_instrumentor"):
        if each.dist and each.dist.name in INSTRUMENTED:
            each.load()().instrument()
'''


@dataclass(frozen=True, slots=True)
class Step:
    """What is left to do by hand: what (code, if it has several lines), where, and why."""

    do: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Wiring:
    """The dotted name of the wiring module, the patches, and the steps that are left."""

    module: str
    patches: tuple[Patch, ...]
    steps: tuple[Step, ...]


def wire(survey: Survey, tree: Tree) -> Wiring:
    """The wiring for a project; no patch for a file that already says what is needed.

    Of the packages in `survey.free`, those are wired that support the library's version and are
    not wired already by anything but the module that is written here.
    """
    path, module = _place(tree)
    chosen = _chosen(survey, next((each.data for each in tree.sources if each.path == path), b""))
    hooks = {each.code: each for each in survey.launches if each.code}
    started = [each for each in chosen if not each.by_hand]
    patches = [_patch(tree, path, _module(started, [*hooks.values()]))]
    steps = [Step(each.by_hand, module, each.gives) for each in chosen if each.by_hand]
    for launch in hooks.values():
        if not launch.file:
            steps.append(_step(launch, f"import {module}", "the worker has to import it: "))
        elif any(source.path == launch.file for source in tree.sources):
            code = launch.code.strip().replace("{module}", module)
            steps.append(Step(code, launch.file, launch.why))
        else:
            code = launch.code.lstrip().replace("{module}", module)
            patches.append(Patch(launch.file, None, code.encode()))
    call = f"from {module} import configure_tracing"
    steps += [_step(each, f"{call}: {each.how}") for each in survey.launches if each.how]
    if not survey.launches:
        steps.append(Step(f"{call}, and call it", "the module that starts", "once a process"))
    required, step = _required(tree, survey, chosen)
    patches += required
    changed = [each for each in patches if each.before != each.after]
    ordered = tuple(sorted(changed, key=lambda patch: patch.path))
    return Wiring(module, ordered, tuple(dict.fromkeys(steps + step)))


def _chosen(survey: Survey, written: bytes) -> list[Free]:
    return [
        each
        for each in survey.free
        if each.fits is not False and (not each.wired or f'"{each.package}"'.encode() in written)
    ]


def _step(launch: Launch, do: str, why: str = "") -> Step:
    return Step(do, launch.target or str(launch.place), why + launch.why)


def _place(tree: Tree) -> tuple[str, str]:
    """The path and dotted name of the wiring module: in the package with most of the modules."""
    packages = {each.module: each for each in tree.sources if each.package}
    tops = {name for name in packages if name.rpartition(".")[0] not in packages}
    sizes = Counter(
        top
        for each in tree.sources
        for top in tops
        if each.module.startswith(top + ".") and not _is_test(each.path)
    )
    top = min(sizes, key=lambda name: (-sizes[name], name), default="")
    folder = packages[top].path.removesuffix("__init__.py") if top else ""
    taken = {each.path: each.data for each in tree.sources}
    free = (
        name
        for name in ("telemetry", "_telemetry", "otel_wiring")
        if taken.get(f"{folder}{name}.py", MARK).startswith(MARK)
    )
    name = next(free, "autospan_wiring")
    return f"{folder}{name}.py", f"{top}.{name}" if top else name


def _is_test(path: str) -> bool:
    return any(part.startswith("test") for part in path.split("/"))


def _module(chosen: Sequence[Free], hooks: Sequence[Launch]) -> str:
    names = "".join(f'    "{each.package}",\n' for each in chosen)
    text = _MODULE.replace("{packages}", f"(\n{names})" if names else "()")
    return text + "".join(f"\n\n{each.code.strip()}\n" for each in hooks if not each.file)


def _patch(tree: Tree, path: str, text: str) -> Patch:
    known = {each.path: each.data for each in tree.sources}
    return Patch(path, known.get(path), text.encode())


def _required(tree: Tree, survey: Survey, chosen: Sequence[Free]) -> tuple[list[Patch], list[Step]]:
    """The requirement lines that are missing, in the file that lists the project's own."""
    wanted = [*_BASE, *(each.pin for each in chosen if not each.required)]
    lines = [line for line in wanted if not any(line in each.text for each in tree.documents)]
    if not lines:
        return [], []
    for document in sorted(tree.documents, key=_preference):
        if _preference(document)[0] < len(_FILES) and (text := amended(document, lines)):
            return [Patch(document.path, document.text.encode(), text.encode())], []
    why = "no requirements.txt, pyproject.toml or setup.cfg lists what the project requires"
    return [], [Step("pip install " + " ".join(lines), "every environment", why)]


_FILES = ("pyproject.toml", "requirements.txt", "setup.cfg")


def _preference(document: Document) -> tuple[int, int, str]:
    name = document.path.rpartition("/")[2]
    depth = document.path.count("/")
    return (_FILES.index(name) if name in _FILES else len(_FILES), depth, document.path)
