"""3-D positions of token embeddings, by PCA over the rows of their tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from ..projection.pca import PCA
from ..readers.rows import row_blocks
from .model_plan import PlannedTensor
from .schema import TABLES
from .sink import Sink

SAMPLE_ROWS = 8_000
SAMPLE_BYTES = 64 << 20
"""Float32 bytes of the sample: rows wider than 2,097 are sampled more thinly."""

_SEED = 20_251_123


def land_token_positions(
    sink: Sink, planned: PlannedTensor, tensor_id: str, advance: Callable[[int], None]
) -> None:
    """Land the position of every row of a token-embedding tensor, unless they are there.

    The projection is fitted on a seeded sample of the rows, and the rows are read twice from the
    file, so memory is the sample and a few blocks.

    Args:
        sink: where to.
        planned: the tensor; each row is one token.
        tensor_id: its id, under which the positions stand: models that share it share them.
        advance: called with the number of rows read since its last call; 2 x rows in all.
    """
    there = sink.query("SELECT COUNT(*) FROM raw.token_positions WHERE tensor_id = ?", [tensor_id])
    if there[0][0] or not planned.has_rows:
        return
    sample = _sample(planned, advance)
    pca = PCA.fit(sample, seed=_SEED)
    del sample

    def batches() -> Iterator[pa.RecordBatch]:
        first = 0
        for block in row_blocks(planned.stored, planned.layout):
            points = pca.transform(block)
            columns = [
                pa.repeat(tensor_id, len(block)),
                pa.array(np.arange(first, first + len(block), dtype=np.int32)),
                *(pa.array(np.ascontiguousarray(points[:, axis])) for axis in range(3)),
            ]
            yield pa.record_batch(columns, schema=TABLES["token_positions"].arrow_schema)
            first += len(block)
            advance(len(block))

    with sink.transaction():
        sink.insert("token_positions", batches())


def _sample(planned: PlannedTensor, advance: Callable[[int], None]) -> np.ndarray:
    rows, width = planned.matrix
    count = min(rows, SAMPLE_ROWS, max(4, SAMPLE_BYTES // (4 * width)))
    chosen = np.sort(np.random.default_rng(_SEED).choice(rows, size=count, replace=False))
    sample = np.empty((count, width), dtype=np.float32)
    first = filled = 0
    for block in row_blocks(planned.stored, planned.layout):
        until = int(np.searchsorted(chosen, first + len(block)))
        sample[filled:until] = block[chosen[filled:until] - first]
        filled = until
        first += len(block)
        advance(len(block))
    return sample
