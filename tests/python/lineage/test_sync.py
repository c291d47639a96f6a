"""Following the log: in order, at least once, and past a server that goes away."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest
from lineage_logs import answer, held

from hartonomous import inference_log
from hartonomous.errors import InputError
from hartonomous.lineage.batch import Batch
from hartonomous.lineage.bolt import BoltTransport, Graph, GraphUnavailableError
from hartonomous.lineage.sync import Synced, sync
from hartonomous.lineage.transport import Watermark


class Kept:
    """A transport in memory, whose server may be away."""

    name = "memory"

    def __init__(self, away: list[bool] | None = None) -> None:
        self.batches: list[Batch] = []
        self.kept: Watermark | None = None
        self.away = away or []
        self.closed = 0

    def __call__(self) -> Kept:
        return self

    def watermark(self, database: str) -> Watermark:
        return self.kept or Watermark(database)

    def write(self, batch: Batch, watermark: Watermark) -> None:
        if self.away and self.away.pop(0):
            raise GraphUnavailableError("away")
        self.batches.append(batch)
        self.kept = watermark

    def finish(self) -> None: ...

    def close(self) -> None:
        self.closed += 1

    def inferences(self) -> list[str]:
        return [
            key
            for batch in self.batches
            for (label, key), properties in batch.nodes.items()
            if label == "Inference" and properties
        ]


def test_what_is_logged_meanwhile_is_passed_on_in_order(logged):
    kept, stop = Kept(), threading.Event()
    ids = logged.answer(2)
    rounds = []

    def on_round(done: Synced) -> None:
        rounds.append(done.inferences)
        if len(rounds) == 1:
            ids.extend(logged.answer(3))
        elif len(rounds) == 3:
            stop.set()

    done = sync(logged.database, kept, stop, interval=0, on_round=on_round)
    assert rounds == [2, 5, 5]
    assert kept.inferences() == ids
    assert done.waits_for is None
    assert kept.closed == 1


def test_a_server_that_comes_back_gets_everything(logged):
    kept, stop = Kept([True, False, False, True, True]), threading.Event()
    ids = logged.answer(2)

    def on_round(done: Synced) -> None:
        if len(ids) == 2:
            ids.extend(logged.answer(2))
        else:
            stop.set()

    done = sync(logged.database, kept, stop, interval=0, longest_wait=0, on_round=on_round)
    assert kept.inferences() == ids
    assert done.reconnected == 3


def test_a_line_that_is_being_written_waits(logged):
    kept, stop = Kept(), threading.Event()
    (first,) = logged.answer(1)
    path = logged.database.inference_folder / "2026-11-23.jsonl"
    with path.open("ab") as file:
        file.write(b'{"inference_id": "half')
    sync(logged.database, kept, stop, once=True)
    assert kept.inferences() == [first]
    with path.open("ab") as file:
        file.write(b'", "task": "search", "created_at": "2026-11-23T09:00:00"}\n')
    sync(logged.database, kept, stop, once=True)
    assert kept.inferences() == [first, "half"]


def test_while_another_process_writes_the_database_answers_still_pass(logged):
    writer = logged.database.sink()
    try:
        held_open = subprocess.run(
            [sys.executable, "-c", _SYNC_ONCE, str(logged.database.landed)],
            capture_output=True,
            text=True,
        )
    finally:
        writer.close()
    assert held_open.returncode == 0, held_open.stderr
    assert "is being written by another process" in held_open.stdout


_SYNC_ONCE = """
import sys, threading
sys.path.insert(0, "tests/python/lineage")
from hartonomous.database import Database
from hartonomous.lineage.sync import sync
from test_sync import Kept
kept = Kept()
done = sync(Database.locate(sys.argv[1]), kept, threading.Event(), once=True)
print(done.waits_for)
"""


def test_artifacts_that_are_being_written_are_read_later(logged, tmp_path):
    kept, stop = Kept(), threading.Event()
    logged.answer(1)
    (tmp_path / "manifest.json").write_text("{")
    done = sync(logged.database, kept, stop, target_folder=tmp_path, once=True)
    assert "not complete" in done.waits_for
    assert done.inferences == 1


def test_no_server_at_the_beginning_is_an_error(logged):
    def away():
        raise GraphUnavailableError("no graph server answers")

    with pytest.raises(InputError, match="no graph server answers"):
        sync(logged.database, away, threading.Event())


def test_the_command_follows_the_log_and_stops_cleanly(logged, target, graph):
    logged.answer(1)
    command = [sys.executable, "-c", "from hartonomous.cli import main; main()", "sync"]
    process = subprocess.Popen(
        [*command, "--database", str(logged.database.landed)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told = []
        for line in process.stderr:
            told.append(line)
            if "passed on 1; " in line:
                logged.answer(2)
            if "passed on 2; " in line:
                process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
    assert "passed on 3 inferences" in "".join(told)
    assert target.password not in "".join(told)
    assert held(graph)["Inference"] == 3


def test_events_reach_the_graph(logged, target, graph):
    (inference,) = logged.answer(1)
    logged.say(inference_log.event("feedback", inference_id=inference, verdict="bad"))
    sync(logged.database, lambda: BoltTransport(target), threading.Event(), once=True)
    rows = graph.read("MATCH (f:Feedback)-[:ABOUT]->(i) RETURN f.verdict AS verdict, i.key AS key")
    assert rows == [{"verdict": "bad", "key": inference}]
    logged.say(
        inference_log.event("forgotten", asked=[inference], results=[f"{inference}/1"], texts=2)
    )
    sync(logged.database, lambda: BoltTransport(target), threading.Event(), once=True)
    assert _texts(graph, inference) == [None, None, None]


def _texts(graph: Graph, inference: str) -> list[str | None]:
    (row,) = graph.read(
        "MATCH (i:Inference {key: $key})-[:RESULTED_IN]->(d)-[:RETURNED]->(r:Result {rank: 1}) "
        "RETURN [i.query_text, d.text, r.text] AS texts",
        {"key": inference},
    )
    assert answer(1)["query_text"]
    return row["texts"]
