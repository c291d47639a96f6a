"""Forgetting in a database that was not built; killed at every step."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing

import pytest
from log_entries import inference
from small_database import TEXTS, digest, land_small
from typer.testing import CliRunner

from hartonomous import forget, inference_log
from hartonomous.cli.app import app
from hartonomous.errors import InputError
from hartonomous.forget import landed as forget_landed
from hartonomous.forget import text as forget_text

SECRET = TEXTS[7]


@pytest.fixture
def small(tmp_path):
    hartonomous = land_small(tmp_path)
    folder = hartonomous.database.inference_folder
    found = [{"rank": 1, "id": 8, "text": SECRET}]
    inference_log.append(folder, inference("about it", results=found, space_id="x"))
    inference_log.append(folder, inference(SECRET, results=[], alternatives=[]))
    return hartonomous


def rows(hartonomous, statement):
    with hartonomous.database.connect(built=False) as connection:
        return connection.execute(statement).fetchall()


def test_everything_that_holds_it_goes(small, tmp_path):
    before = {t: rows(small, f"SELECT count(*) FROM landing.raw.{t}")[0][0]
              for t in ("texts", "text_embeddings", "positions", "landmarks")}  # fmt: skip
    done = forget.forget_text(small.database, text=SECRET)
    assert (done.texts, done.embeddings, done.log_texts, done.log_entries) == (1, 1, 2, 2)
    assert done.files == [str(tmp_path / "texts.parquet")]
    assert done.found == []
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "texts.parquet":
            assert SECRET.encode() not in path.read_bytes(), path
    for table, count in before.items():
        assert rows(small, f"SELECT count(*) FROM landing.raw.{table}") == [(count - 1,)], table
    (tombstone,) = inference_log.read_events(small.database.inference_folder, "forgotten")
    assert tombstone["text_hash"] == digest(SECRET)
    assert len(tombstone["text_ids"]) == len(tombstone["embeddings"]) == 1
    assert len(tombstone["asked"]) == len(tombstone["results"]) == 1
    assert SECRET not in json.dumps(tombstone)
    assert len(small.inferences()) == 2
    # what is left can still be added to
    small.ingest_embeddings(
        tmp_path / "texts.parquet", vector_column="vector", column="text", name="again",
        model_name="m", reducer="pca",
    )  # fmt: skip
    assert rows(small, "SELECT count(*) FROM landing.raw.texts") == [(79,)]


@pytest.mark.parametrize(
    "step", ["rewrite", "remove_planned", "append_event", "redact", "find_everywhere"]
)
def test_killed_at_any_step_the_same_command_goes_on(small, monkeypatch, step):
    def killed(*_, **__):
        raise KeyboardInterrupt

    place = forget_landed if step in ("rewrite", "remove_planned") else forget_text
    place = inference_log if step in ("append_event", "redact") else place
    with monkeypatch.context() as patched:
        patched.setattr(place, step, killed)
        with pytest.raises(KeyboardInterrupt):
            forget.forget_text(small.database, digest=digest(SECRET))
    forget.forget_text(small.database, digest=digest(SECRET))
    assert forget.verify(small.database, text=SECRET) == []
    events = inference_log.read_events(small.database.inference_folder, "forgotten")
    for key in ("text_ids", "embeddings", "asked", "results"):  # the graph is told in any case
        assert len({name for event in events for name in event[key]}) == 1, key


def test_verify_finds_what_there_is_and_changes_nothing(small):
    found = {(place.kind, place.where.split(".")[-2:][0]): place.count
             for place in forget.verify(small.database, text=SECRET)}  # fmt: skip
    assert found[("value", '"texts"')] == 1
    assert {kind for kind, _ in found} == {"value", "bytes"}
    assert forget.verify(small.database, text="No such text stands anywhere.") == []
    longer = forget.verify(small.database, text="number 7 of the little")
    assert {place.kind for place in longer} == {"bytes"}


def test_a_text_that_many_texts_contain_takes_none_of_them(small):
    done = forget.forget_text(small.database, text="of the little database.")
    assert (done.texts, done.log_texts) == (0, 0)
    assert {place.kind for place in done.found} == {"bytes"}
    assert rows(small, "SELECT count(*) FROM landing.raw.texts") == [(40,)]


def test_a_word_of_the_vocabulary_stays(small):
    with closing(small.database.sink()) as sink:
        sink.connection.execute(
            "INSERT INTO raw.tokens VALUES ('t', 0, 'roof', false), ('t', 1, 'rain', false)"
        )
    inference_log.append(small.database.inference_folder, inference("roof"))
    assert forget.forget_text(small.database, text="roof").found == []
    assert rows(small, "SELECT count(*) FROM landing.raw.tokens") == [(2,)]


def test_a_database_that_is_in_use_is_left_alone(small):
    with small.database.connect(built=False):
        done = _forget_elsewhere(small)
    assert done.returncode == 2 and "another process" in done.stderr, done.stderr
    assert rows(small, "SELECT count(*) FROM landing.raw.texts") == [(40,)]
    assert _forget_elsewhere(small).returncode == 0


def _forget_elsewhere(small):
    return subprocess.run(
        [sys.executable, "-c", "from hartonomous.cli import main; main()", "forget", "--text",
         SECRET, "-d", str(small.database.landed)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name one text"),
        (["--text", ""], "--text is empty"),
        (["--text", "a", "--text-hash", "b"], "name one text"),
        (["--text-hash", "abc"], "64 hexadecimal digits"),
        (["--older-than", "soon"], "an age such as 90d"),
        (["--older-than", "0d"], "an age such as 90d"),
        (["--older-than", "999999w"], "before the calendar begins"),
        (["--older-than", "90d", "--text", "a"], "goes alone"),
    ],
)
def test_the_callers_mistakes(small, arguments, message):
    with pytest.raises(InputError, match=message):
        CliRunner().invoke(
            app, ["forget", *arguments, "-d", str(small.database.landed)], catch_exceptions=False
        )
    assert len(small.inferences()) == 2


def test_retention_leaves_a_tombstone(small):
    file = str(small.database.landed)
    old = inference("old", created_at="2026-01-01T00:00:00.000000")
    inference_log.append(small.database.inference_folder, old)
    done = CliRunner().invoke(app, ["forget", "--older-than", "90d", "--json", "-d", file])
    assert json.loads(done.stdout)["inferences"] == 1
    assert len(small.inferences()) == 2
    (tombstone,) = inference_log.read_events(small.database.inference_folder, "forgotten")
    assert tombstone["inferences"] == 1


def test_the_command_says_what_it_did(small):
    file = str(small.database.landed)
    still = CliRunner().invoke(app, ["forget", "--verify", "--text", SECRET, "--json", "-d", file])
    assert still.exit_code == 1 and json.loads(still.stdout)["found"]
    done = CliRunner().invoke(app, ["forget", "--text", SECRET, "--json", "-d", file])
    assert done.exit_code == 0 and json.loads(done.stdout)["found"] == []
    gone = CliRunner().invoke(app, ["forget", "--verify", "--text", SECRET, "-d", file])
    assert gone.exit_code == 0 and "stands nowhere" in gone.output
