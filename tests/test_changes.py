"""`diff` for programs and for the description of a pull request."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
from test_cli import FILES, run

SCHEMA = Path(__file__).parents[1] / "docs" / "changes.schema.json"


def laid(root: Path) -> Path:
    for name, data in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_codetf_tells_each_span_at_its_line(tmp_path: Path) -> None:
    root = laid(tmp_path)
    told = json.loads(run(root, "diff", "--all", "--format", "codetf").stdout)
    jsonschema.validate(told, json.loads(SCHEMA.read_bytes()))
    (result,) = told["results"]
    run(root, "apply", "--all")
    for file in result["changeset"]:
        lines = (root / file["path"]).read_bytes().splitlines()
        assert file["diff"].startswith(f"diff --git a/{file['path']} ")
        for change in file["changes"]:
            properties = change.get("properties")
            line = lines[change["lineNumber"] - 1].strip()
            assert re.match(rb"(@|with )_*traced" if properties else rb"# autospan", line)
            if properties:
                name = properties["qualname"].rpartition(".")[2].encode()
                assert b"def " + name in b"".join(lines[change["lineNumber"] - 2 :][:3])
    assert '"shop.orders.place"' in json.dumps(result["changeset"])


def test_the_description_of_a_pull_request(tmp_path: Path) -> None:
    told = run(laid(tmp_path), "diff", "--top", "2", "-f", "markdown").stdout
    assert told.startswith("### Trace 2 functions in ")
    rows = [line for line in told.splitlines() if line.startswith("| <code>")]
    assert len(rows) == 2
    assert all(row.replace("\\|", "").count("|") == 4 for row in rows)
    assert "New: <code>shop/_tracing.py</code>" in told
    assert re.search(r"\| entry points with a root span \| \d+ \| \d+ \| \d+ \|", told)
    assert "git am" in run(tmp_path, "diff", "--help").stdout
    run(tmp_path, "diff", "-f", "codetf", "--split-by", "package", code=2)
