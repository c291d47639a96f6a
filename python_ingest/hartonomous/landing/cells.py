"""Train the cells and the coding of a space on a sample of its landed vectors."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..cells.coding import Coding, choose_coding
from ..cells.kmeans import group_centroids, train_centroids
from ..errors import InputError, MissingExtraError
from ..texts.identity import content_id
from .sink import Sink
from .spaces import Space, find_space
from .texts_landing import Progress, silent
from .texts_rows import matrix_of, now, record_batch, vector_array

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

MINIMUM_ROWS = 1_000
"""Below it every search compares all vectors, in a millisecond."""

MAXIMUM_CELLS = 8_192
SAMPLE_ROWS_A_CELL = 32
CELLS_A_ROOT = 4
"""Cells for each unit of the rows' square root. With four a search compares half as many codes for
the same recall as with two; with more, training and probing cost what that saves."""
MAXIMUM_SAMPLE_BYTES = 512 << 20
SEED = 42

_HASHED = (
    "SELECT vector FROM raw.text_embeddings WHERE space_id = ? AND "
    "(CAST(embedding_id AS BIGINT) * CAST(2654435761 AS BIGINT)) % CAST(4294967296 AS BIGINT) < ?"
)
"""Knuth's multiplicative hash draws the sample: the same rows on every engine, in any order."""


@dataclass
class Training:
    """What a training made; ``coding_kept`` is that of hartonomous.cells.coding.Coding."""

    training_id: str
    space_id: str
    cells: int
    cell_groups: int
    coding: str
    bits: int
    coding_kept: float
    sample_rows: int
    space_rows: int
    trained_to: int
    notices: list[str] = field(default_factory=list)


def train_cells(
    sink: Sink,
    space: Space,
    *,
    cells: int | None = None,
    seed: int = SEED,
    progress: Progress = silent,
) -> Training:
    """Train cells and coding of a space and land them, in one transaction.

    Args:
        sink: where the space is; its schema must be there.
        space: the space, with embeddings.
        cells: how many; by default four times the square root of the space's rows.
        seed: of the draw of k-means' first centroids and of a rotation.
        progress: told (stage, done, total).

    The training that was there is replaced. What was built of it serves on until the next build has
    coded every row anew. Trained again on the same rows, nothing changes.

    Raises:
        InputError: the space has no rows, or ``cells`` is out of range.
        MissingExtraError: scikit-learn is not installed.
    """
    rows = _row_count(sink, space)
    if not rows:
        raise InputError(f"the space {space.space_id} has no embeddings to train on")
    count = cells if cells is not None else round(CELLS_A_ROOT * rows**0.5)
    if cells is not None and not 1 <= cells <= min(rows, MAXIMUM_CELLS):
        raise InputError(
            f"--cells takes 1 to {min(rows, MAXIMUM_CELLS)} for the {rows:,} rows of "
            f"{space.space_id}; it got {cells}"
        )
    count = min(count, MAXIMUM_CELLS)
    sample = _sample(sink, space, rows, count, progress)
    progress("training cells", 0, None)
    centroids = train_centroids(sample, count, space.metric, seed)
    centers, groups = group_centroids(centroids, space.metric, seed)
    # Like cells get numbers that follow one another, so that the codes of those that a search
    # probes stand together.
    order = np.argsort(groups, kind="stable")
    centroids, groups = centroids[order], groups[order]
    coding = choose_coding(sample, space.metric, seed)
    training = Training(
        training_id=_training_id(space, centroids, coding),
        space_id=space.space_id,
        cells=len(centroids),
        cell_groups=len(centers),
        coding=coding.name,
        bits=len(coding.thresholds),
        coding_kept=round(coding.kept, 4),
        sample_rows=len(sample),
        space_rows=rows,
        trained_to=space.last_embedding_id,
    )
    _land(sink, training, centroids, centers, groups, coding, seed)
    return training


def ensure_cells(sink: Sink, landed: Space, progress: Progress = silent) -> list[str]:
    """Train a space that is large enough and has no training; notices for a person.

    Called when texts or vectors were landed. A space that was trained keeps its cells: the drift
    report says when they should be trained again.
    """
    space = find_space(sink, landed.space_id)  # with the ids that were given meanwhile
    if _row_count(sink, space) < MINIMUM_ROWS or _trainings(sink, space.space_id):
        return []
    try:
        train_cells(sink, space, progress=progress)
    except MissingExtraError as error:
        return [f"no cells were trained, so searches compare every vector: {error}"]
    return []


