"""Which functions of the program the frames of recordings are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autospan.model import Frame, Function, Graph, Observation


def observe(graph: Graph, frames: Iterable[Frame]) -> tuple[Observation, ...]:
    """What is told of each function, by file and line; of spans without these, by their name.

    A file is the one whose path ends with the path of the project's file: recordings come from
    other folders and machines. Several frames of a function are added up.
    """
    homes: dict[str, list[tuple[str, list[int]]]] = {}
    named: dict[str, list[int]] = {}
    for index, function in enumerate(graph.functions):
        named.setdefault(function.qualified, []).append(index)
    for path, numbers in _by_file(graph.functions).items():
        homes.setdefault(path.rpartition("/")[2], []).append((path, numbers))
    found: dict[int, Observation] = {}
    for frame in frames:
        number = _number(frame, homes, named, graph.functions)
        if number is not None:
            known = found.get(number, Observation(number))
            share = frame.seconds / frame.whole if frame.whole else 0.0
            found[number] = Observation(
                number,
                known.calls + frame.calls,
                known.seconds + frame.seconds,
                min(known.share + share, 1.0),
                max(known.runs, frame.runs),
            )
    return tuple(sorted(found.values()))


def _by_file(functions: Iterable[Function]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, function in enumerate(functions):
        if function.kind != "module":
            found.setdefault(function.place.file, []).append(number)
    return found


def _number(
    frame: Frame,
    homes: dict[str, list[tuple[str, list[int]]]],
    named: dict[str, list[int]],
    functions: tuple[Function, ...],
) -> int | None:
    if not frame.file:
        numbers = named.get(frame.name, [])
        return numbers[0] if len(numbers) == 1 else None
    file = "/" + frame.file.replace("\\", "/").lstrip("/")
    homed = [
        (path, numbers)
        for path, numbers in homes.get(file.rpartition("/")[2], ())
        if file.endswith("/" + path)
    ]
    if not homed:
        return None
    _, numbers = max(homed, key=lambda each: len(each[0]))
    return next(_inside(frame, numbers, functions), None)


def _inside(frame: Frame, numbers: list[int], functions: tuple[Function, ...]) -> Iterator[int]:
    """The functions of a file that a frame may be: those that begin at its line, then the innermost
    around it, then, where no line is told, those of its name; the name must not contradict."""
    short = frame.name.rpartition(".")[2]
    fitting = [each for each in numbers if short in ("", functions[each].short)]
    if not frame.line:
        if len(fitting) == 1:
            yield fitting[0]
        return
    at = [
        each
        for each in fitting
        if functions[each].first_line <= frame.line <= functions[each].end_line
    ]
    heads = [each for each in at if frame.line <= functions[each].place.line]
    if frame.runs >= 0:  # a line that ran: that of a `def` runs where it is defined
        at, heads = [each for each in at if each not in heads], []
    yield from sorted(heads or at, key=lambda each: -functions[each].first_line)
