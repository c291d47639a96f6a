"""Taking texts and old entries out of the log: nothing else moves, and a kill leaves it whole."""

from __future__ import annotations

import json
import os
import time

import pytest
from log_entries import inference

from hartonomous import inference_log
from hartonomous.errors import InputError
from hartonomous.inference_log import redacting, text_hash

ROOFER = "A roofer mends roofs."


def content(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.json*")))


@pytest.fixture
def folder(tmp_path):
    inference_log.append(tmp_path, inference(inference_id="a"))
    inference_log.append(tmp_path, inference(ROOFER, inference_id="b", results=[]))
    inference_log.append(tmp_path, inference("ähnlich: " + ROOFER, inference_id="c"))
    (tmp_path / "sql-1.json").write_text(
        json.dumps(
            {
                "inference_id": "s",
                "created_at": "2026-01-01 00:00:00",
                "results": [{"rank": 1, "text": "x", "distance": 1e20}],
                "alternatives": [{"rank": 4, "text": ROOFER, "distance": 1e-7}],
                "settings": {"filters": [{"column": "source_text", "value": [ROOFER, "other"]}]},
            },
            separators=(",", ":"),
        ).replace("1e+20", "1e20")
        + "\n"
    )
    return tmp_path


def test_a_text_goes_wherever_it_is_a_value_and_entries_stay(folder):
    before = {path.name: path.stat().st_size for path in folder.glob("*.json*")}
    followed = [position for _, position in inference_log.follow(folder, {})]
    found = inference_log.redact(folder, text_hash(ROOFER))
    assert found.asked == ["b"]
    assert sorted(found.results) == ["a/1", "c/1"]
    assert (found.alternatives, found.texts) == (["s/4"], 5)
    assert {path.name: path.stat().st_size for path in folder.glob("*.json*")} == before
    assert [position for _, position in inference_log.follow(folder, {})] == followed
    entries = {entry["inference_id"]: entry for entry in inference_log.read(folder)}
    assert set(entries) == {"a", "b", "c", "s"}
    assert entries["b"]["query_text"] is None
    assert entries["b"]["query_hash"] == text_hash(ROOFER)
    assert entries["c"]["query_text"] == "ähnlich: " + ROOFER  # a longer text is another one
    assert entries["s"]["settings"]["filters"][0]["value"] == [None, "other"]
    assert entries["s"]["results"][0]["distance"] == 1e20
    assert inference_log.redact(folder, text_hash(ROOFER)).texts == 0


def test_what_a_kill_cut_short_goes_too(folder):
    (file,) = folder.glob("2*.jsonl")
    with file.open("ab") as torn:
        torn.write(f'{{"results": [{{"text": "{ROOFER}'.encode())
    inference_log.redact(folder, text_hash(ROOFER))
    inference_log.append(folder, inference("next", results=[]))
    assert content(folder).count(ROOFER.encode()) == 1  # within the longer question
    assert inference_log.find(folder, "last")["query_text"] == "next"


def test_a_file_that_sql_is_just_writing_is_not_touched(folder):
    file = folder / "sql-2.json"
    file.write_text('{"inference_id": "t", "quer')
    with pytest.raises(InputError, match="just being written by a caller of SQL"):
        inference_log.redact(folder, text_hash(ROOFER))
    os.utime(file, (0, time.time() - 3600))  # its writer was killed
    inference_log.redact(folder, text_hash(ROOFER))
    assert not file.read_bytes().strip()


def test_a_kill_in_between_leaves_every_file_whole(folder, monkeypatch):
    before = content(folder)
    replaced = []

    def killed(source, target):
        replaced.append(source)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(redacting.os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            inference_log.redact(folder, text_hash(ROOFER))
    assert content(folder) == before and replaced[0].exists()
    assert inference_log.redact(folder, text_hash(ROOFER)).texts == 5
    assert not list(folder.glob(".*rewrite"))


def test_what_is_old_goes_and_its_files(tmp_path):
    for day in (1, 2, 3):
        for hour in (8, 20):
            moment = f"2026-11-0{day}T{hour:02}:00:00.000000"
            inference_log.append(tmp_path, inference(f"{day} {hour}", created_at=moment))
    inference_log.feedback(tmp_path, "last", "good")
    position = [position for _, position in inference_log.follow(tmp_path, {})][4]
    left = [entry.get("query_text") for entry, _ in inference_log.follow(tmp_path, position)]
    assert inference_log.drop_before(tmp_path, "2026-11-02T10:00:00.000000") == 3
    assert [e["query_text"] for e in inference_log.read(tmp_path)] == ["2 20", "3 8", "3 20"]
    assert not (tmp_path / "2026-11-01.jsonl").exists()
    found = [entry.get("query_text") for entry, _ in inference_log.follow(tmp_path, position)]
    assert found == left
    assert len(inference_log.read_events(tmp_path)) == 1
