"""What others have published as a matrix product in SQL, over one matrix of a model's layer.

- scalars: one row a weight, `SUM(w.value * x.value) GROUP BY output` (the textbook form; tables of
  Sun et al., "Transformers in SQL"-style demonstrations).
- chunks: rows of vectors, joined by chunk number and summed (TranSQL+, Sun et al. 2025).
- columns: ours, the row cut into columns of one table, each token a constant.
"""

from __future__ import annotations

import time

import duckdb
import numpy as np


def compare(
    tokens: int, width: int = 384, rows: int = 1536, chunk: int = 64, repeats: int = 5
) -> dict[str, float]:
    """Seconds of one product by each formulation, the best of ``repeats``; results agree."""
    generator = np.random.default_rng(0)
    weights = generator.standard_normal((rows, width)).astype(np.float32)
    inputs = generator.standard_normal((tokens, width)).astype(np.float32)
    expected = inputs @ weights.T
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    _tables(connection, weights, inputs, chunk)
    count = width // chunk
    products = " + ".join(f"array_inner_product(w.c{i}, x.c{i})" for i in range(count))
    forms = {
        "scalars": "SELECT x.t, w.o, SUM(w.v * x.v) AS y "
        "FROM w_scalars w JOIN x_scalars x USING (i) GROUP BY x.t, w.o",
        "chunks": "SELECT x.t, w.o, SUM(array_inner_product(w.v, x.v)) AS y "
        "FROM w_chunks w JOIN x_chunks x USING (c) GROUP BY x.t, w.o",
        "columns": f"SELECT x.t, w.o, {products} AS y FROM x_columns x, w_columns w",
    }
    seconds = {}
    for name, form in forms.items():
        best = float("inf")
        for _ in range(repeats):
            started = time.perf_counter()
            connection.execute(f"CREATE OR REPLACE TEMP TABLE result AS {form}")
            best = min(best, time.perf_counter() - started)
        found = np.zeros_like(expected)
        t, o, y = connection.execute("SELECT t, o, y FROM result").fetchnumpy().values()
        found[t, o] = y
        assert np.abs(found - expected).max() < 1e-3, name
        seconds[name] = best
    return seconds


def _tables(
    connection: duckdb.DuckDBPyConnection, weights: np.ndarray, inputs: np.ndarray, chunk: int
) -> None:
    for name, key, matrix in (("w", "o", weights), ("x", "t", inputs)):
        height, width = matrix.shape
        flat = {
            key: np.repeat(np.arange(height, dtype=np.int32), width),
            "i": np.tile(np.arange(width, dtype=np.int32), height),
            "v": matrix.ravel(),
        }
        connection.register("flat", _arrow(flat))
        connection.execute(f"CREATE TEMP TABLE {name}_scalars AS SELECT * FROM flat")
        connection.execute(
            f"CREATE TEMP TABLE {name}_chunks AS SELECT {key}, i // {chunk} AS c, "
            f"CAST(list(v ORDER BY i) AS FLOAT[{chunk}]) AS v FROM flat GROUP BY ALL"
        )
        columns = ", ".join(
            f"CAST(any_value(v) FILTER (c = {i}) AS FLOAT[{chunk}]) AS c{i}"
            for i in range(width // chunk)
        )
        connection.execute(
            f"CREATE TEMP TABLE {name}_columns AS SELECT {key}, {columns} FROM {name}_chunks "
            f"GROUP BY {key} ORDER BY {key}"
        )
        connection.unregister("flat")


def _arrow(columns: dict[str, np.ndarray]):
    import pyarrow as pa

    return pa.table(columns)
