"""Threads that stop together, memory that is bounded, progress that is silent."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pyarrow as pa
import pytest

from hartonomous.landing import budget as budget_module
from hartonomous.landing.budget import Budget
from hartonomous.landing.model_write import weight_batch
from hartonomous.landing.workers import run_all
from hartonomous.progress import QUIET, Progress


def test_every_job_runs():
    done = []
    run_all([lambda stopped, i=i: done.append(i) for i in range(20)], workers=2)
    assert sorted(done) == list(range(20))


def test_the_first_error_stops_the_rest():
    started, waiting = [], threading.Event()

    def fail(stopped):
        waiting.wait(10)
        raise ValueError("no")

    def wait_for_the_other(stopped):
        waiting.set()
        while not stopped():
            pass
        started.append("stopped")

    with pytest.raises(ValueError, match="no"):
        run_all(
            [fail, wait_for_the_other, *[lambda stopped: started.append("late")] * 5], workers=2
        )
    assert started == ["stopped"]


def test_a_budget_waits_until_memory_is_let_go_of(monkeypatch):
    monkeypatch.setattr(budget_module, "_PATIENCE", 30)
    budget = Budget(1000)
    batches = [
        weight_batch("t", 0, budget.hold(np.ones((5, 25), dtype=np.float32)), 25) for _ in range(2)
    ]
    third = threading.Event()

    def produce():
        budget.hold(np.ones((5, 25), dtype=np.float32))
        third.set()

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    assert not third.wait(0.2)
    kept = batches.pop().column("vector")
    gc.collect()
    assert not third.wait(0.2)  # the batch is gone, its memory is not
    del kept
    gc.collect()
    assert third.wait(10)
    thread.join()


def test_a_budget_never_stands_still_for_ever(monkeypatch):
    monkeypatch.setattr(budget_module, "_PATIENCE", 0.01)
    budget = Budget(100)
    held = [budget.hold(np.ones(100, dtype=np.float32)) for _ in range(3)]
    assert len(held) == 3


def test_a_batch_of_weights_is_a_view():
    block = np.arange(6, dtype=np.float32).reshape(2, 3)
    batch = weight_batch("id", 7, memoryview(block.reshape(-1)), 3)
    assert batch.to_pylist() == [
        {"tensor_id": "id", "row_index": 7, "chunk_index": 0, "vector": [0, 1, 2]},
        {"tensor_id": "id", "row_index": 8, "chunk_index": 0, "vector": [3, 4, 5]},
    ]
    values = batch.column("vector").values
    assert isinstance(values, pa.FloatArray)
    assert values.buffers()[1].address == block.ctypes.data


def test_progress_speaks_on_stderr_alone(capsys):
    progress = Progress()
    with progress.bar("Working", 10, "bytes") as advance:
        advance(10)
    progress.say("done [1]")
    progress.warn("careful")
    out, err = capsys.readouterr()
    assert out == ""
    assert "done [1]\n" in err
    assert "warning: careful\n" in err


def test_quiet_progress_is_silent(capsys):
    with QUIET.bar("Working", None) as advance:
        advance(1)
    QUIET.say("done")
    QUIET.warn("careful")
    assert capsys.readouterr() == ("", "")
