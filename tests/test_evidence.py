"""Recordings of a running program: read without running anything, matched, and weighed."""

from __future__ import annotations

import cProfile
import json
import marshal
import sqlite3
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from autospan import pipeline
from autospan.config import Config, ConfigError
from autospan.evidence import shown
from autospan.evidence.recordings import frames
from autospan.model import Frame, Reason

PROGRAM = """
    from autospan.runtime import traced

    def main():
        return sum(key(each) for each in range(20000)) + slow()

    @traced
    def key(each):
        return each % 7

    def slow():
        total = 0
        for each in range(400000):
            total += each
        return total

    def never(each):
        return [each, each + 1]

    if __name__ == "__main__":
        main()
    """


@pytest.fixture
def program(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "job.py").write_text(dedent(PROGRAM).lstrip())
    return root


def profiled(root: Path, tracing: str = "traced = lambda f: f") -> Path:
    """A profile of the program as it lay elsewhere, with tracing that does nothing."""
    lines = (root / "shop" / "job.py").read_text().splitlines()
    names: dict[str, Any] = {"__name__": "job"}
    exec(tracing, names)
    text = "\n".join("" if " import " in line else line for line in lines)
    exec(compile(text, "/srv/app/shop/job.py", "exec"), names)
    profile = cProfile.Profile()
    profile.runcall(names["main"])
    file = root.parent / "job.prof"
    profile.dump_stats(file)
    return file


def evidence(root: Path, *recordings: Path) -> dict[str, Reason]:
    """What recordings make of each function."""
    config = Config(evidence=tuple(str(each) for each in recordings))
    analysis = pipeline.analyze(root, config)
    return {
        analysis.graph.functions[each.function].short: reason
        for each in analysis.candidates
        for reason in each.reasons
        if reason.signal == "evidence"
    }


def test_a_profile_tells_what_is_hot_and_what_takes_the_time(program: Path) -> None:
    found = evidence(program, profiled(program))
    assert found["key"].words.startswith("called 20,000 times, ")
    assert found["key"].words.endswith(" each: hot and tiny")
    assert found["key"].weight < 0 < found["slow"].weight
    assert found["main"].words.startswith("takes ")
    assert " of the recorded time in one call" in found["main"].words
    assert "never" not in found


def test_scores_stay_the_sum_of_their_reasons_and_ranks_are_new(program: Path) -> None:
    config = Config(evidence=(str(profiled(program)),))
    ranked = pipeline.analyze(program, config).candidates
    assert [each.rank for each in ranked] == list(range(1, len(ranked) + 1))
    assert sorted(ranked, key=lambda each: -each.score) == list(ranked)
    for each in ranked:
        assert each.score == pytest.approx(sum(reason.weight for reason in each.reasons), abs=1e-3)
        assert 0 <= each.score <= 1


def test_hot_and_tiny_spans_are_to_be_taken_out(
    program: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from autospan.cli import main

    command = ["autospan", "suggest", str(program), "--evidence", str(profiled(program))]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit):
        main()
    report = capsys.readouterr().out
    assert "1 span to take out" in report
    assert "delete the span at shop/job.py:6" in report


TRACING = """
from opentelemetry import trace
def traced(f, **_):
    return f if callable(f) else lambda f: f
"""


@pytest.mark.parametrize("style", ["helper", "native"])
def test_hot_and_tiny_spans_are_taken_out_and_no_others(program: Path, style: str) -> None:
    file, text = program / "shop" / "job.py", (program / "shop" / "job.py").read_text()
    bare = text.replace("from autospan.runtime import traced\n\n", "").replace("@traced\n", "")
    file.write_text(bare)
    called(program, "apply", "--function", "key", "--function", "slow", "--style", style)
    both = file.read_text()
    recording = str(profiled(program, TRACING))
    shown = called(program, "remove", "--hot", "--diff", "--evidence", recording)
    assert file.read_text() == both
    changed = [line for line in shown.splitlines() if line.startswith(("+", "-"))]
    taken = [line for line in changed if not line.startswith(("+++", "---"))]
    assert len(taken) == 1 and taken[0].startswith("-@")
    told = called(program, "remove", "--hot", "--evidence", recording)
    assert "Took 1 hot and tiny span out of 1 file" in told
    assert file.read_text() == both.replace(taken[0][1:] + "\n", "")
    assert "slow" in both.split(taken[0][1:])[1]  # it keeps its span, and what that needs
    assert "no span of autospan is hot and tiny" in called(
        program, "remove", "--hot", "--evidence", recording
    )
    called(program, "remove")
    assert file.read_text() == bare


