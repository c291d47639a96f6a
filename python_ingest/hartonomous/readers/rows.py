"""Rows of a stored tensor as blocks of float32, in the orientation in which they are landed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .bytes_source import ByteReader
from .floats import FILE_DTYPES, to_float32
from .tensor import StoredTensor, item_bytes

BLOCK_BYTES = 1 << 19
"""Float32 bytes of a block. Small ones insert as fast as large ones (benchmarks/landing)."""

TRANSPOSE_BYTES = 8 << 20
"""Float32 bytes of a transposed block: wide, so that each row gives a long run of bytes."""

LARGEST_ROW = 16 << 20
"""Most elements of one row."""


@dataclass(frozen=True)
class Layout:
    """What is done to a stored matrix to make rows of output neurons.

    ``transposed`` swaps the axes of a 2-D tensor; ``start`` and ``stop`` then take a range of the
    rows (of the elements, for a 1-D tensor), as for one third of a fused query-key-value tensor.
    """

    transposed: bool = False
    start: int | None = None
    stop: int | None = None

    def __str__(self) -> str:
        name = "transposed" if self.transposed else "rows"
        return name if self.start is None else f"{name}:{self.start}:{self.stop}"


AS_STORED = Layout()
"""Rows as they stand in the file."""


def landed_shape(tensor: StoredTensor, layout: Layout) -> tuple[int, ...]:
    """Shape of a tensor as landed: after transposition and split.

    Raises:
        InputError: the layout does not fit the tensor's shape, or a row is too long.
    """
    shape = tensor.shape
    if layout.transposed:
        if len(shape) != 2:
            raise InputError(
                f"tensor {tensor.name!r} has the shape {list(shape)}: two axes were expected"
            )
        shape = (shape[1], shape[0])
    if layout.start is not None:
        if not shape or not 0 <= layout.start <= layout.stop <= shape[0]:
            raise InputError(
                f"tensor {tensor.name!r} of shape {list(shape)} has no rows "
                f"{layout.start} to {layout.stop}"
            )
        shape = (layout.stop - layout.start, *shape[1:])
    rows, width = as_matrix(shape)
    if width > LARGEST_ROW or rows >= 2**31:
        raise InputError(
            f"tensor {tensor.name!r} would land as {rows:,} rows of {width:,} elements; at most "
            f"{2**31 - 1:,} rows of {LARGEST_ROW:,} can be landed"
        )
    return shape


def as_matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and width of a landed shape: 1-D is one row, trailing axes are flattened."""
    width = 1
    for size in shape if len(shape) <= 1 else shape[1:]:
        width *= size
    return (1 if len(shape) <= 1 else shape[0]), width


def row_blocks(tensor: StoredTensor, layout: Layout = AS_STORED) -> Iterator[np.ndarray]:
    """The landed rows in order, as new float32 arrays of shape (rows of the block, width).

    Memory is a few blocks, whatever the tensor's size.
    """
    with tensor.source.open() as reader:
        if layout.transposed:
            yield from _transposed_blocks(tensor, layout, reader)
        else:
            yield from _plain_blocks(tensor, layout, reader)


def _plain_blocks(tensor: StoredTensor, layout: Layout, reader: ByteReader) -> Iterator[np.ndarray]:
    item = item_bytes(tensor.dtype)
    rows, width = as_matrix(landed_shape(tensor, layout))
    start = layout.start or 0
    # A 1-D tensor is one row, and its range counts elements.
    position = tensor.offset + start * item * (1 if len(tensor.shape) == 1 else width)
    step = max(1, BLOCK_BYTES // (4 * max(1, width)))
    scratch = b""
    for first in range(0, rows, step):
        count = min(step, rows - first)
        size = count * width * item
        if tensor.dtype == "F32":  # straight into the array that is landed
            block = np.empty((count, width), dtype="<f4")
            reader.read_into(position, memoryview(block).cast("B") if size else memoryview(b""))
        else:
            if len(scratch) < size:
                scratch = bytearray(size)
            view = memoryview(scratch)[:size]
            reader.read_into(position, view)
            raw = np.frombuffer(view, dtype=FILE_DTYPES[tensor.dtype]).reshape(count, width)
            block = to_float32(raw, tensor.dtype)
        position += size
        yield block


def _transposed_blocks(
    tensor: StoredTensor, layout: Layout, reader: ByteReader
) -> Iterator[np.ndarray]:
    item = item_bytes(tensor.dtype)
    stored_rows, stored_width = tensor.shape
    landed_rows, _ = landed_shape(tensor, layout)
    start = layout.start or 0
    step = min(landed_rows, max(1, TRANSPOSE_BYTES // (4 * max(1, stored_rows))))
    scratch = bytearray(stored_rows * step * item)
    for first in range(start, start + landed_rows, step):
        count = min(step, start + landed_rows - first)
        view = memoryview(scratch)[: stored_rows * count * item]
        if count == stored_width:  # the whole tensor in one piece
            reader.read_into(tensor.offset, view)
        else:
            run = count * item
            for row in range(stored_rows):
                reader.read_into(
                    tensor.offset + (row * stored_width + first) * item,
                    view[row * run : (row + 1) * run],
                )
        raw = np.frombuffer(view, dtype=FILE_DTYPES[tensor.dtype]).reshape(stored_rows, count)
        block = to_float32(np.ascontiguousarray(raw.T), tensor.dtype)
        rows = max(1, BLOCK_BYTES // (4 * max(1, stored_rows)))
        for piece in range(0, count, rows):
            yield block[piece : piece + rows]
