"""A landing killed at any point leaves the last complete state; the same command completes it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from tiny_models import bert_tensors

from hartonomous.landing import model_write
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.model import collect_garbage, land_model
from hartonomous.landing.schema import TABLES

# The child lands a model and kills itself with SIGKILL at the n-th call of one function, before
# or after it: no handler, no rollback, no closing of the database.
CHILD = """
import importlib, itertools, os, signal, sys
from pathlib import Path
from hartonomous.landing import model, model_write
from hartonomous.landing.duckdb_sink import DuckDBSink

database, folder, module, name, when, count = sys.argv[1:]
model_write._GROUP_BYTES, model_write._GROUP_ROWS = 300, 8  # many transactions
owner = importlib.import_module(module)
for part in name.split(".")[:-1]:
    owner = getattr(owner, part)
name = name.split(".")[-1]
original, calls = getattr(owner, name), itertools.count(1)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def dying(*arguments, **named):
    call = next(calls)  # of whichever thread
    if when == "before" and call == int(count):
        die()
    result = original(*arguments, **named)
    if when == "after" and call == int(count):
        die()
    return result

sink = DuckDBSink(Path(database))
setattr(owner, name, dying)
model.land_model(sink, folder, "tiny")
print("was not killed")
"""
LANDING = "hartonomous.landing."
POINTS = [
    ("model", "write_tensors", "before", 1),  # after the check
    ("model_write", "_write_group", "after", 1),  # one tensor is there
    ("model_write", "_write_group", "after", 7),
    ("model_write", "weight_batch", "before", 9),  # in the middle of a tensor's statement
    ("model", "land_token_positions", "before", 1),
    ("model_positions", "PCA.fit", "after", 1),
    ("model", "register", "before", 1),  # everything but the model's row
    ("model_register", "land_tokenizer", "after", 1),  # in the last transaction
    ("model", "register", "after", 1),  # committed, the database not closed
]


def contents(path) -> dict[str, list]:
    """All that content decides: every table but for times of landing."""
    sink = DuckDBSink(path)
    try:
        found = {}
        for table in TABLES.values():
            columns = ", ".join(c for c in table.columns if not c.endswith("_at"))
            found[table.name] = sorted(
                sink.query(f"SELECT {columns} FROM raw.{table.name}"), key=repr
            )
        return found
    finally:
        sink.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The contents of a landing that nobody disturbed."""

    def land(folder):
        path = tmp_path_factory.mktemp("whole") / "whole.duckdb"
        sink = DuckDBSink(path)
        land_model(sink, str(folder), "tiny")
        sink.close()
        return contents(path)

    return land


@pytest.mark.parametrize("point", POINTS, ids=lambda point: "-".join(map(str, point)))
def test_killed_then_completed(tmp_path, tiny, whole, point):
    module, name, when, count = point
    database = tmp_path / "killed.duckdb"
    command = [sys.executable, "-c", CHILD, str(database), str(tiny), LANDING + module, name]
    child = subprocess.run([*command, when, str(count)], capture_output=True, timeout=120)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()

    sink = DuckDBSink(database)
    sink.ensure_schema()
    models = sink.query("SELECT COUNT(*) FROM raw.models")[0][0]
    assert models == (1 if (name, when) == ("register", "after") else 0)
    if not models:
        assert sink.query("SELECT COUNT(*) FROM raw.model_tensors") == [(0,)]
    # Every tensor that is there has all its rows.
    assert not sink.query(
        "SELECT t.tensor_id FROM raw.tensors t LEFT JOIN raw.weight_rows w "
        "ON w.tensor_id = t.tensor_id WHERE t.has_rows "
        "GROUP BY t.tensor_id, t.row_count HAVING COUNT(w.row_index) <> t.row_count"
    )
    there = sink.query("SELECT COUNT(*) FROM raw.tensors")[0][0]
    landed = land_model(sink, str(tiny), "tiny")
    sink.close()
    assert landed.changed == (not models)
    assert landed.new_tensors == (0 if models else len(bert_tensors()) - there)
    assert contents(database) == whole(tiny)


def test_what_was_never_completed_is_collected(sink, tiny, counts, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("hartonomous.landing.model.register", stop)
    with pytest.raises(KeyboardInterrupt):
        land_model(sink, str(tiny))
    assert counts()["tensors"] == len(bert_tensors())
    deleted = collect_garbage(sink)
    assert deleted["tensors"] == len(bert_tensors())
    assert set(counts().values()) == {0}


def test_small_tensors_share_a_transaction_and_large_ones_do_not():
    class Sized:
        def __init__(self, rows, width):
            self.planned = self
            self.matrix = rows, width
            self.elements = rows * width

    shapes = [(1, 64), (11_008, 4096), (1024, 4096), (1024, 4096), (768, 768), (1024, 30_000)]
    groups = model_write._groups([Sized(*shape) for shape in shapes])
    assert [[tensor.matrix for tensor in group] for group in groups] == [
        [(11_008, 4096)],
        [(1024, 30_000)],
        [(1024, 4096), (1024, 4096)],
        [(768, 768), (1, 64)],
    ]