def test_a_hot_span_of_other_tracing_is_named_not_touched(program: Path) -> None:
    text = (program / "shop" / "job.py").read_text()
    (program / "shop" / "job.py").write_text(
        text.replace("from autospan.runtime import traced", "from ddtrace import tracer").replace(
            "@traced", "@tracer.wrap()"
        )
    )
    recording = profiled(program, "class tracer:\n    wrap = lambda: lambda f: f")
    before = (program / "shop" / "job.py").read_bytes()
    told = called(program, "remove", "--hot", "--evidence", str(recording))
    said = " ".join(told.split())  # whatever the terminal's width
    assert "the span of shop.job.key is hot and tiny, and not written by autospan" in said
    assert (program / "shop" / "job.py").read_bytes() == before


def test_what_is_hot_has_to_be_known(program: Path) -> None:
    told = called(program, "remove", "--hot", code=2)
    assert "--hot needs to know what is hot\n  help: give --evidence FILE" in told


def called(root: Path, *arguments: str, code: int = 0) -> str:
    """What `autospan …` says."""
    import contextlib
    import io
    from unittest import mock

    from autospan.cli import main

    told = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    command = ["autospan", arguments[0], str(root), *arguments[1:]]
    with (
        mock.patch.object(sys, "argv", command),
        contextlib.redirect_stdout(told),
        contextlib.redirect_stderr(told),
        pytest.raises(SystemExit) as stop,
    ):
        main()
    assert (stop.value.code or 0) == code
    return told.buffer.getvalue().decode()


def test_profiles_are_read_as_marshal_does(program: Path) -> None:
    file = profiled(program)
    told = marshal.loads(file.read_bytes())
    found = frames(file)
    assert {(each.file, each.line, each.name) for each in found} == told.keys()
    for each in found:
        _, calls, _, seconds, _ = told[each.file, each.line, each.name]
        assert (each.calls, each.seconds) == (calls, seconds)


def test_a_profile_with_code_in_it_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.prof"
    file.write_bytes(marshal.dumps({("a", 1, "b"): compile("1 / 0", "x", "exec")}))
    with pytest.raises(ConfigError, match="is of type 'c'"):
        frames(file)


def test_every_beginning_of_a_profile_is_refused_in_words(program: Path) -> None:
    data = profiled(program).read_bytes()
    for size in range(0, len(data), 97):
        (program / "cut").write_bytes(data[:size])
        with pytest.raises(ConfigError, match="no recording that is known"):
            frames(program / "cut")


def saved(root: Path, document: object, name: str = "recording.json") -> Path:
    file = root.parent / name
    file.write_text(json.dumps(document))
    return file


SPEEDSCOPE = {
    "shared": {
        "frames": [
            {"name": "main", "file": "C:\\app\\shop\\job.py", "line": 3},
            {"name": "slow", "file": "C:\\app\\shop\\job.py", "line": 12},
            {"name": "(idle)"},
        ]
    },
    "profiles": [
        {
            "type": "sampled",
            "unit": "milliseconds",
            "samples": [[0, 1], [0], [2]],
            "weights": [3, 1, 1],
        }
    ],
}


def test_speedscope_samples(program: Path) -> None:
    found = evidence(program, saved(program, SPEEDSCOPE))
    assert found["main"].words == "takes 80% of the recorded time"
    assert found["slow"].words == "takes 60% of the recorded time"


def test_speedscope_events(program: Path) -> None:
    events = [("O", 0, 0), ("O", 1, 2), ("O", 1, 3), ("C", 1, 4), ("C", 1, 5), ("C", 0, 10)]
    rows = [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events]
    profile = {
        "type": "evented",
        "unit": "seconds",
        "startValue": 0,
        "endValue": 10,
        "events": rows,
    }
    found = evidence(program, saved(program, {**SPEEDSCOPE, "profiles": [profile]}))
    assert found["slow"].words == "takes 30% of the recorded time in 2 calls"
    assert found["main"].words == "takes 100% of the recorded time in one call"