def first_cell(training_id: str, taken: Collection[int]) -> int:
    """The number of a training's first cell.

    A number means one cell of one training: codes of an older training, or of another database
    that was built under the same name, are never taken for this one's.
    """
    slot = int(training_id[:8], 16) % (2**31 // MAXIMUM_CELLS)
    while slot * MAXIMUM_CELLS in taken:
        slot = (slot + 1) % (2**31 // MAXIMUM_CELLS)
    return slot * MAXIMUM_CELLS


def remove_trainings(sink: Sink, space_id: str) -> None:
    """Delete the trainings of a space; call it inside a transaction."""
    for training_id in _trainings(sink, space_id):
        for table in ("cells", "cell_groups", "code_bits", "code_rotations", "cell_trainings"):
            sink.delete(table, "training_id = ?", [training_id])


def _trainings(sink: Sink, space_id: str) -> dict[str, int]:
    """The first cell of each of the space's trainings, by their ids."""
    return dict(
        sink.query(
            "SELECT training_id, first_cell FROM raw.cell_trainings WHERE space_id = ?", [space_id]
        )
    )


def _row_count(sink: Sink, space: Space) -> int:
    found = sink.query(
        "SELECT COUNT(*) FROM raw.text_embeddings WHERE space_id = ?", [space.space_id]
    )
    return int(found[0][0])


def _sample(
    sink: Sink, space: Space, rows: int, cells: int, progress: Progress
) -> NDArray[np.float32]:
    wanted = min(
        max(SAMPLE_ROWS_A_CELL * cells, 20_000),
        MAXIMUM_SAMPLE_BYTES // (4 * space.dimension),
    )
    share = min(1.0, wanted / rows)
    parts = []
    drawn = 0
    for batch in sink.stream(_HASHED, [space.space_id, round(share * 2**32)]):
        parts.append(matrix_of(batch.column(0), space.dimension))
        drawn += len(parts[-1])
        progress("drawing a sample", drawn, min(wanted, rows))
    if not parts:  # a handful of rows, none of which was drawn
        batches = sink.stream(_HASHED, [space.space_id, 2**32])
        parts = [matrix_of(batch.column(0), space.dimension) for batch in batches]
    return np.concatenate(parts)


def _training_id(space: Space, centroids: NDArray[np.float32], coding: Coding) -> str:
    arrays = [centroids, coding.thresholds, *([] if coding.rotation is None else [coding.rotation])]
    digests = [
        hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() for array in arrays
    ]
    return content_id([space.space_id, coding.name, *digests])


def _land(
    sink: Sink,
    training: Training,
    centroids: NDArray[np.float32],
    centers: NDArray[np.float32],
    groups: NDArray[np.int32],
    coding: Coding,
    seed: int,
) -> None:
    key = training.training_id
    columns = {name: [value] for name, value in vars(training).items() if name != "notices"}
    with sink.transaction():
        before = _trainings(sink, training.space_id)
        if key in before:
            return
        first = first_cell(key, before.values())
        remove_trainings(sink, training.space_id)
        tables: dict[str, Mapping[str, Sequence[object] | pa.Array]] = {
            "cell_groups": {
                "training_id": [key] * len(centers),
                "cell_group": np.arange(len(centers), dtype=np.int32),
                "vector": vector_array(centers),
            },
            "cells": {
                "training_id": [key] * len(centroids),
                "cell": np.arange(first, first + len(centroids), dtype=np.int32),
                "cell_group": groups,
                "vector": vector_array(centroids),
            },
            "code_bits": {
                "training_id": [key] * len(coding.thresholds),
                "bit": np.arange(len(coding.thresholds), dtype=np.int32),
                "dimension": coding.dimensions,
                "threshold": coding.thresholds,
            },
            "cell_trainings": {
                **columns,
                "first_cell": [first],
                "seed": [seed],
                "created_at": [now()],
            },
        }
        if coding.rotation is not None:
            tables["code_rotations"] = {
                "training_id": [key] * len(coding.rotation),
                "dimension": np.arange(len(coding.rotation), dtype=np.int32),
                "vector": vector_array(coding.rotation),
            }
        for table, values in tables.items():
            sink.insert(table, [record_batch(table, values)])
