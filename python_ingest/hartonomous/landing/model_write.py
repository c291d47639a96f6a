"""Second pass over a model: the tensors that are missing become rows."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..readers.rows import row_blocks
from .budget import Budget
from .model_plan import PlannedTensor
from .schema import TABLES
from .sink import Sink
from .workers import run_all

_WRITERS = 2
_GROUP_BYTES = 16 << 20
_GROUP_ROWS = 2048
_LARGEST_GROUP = 128 << 20
"""Small tensors share a transaction until they are so many float32 bytes (each commit waits for
the disk) and so many rows: fewer than a row group of the sink would go through DuckDB's write-ahead
log, which writes them twice and takes several times their size of memory."""

_AHEAD_BYTES = 8 << 20
"""Float32 bytes that the reading of one writer may be ahead of its inserting."""


@dataclass(frozen=True)
class TensorToLand:
    """A planned tensor with its hashes."""

    planned: PlannedTensor
    tensor_id: str
    sha256: str


class _Stopped(Exception):
    """Another writer failed: this one rolls back."""


def write_tensors(
    sink: Sink, tensors: Sequence[TensorToLand], advance: Callable[[int], None]
) -> None:
    """Land tensors with their rows, each in one transaction together with its rows.

    A tensor that is there is whole, so a landing that was cut short goes on where it stopped.
    Sinks that offer ``writers(count)`` are written by two threads, largest tensors first.

    Args:
        sink: where to.
        tensors: tensors that are not there yet, each id once.
        advance: called with the number of the file's bytes landed since its last call.
    """
    groups = _groups(tensors)
    with _writers(sink) as sinks:
        free: queue.SimpleQueue[Sink] = queue.SimpleQueue()
        for writer in sinks:
            free.put(writer)

        def write(group: list[TensorToLand], stopped: Callable[[], bool]) -> None:
            writer = free.get()
            try:
                _write_group(writer, group, advance, stopped)
            finally:
                free.put(writer)

        run_all(
            [lambda stopped, group=group: write(group, stopped) for group in groups],
            workers=len(sinks),
        )


def _writers(sink: Any) -> AbstractContextManager[Sequence[Sink]]:
    several = getattr(sink, "writers", None)
    return nullcontext([sink]) if several is None else several(_WRITERS)


def _groups(tensors: Sequence[TensorToLand]) -> list[list[TensorToLand]]:
    ordered = sorted(tensors, key=lambda tensor: -tensor.planned.elements)
    groups: list[list[TensorToLand]] = []
    size = rows = 0
    for tensor in ordered:
        more = 4 * tensor.planned.elements
        full = size >= _GROUP_BYTES and rows >= _GROUP_ROWS
        if not groups or full or size + more > _LARGEST_GROUP:
            groups.append([])
            size = rows = 0
        groups[-1].append(tensor)
        size += more
        rows += tensor.planned.matrix[0]
    return groups


def _write_group(
    sink: Sink,
    group: list[TensorToLand],
    advance: Callable[[int], None],
    stopped: Callable[[], bool],
) -> None:
    budget = Budget(_AHEAD_BYTES)

    def batches() -> Iterator[pa.RecordBatch]:
        for tensor in group:
            if tensor.planned.has_rows:
                yield from _row_batches(tensor, budget, advance, stopped)
            else:
                advance(tensor.planned.bytes)

    with sink.transaction():
        sink.insert("tensors", [_tensor_batch(group)])
        sink.insert("weight_rows", batches())


def _tensor_batch(group: list[TensorToLand]) -> pa.RecordBatch:
    rows = []
    for tensor in group:
        planned = tensor.planned
        row_count, width = planned.matrix
        rows.append(
            {
                "tensor_id": tensor.tensor_id,
                "sha256": tensor.sha256,
                "dtype": planned.stored.dtype,
                "shape": planned.shape_json,
                "row_count": row_count,
                "width": width,
                "bytes": planned.bytes,
                "has_rows": planned.has_rows,
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=TABLES["tensors"].arrow_schema)


def _row_batches(
    tensor: TensorToLand,
    budget: Budget,
    advance: Callable[[int], None],
    stopped: Callable[[], bool],
) -> Iterator[pa.RecordBatch]:
    planned = tensor.planned
    per_element = planned.bytes // planned.elements
    first = 0
    for block in row_blocks(planned.stored, planned.layout):
        if stopped():
            raise _Stopped
        yield weight_batch(tensor.tensor_id, first, budget.hold(block), block.shape[1])
        first += len(block)
        advance(block.size * per_element)


def weight_batch(tensor_id: str, first: int, values: memoryview, width: int) -> pa.RecordBatch:
    """Rows of ``raw.weight_rows`` over float32 values, without copying them.

    Args:
        tensor_id: whose rows they are.
        first: row_index of the first of them.
        values: float32, one row of ``width`` after the other.
        width: elements of a row, 1 or more.
    """
    rows = len(values) // width
    offsets = np.arange(0, len(values) + 1, width, dtype=np.int32)
    floats = pa.Array.from_buffers(pa.float32(), len(values), [None, pa.py_buffer(values)])
    columns = [
        pa.repeat(tensor_id, rows),
        pa.array(np.arange(first, first + rows, dtype=np.int32)),
        pa.array(np.zeros(rows, dtype=np.int32)),
        pa.ListArray.from_arrays(pa.array(offsets), floats),
    ]
    return pa.record_batch(columns, schema=TABLES["weight_rows"].arrow_schema)
