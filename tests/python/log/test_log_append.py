"""Appending: whole lines whatever happens, by many at once, killed, cut short or refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from log_entries import inference

from hartonomous import inference_log
from hartonomous.errors import InputError
from hartonomous.inference_log import writing


def lines(folder):
    return [line for file in folder.glob("2*.jsonl") for line in file.read_bytes().splitlines()]


def test_an_entry_is_one_line_with_every_field(tmp_path):
    written = inference(model_ids=["a" * 64], recall_estimate=0.99, run_id="r", students=["half"])
    inference_log.append(tmp_path / "new.inferences", written)
    (line,) = lines(tmp_path / "new.inferences")
    entry = json.loads(line)
    assert entry["model_ids"] == ["a" * 64] and entry["run_id"] == "r"
    assert entry["query_hash"] == inference_log.text_hash("who repairs a roof?")
    assert inference_log.read(tmp_path / "new.inferences") == [entry]


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from log_entries import inference
from hartonomous import inference_log
print("ready", flush=True)
sys.stdin.readline()
for number in range(12):
    size = (100, 5_000, 70_000, 300_000)[number % 4]
    inference_log.append(Path({folder!r}), inference(f"{{sys.argv[1]}} {{number}} " + "x" * size))
"""


def test_ten_processes_at_once_write_whole_lines(tmp_path):
    script = SCRIPT.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(name)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in range(10)
    ]  # fmt: skip
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(lambda process: process.wait(60), processes)) == [0] * 10
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    entries = [json.loads(line) for line in lines(tmp_path) if line]
    asked = {tuple(entry["query_text"].split()[:2]) for entry in entries}
    assert len(entries) == len(asked) == 120
    assert {len(entry["query_text"]) // 1000 for entry in entries} == {0, 5, 70, 300}
    for name in map(str, range(10)):  # each in its own order
        own = [
            int(e["query_text"].split()[1]) for e in entries if e["query_text"].split()[0] == name
        ]
        assert own == list(range(12))


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from log_entries import inference
from hartonomous import inference_log
number = 0
while True:
    number += 1
    inference_log.append(Path({folder!r}), inference(f"{{number}} " + "x" * 20_000))
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_that_was_shown(tmp_path):
    script = KILLED.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    shown = 0
    for answer in process.stdout:
        shown = int(answer)
        if shown == 40:
            os.kill(process.pid, signal.SIGKILL)
            break
    shown = max([shown, *map(int, process.communicate()[0].split())])
    logged = [int(e["query_text"].split()[0]) for e in inference_log.read(tmp_path)]
    assert logged[:shown] == list(range(1, shown + 1))
    inference_log.append(tmp_path, inference("after the kill"))
    assert inference_log.find(tmp_path, "last")["query_text"] == "after the kill"


def test_a_torn_line_does_not_swallow_the_next_entry(tmp_path):
    inference_log.append(tmp_path, inference("one"))
    (file,) = tmp_path.glob("2*.jsonl")
    with file.open("ab") as torn:
        torn.write(b'{"inference_id": "half')
    inference_log.append(tmp_path, inference("two"))
    assert [e["query_text"] for e in inference_log.read(tmp_path)] == ["one", "two"]
    assert [e["query_text"] for e, _ in inference_log.follow(tmp_path, {})] == ["one", "two"]


def test_what_is_no_json_is_still_one_line_that_others_read(tmp_path):
    odd = {"rank": 1, "distance": float("nan"), "score": float("inf"), "text": "half \ud800 pair"}
    inference_log.append(
        tmp_path, inference("new\nline \u2028 \x00", results=[odd], confidence=None)
    )
    (line,) = lines(tmp_path)

    def refuse(name):
        raise AssertionError(name)

    entry = json.loads(line, parse_constant=refuse)
    assert entry["results"] == [{**odd, "distance": None, "score": None, "text": "half ? pair"}]
    assert entry["query_text"] == "new\nline \u2028 \x00"


def test_without_a_log_there_is_no_answer(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="could not be logged"):
        inference_log.append(tmp_path / "file", inference())
    monkeypatch.setattr(writing.os, "write", lambda descriptor, line: len(line) - 1)  # a full disk
    with pytest.raises(InputError, match="bytes were written"):
        inference_log.append(tmp_path / "full", inference())


def test_older_and_foreign_lines_are_read(tmp_path):
    (tmp_path / "2026-01-02.jsonl").write_text(
        '{"inference_id": "old", "created_at": "2026-01-02T00:00:00.000000", "models": ["m"]}\n'
        '{"event": "something new", "created_at": "2026-01-02T00:00:01.000000"}\n'
        "[1, 2]\n\n"
        '{"inference_id": "odd", "created_at": "2026-01-02 00:00:02", "results": "none", '
        '"models": 5, "settings": [], "duration_ms": "long", "alternatives": [3]}\n'
    )
    old, odd = inference_log.read(tmp_path)
    assert (old["query_text"], old["model_ids"], old["recall_estimate"]) == (None, [], None)
    assert (odd["results"], odd["models"], odd["settings"], odd["duration_ms"]) == ([], [], {}, 0.0)
    assert odd["created_at"] == "2026-01-02T00:00:02.000000"
    assert [e["event"] for e in inference_log.read_events(tmp_path)] == ["something new"]
    assert inference_log.select(tmp_path, model="m") == [old]
