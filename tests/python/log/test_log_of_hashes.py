"""What the log keeps where the var log_texts is hash."""

from __future__ import annotations

import json

from log_entries import inference

from hartonomous import inference_log
from hartonomous.database import Database
from hartonomous.inference_log import Served, serving, text_hash


def recorded(tmp_path, monkeypatch, entry):
    monkeypatch.setattr(serving, "served", lambda *_: Served("run", "hash"))
    database = Database(tmp_path / "x.duckdb")
    inference_log.record(database, entry)
    (file,) = database.inference_folder.glob("2*.jsonl")
    return json.loads(file.read_text()), file.read_text()


def test_texts_of_a_search_become_hashes(tmp_path, monkeypatch):
    filters = [
        {"column": "source_text", "operator": "=", "value": "A secret roof."},
        {"column": "source", "operator": "in", "value": ["a secret", "b"]},
    ]
    asked = inference("a secret question", settings={"top_k": 2, "filters": filters})
    entry, line = recorded(tmp_path, monkeypatch, asked)
    assert "secret" not in line and "roof" not in line
    assert entry["query_text"] is None and entry["run_id"] == "run"
    assert entry["query_hash"] == text_hash("a secret question")
    assert entry["results"][0] == {
        "rank": 1, "id": 7, "distance": 0.1, "text_hash": text_hash("A roofer mends roofs."),
    }  # fmt: skip
    assert entry["settings"]["filters"][0]["value_hash"] == text_hash("A secret roof.")


def test_no_token_of_a_generation_stays(tmp_path, monkeypatch):
    steps = [{"rank": 1, "id": 4711, "logprob": -0.5}, {"rank": 2, "id": 12, "text": "written"}]
    asked = inference("begin", task="generate", results=steps, alternatives=[{"token": "other"}])
    entry, line = recorded(tmp_path, monkeypatch, asked)
    assert entry["results"] == [{"rank": 1, "logprob": -0.5}, {"rank": 2}]
    assert entry["alternatives"] == [{}] and "4711" not in line