def otlp(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def span(name: str, nanoseconds: int, **attributes: str | int) -> dict[str, Any]:
    told = [
        {
            "key": key.replace("_", "."),
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in attributes.items()
    ]
    times = {"startTimeUnixNano": "1000", "endTimeUnixNano": str(1000 + nanoseconds)}
    return {"name": name, **times, "attributes": told}


def test_traces_by_place_or_by_name(program: Path) -> None:
    rows = [span("shop.job.key", 1500)] * 2000
    rows += [span("GET /", 5_000_000, code_filepath="/x/shop/job.py", code_lineno=12)]
    found = evidence(program, saved(program, otlp(*rows)))
    assert found["key"].words == "called 2,000 times, 1.5 µs each: hot and tiny"
    assert found["slow"].words == "called once, 5 ms each"
    lines = "\n".join(json.dumps(otlp(each)) for each in rows[-3:])
    (program.parent / "lines.json").write_text(lines)
    assert evidence(program, program.parent / "lines.json")["key"].words.startswith(
        "called 2 times"
    )


def test_traces_as_the_collector_writes_them(program: Path) -> None:
    """One object a line, those of metrics and logs between them, the last one not yet whole."""
    rows = [json.dumps(otlp(span("shop.job.key", 1500)))] * 3
    other = ['{"resourceMetrics": []}', "", '{"resourceLogs": []}', "{}"]
    file = program.parent / "traces.jsonl"
    file.write_text("\n".join([*other, *rows, *other, rows[0][:40]]))
    assert evidence(program, file)["key"].words.startswith("called 3 times")


def test_coverage_reports_and_contexts(program: Path) -> None:
    file = {
        "executed_lines": [1, 3, 4, 6, 7, 8, 10, 16],
        "missing_lines": [11, 12, 17],
        "contexts": {"4": ["a", "b"], "8": ["a"]},
    }
    found = evidence(program, saved(program, {"meta": {}, "files": {"/w/shop/job.py": file}}))
    assert found["main"].words == "ran in 2 recorded contexts"
    assert found["key"].words == "ran in 1 recorded context"
    assert found["never"].words == "did not run where coverage was recorded"
    assert found["never"].weight < 0
    assert found["slow"].words == found["never"].words


@pytest.mark.parametrize("arcs", [False, True])
def test_coverage_databases(program: Path, arcs: bool) -> None:
    file = program.parent / ".coverage"
    database = sqlite3.connect(file)
    database.executescript(
        """
        create table file (id integer primary key, path text);
        create table context (id integer primary key, context text);
        create table line_bits (file_id integer, context_id integer, numbits blob);
        create table arc (file_id integer, context_id integer, fromno integer, tono integer);
        insert into file values (1, '/w/shop/job.py');
        """
    )
    for context in (1, 2):
        if arcs:
            database.execute("insert into arc values (1, ?, -3, 4)", (context,))
        else:
            database.execute("insert into line_bits values (1, ?, ?)", (context, bytes([1 << 4])))
    database.commit()
    database.close()
    assert evidence(program, file)["main"].words == "ran in 2 recorded contexts"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends in the middle, at byte 0"),
        (b"hello", "byte 0 is of type 'h'"),
        (b'{"a": 1}', "JSON without `resourceSpans`, `profiles` or `files`"),
        (b'{"a": ', "not valid JSON: "),
        (b'{"resourceSpans": []}\n{"resource\n{}', "not valid JSON: Unterminated string"),
        (b'{}\n{"a": \n{}\n', "line 2"),
        (b'{"resourceLogs": []}\n{}\n', "no spans in it"),
        (b'{"resourceSpans": 3}', "not iterable"),
        (b'{"shared": {}, "profiles": []}', "`frames` is missing"),
        (b'{"meta": {}, "files": {"a.py": {}}}', "`executed_lines` is missing"),
        (b"[1]", "byte 0 is of type '['"),
        (b"SQLite format 3\0 and no more", "not readable as a database"),
        (b"{(" + b"\xff" * 40, "byte 6 is of type"),
    ],
)
def test_what_is_no_recording_is_refused_in_words(
    tmp_path: Path, data: bytes, message: str
) -> None:
    file = tmp_path / "recording"
    file.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        frames(file)
    (problem,) = caught.value.problems
    assert problem.message.startswith("no recording that is known: ")
    assert message in problem.message
    assert problem.hint.startswith("known are cProfile")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        frames(tmp_path)


def test_paths_of_other_machines(program: Path) -> None:
    from autospan.evidence.matching import observe

    graph = pipeline.analyze(program, Config()).graph

    def seen(file: str, line: int, name: str) -> list[str]:
        found = observe(graph, [Frame(file, line, name, 1)])
        return [graph.functions[each.function].short for each in found]

    assert seen("/any/where/shop/job.py", 6, "key") == ["key"]  # cProfile: the decorator's line
    assert seen("shop/job.py", 7, "key") == ["key"]
    assert seen("x\\shop\\job.py", 8, "") == ["key"]
    assert seen("shop/job.py", 0, "Some.slow") == ["slow"]
    assert seen("shop/job.py", 7, "other") == []
    assert seen("job.py", 7, "key") == []
    assert seen("/other/job.py", 7, "key") == []


def test_times_in_words() -> None:
    assert [shown(each) for each in (2.5, 0.0311, 1.23e-6, 5e-8, 12.0, 0.25)] == [
        "2.5 s",
        "31.1 ms",
        "1.2 µs",
        "0.05 µs",
        "12 s",
        "250 ms",
    ]
