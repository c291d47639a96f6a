"""Landing rows as SQL Server takes them: checked text, vectors as JSON, weight rows in chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from ..errors import InputError
from .schema import Table
from .tsql_schema import WEIGHT_CHUNK_WIDTH, is_chunked, key_length


def vector_text(values: np.ndarray) -> str:
    """A float32 vector (shape (n,)) as the JSON array that VECTOR is cast from.

    Nine significant digits bring every float32 back exactly; eight do not. Raises InputError for
    NaN and infinity, which VECTOR cannot hold.
    """
    if not np.isfinite(values).all():
        raise InputError(
            "a vector holds NaN or infinity, which SQL Server's VECTOR cannot: remove that row"
        )
    return "[" + ",".join(f"{value:.9g}" for value in values.tolist()) + "]"


def parse_vector(text: str | None) -> list[float] | None:
    """The float32 values of a vector's JSON text."""
    if text is None:
        return None
    return np.array(text.strip()[1:-1].split(","), dtype=np.float32).tolist()


def _chunks(values: np.ndarray) -> Iterator[np.ndarray]:
    """The vector (shape (n,)) in pieces of shape (WEIGHT_CHUNK_WIDTH,), padded with zeros."""
    for start in range(0, max(len(values), 1), WEIGHT_CHUNK_WIDTH):
        piece = np.zeros(WEIGHT_CHUNK_WIDTH, dtype=np.float32)
        part = values[start : start + WEIGHT_CHUNK_WIDTH]
        piece[: len(part)] = part
        yield piece


def sqlserver_rows(table: Table, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    """Arrow batches in the table's schema as tuples in the order of its columns.

    A weight row of width w becomes ceil(w / WEIGHT_CHUNK_WIDTH) rows, numbered by chunk_index.
    Raises InputError for a key that is longer than its column.
    """
    names = list(table.columns)
    keys = [
        (i, name, key_length(table, name))
        for i, name in enumerate(names)
        if table.columns[name] == "key"
    ]
    vectors = [i for i, name in enumerate(names) if table.columns[name] == "vector"]
    chunk = names.index("chunk_index") if is_chunked(table) else None
    for batch in batches:
        for row in _tuples(batch.select(names), vectors):
            for i, name, length in keys:
                if row[i] is not None and len(row[i]) > length:
                    raise InputError(
                        f"{table.name}.{name} takes {length} characters on SQL Server, and "
                        f"{row[i][:60]!r}... has {len(row[i])}: give it a shorter name"
                    )
            if chunk is None:
                for i in vectors:
                    row[i] = None if row[i] is None else vector_text(row[i])
                yield tuple(row)
                continue
            for index, piece in enumerate(_chunks(row[vectors[0]])):
                row[chunk] = index
                row[vectors[0]] = vector_text(piece)
                yield tuple(row)


def _tuples(batch: pa.RecordBatch, vectors: list[int]) -> Iterator[list[Any]]:
    """Rows of a batch; vectors stay NumPy arrays, which lists of Python floats would triple."""
    columns: list[Any] = []
    for i, column in enumerate(batch.columns):
        if i in vectors:
            columns.append([None if v.as_py() is None else _array(v) for v in column])
        else:
            columns.append(column.to_pylist())
    for values in zip(*columns, strict=True):
        yield list(values)


def _array(scalar: pa.ListScalar) -> np.ndarray:
    return scalar.values.to_numpy(zero_copy_only=False)
