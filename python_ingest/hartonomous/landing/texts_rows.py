"""Columns to Arrow batches of a landing table and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..texts.files import SourceFile
from .schema import TABLES
from .sink import Sink


def now() -> datetime:
    """The time in UTC, without its zone, as landing tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


def vector_array(matrix: NDArray[np.float32]) -> pa.ListArray:
    """A matrix (m, n) as an Arrow column of m lists; shares the matrix's memory."""
    rows, width = matrix.shape
    flat = pa.array(np.ascontiguousarray(matrix, dtype=np.float32).reshape(-1))
    return pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32) * width), flat)


def matrix_of(column: pa.Array, dimension: int) -> NDArray[np.float32]:
    """An Arrow column of vectors as a matrix (m, dimension) float32."""
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float32).reshape(len(column), dimension)


def record_batch(table: str, columns: Mapping[str, Sequence[Any] | pa.Array]) -> pa.RecordBatch:
    """A batch in the table's Arrow schema; every column of the table must be given."""
    schema = TABLES[table].arrow_schema
    arrays = []
    for field in schema:
        values = columns[field.name]
        is_array = isinstance(values, pa.Array)
        arrays.append(values if is_array else pa.array(values, type=field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def save_source_file(sink: Sink, kind: str, name: str, file: SourceFile) -> bool:
    """Note that a file was landed whole; False where that is known. Call it in a transaction."""
    known = sink.query(
        "SELECT 1 FROM raw.source_files WHERE kind = ? AND name = ? AND sha256 = ?",
        [kind, name, file.sha256],
    )
    if known:
        return False
    row = {
        "kind": [kind],
        "name": [name],
        "path": [file.path],
        "sha256": [file.sha256],
        "bytes": [file.bytes],
        "landed_at": [now()],
    }
    sink.insert("source_files", [record_batch("source_files", row)])
    return True
