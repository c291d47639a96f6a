"""Plain SQL callers log by COPY, as docs/guides/audit.md says; the build that serves is named."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

from database_copies import copy_database
from hartonomous import inference_log
from hartonomous.extensions import load_extensions


@pytest.fixture(scope="module")
def copied(demo, tmp_path_factory):
    return copy_database(demo, tmp_path_factory.mktemp("demo"))


@pytest.fixture
def plain(copied):
    """A connection as the README opens it."""
    database = copied.database
    with duckdb.connect() as connection:
        load_extensions(connection)
        connection.execute(f"ATTACH '{database.landed}' AS landing (READ_ONLY)")
        connection.execute(f"ATTACH '{database.built}' AS built (READ_ONLY); USE built")
        yield connection


COPY = (
    "COPY (FROM inference_entry({entry})) TO '{folder}' "
    "(FORMAT json, PER_THREAD_OUTPUT, APPEND, FILENAME_PATTERN 'sql-{{uuid}}')"
)


def log(connection, database, entry):
    connection.execute(COPY.format(entry=entry, folder=database.inference_folder))


def test_the_guide_runs_as_it_stands(project, copied, plain):
    guide = (project / "docs" / "guides" / "audit.md").read_text()
    (block,) = re.findall(r"```sql\n(.*?)```", guide, re.S)
    for _ in range(2):
        for statement in block.split(";\n"):
            if statement.strip():
                text = statement.replace(
                    "demo/demo", str(copied.database.landed)[: -len(".duckdb")]
                )
                shown = plain.execute(text).fetchall()
    assert len(shown) == 5
    first, second = inference_log.select(copied.database.inference_folder)
    assert first["inference_id"] != second["inference_id"]
    assert (first["caller"], first["method"], first["settings"]) == (
        "ann",
        "neighbors",
        {"top_k": 5},
    )
    returned = [row for row in shown if row[2] <= 0.9]
    assert [(r["rank"], r["id"], r["text"]) for r in first["results"]] == [
        (rank, *row[:2]) for rank, row in enumerate(returned, start=1)
    ]
    assert first["confidence"] == pytest.approx(1 - returned[0][2])
    assert first["models"] == ["all-MiniLM-L6-v2"]
    assert first["query_hash"] == inference_log.text_hash("neighbors of 7")
    run_id, model_id = plain.execute(
        "SELECT (SELECT max_by(run_id, started_at) FROM build_runs), model_id FROM spaces"
    ).fetchone()
    assert (first["run_id"], first["model_ids"]) == (run_id, [model_id])
    assert first.keys() == inference_log.read(copied.database.inference_folder)[0].keys()
    assert copied.explain(first["inference_id"])["recall_estimate"] == 1.0
    followed = inference_log.follow(copied.database.inference_folder, {})
    assert [entry for entry, _ in followed] == [second, first]


def test_what_else_an_entry_takes(copied, plain):
    log(
        plain,
        copied.database,
        """'generate', 'own', 'it''s a "prompt"', 
        '[{"token_id": 5, "token": "x", "probability": 0.5}]',
        alternatives := '[{"rank": 9, "text": "y"}]', models := '["all-MiniLM-L6-v2", "another"]',
        duration_ms := 12.5, space_id := ''""",
    )
    entry = copied.explain("last")
    assert (entry["query_text"], entry["duration_ms"], entry["caller"]) == (
        'it\'s a "prompt"', 12.5, "sql",
    )  # fmt: skip
    assert entry["results"] == [
        {"rank": 1, "id": 5, "text": "x", "probability": 0.5, "confidence": 0.5}
    ]
    assert entry["alternatives"] == [{"rank": 2, "text": "y"}]
    assert entry["models"] == ["all-MiniLM-L6-v2", "another"] and len(entry["model_ids"]) == 1
    log(plain, copied.database, "'search', 'exact', 'nothing found'")
    entry = copied.explain("last")
    assert (entry["results"], entry["confidence"]) == ([], None)


def test_both_kinds_of_files_are_one_view(demo, copied):
    copied.search(copied.embed("roof"), top_k=1)
    mine = copied.explain("last")
    log_folder = demo.database.inference_folder  # the view reads the folder that it was built for
    before = len(demo.inferences())
    (log_folder / "sql-test.json").write_text(
        json.dumps({**mine, "created_at": mine["created_at"].replace("T", " ")}) + "\n"
        '{"inference_id": "half'
    )
    inference_log.append_event(log_folder, inference_log.event("something"))
    try:
        with demo.database.connect() as connection:
            found = connection.execute(
                "SELECT count(*), max(created_at) FILTER (inference_id = $1) FROM inferences",
                [mine["inference_id"]],
            ).fetchone()
    finally:
        (log_folder / "sql-test.json").unlink()
    assert found[0] == before + 1
    assert found[1].isoformat() == mine["created_at"]


def test_python_names_the_build_and_the_models(copied):
    copied.search(copied.embed("roof"), top_k=2)
    copied.walk("king", tokens=2)
    with copied.database.connect() as connection:
        run_id, version = connection.execute(
            "SELECT run_id, hartonomous_version FROM build_runs ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
        model_id = connection.execute("SELECT model_id FROM landing.raw.models").fetchone()[0]
    assert version == "0.1.0"
    for entry in copied.inferences(limit=2):
        assert (entry["run_id"], entry["model_ids"]) == (run_id, [model_id])
    assert copied.inferences(limit=2)[1]["recall_estimate"] is not None
    assert copied.inferences(model=model_id)
