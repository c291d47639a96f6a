"""A million vectors of the geometry of real ones: points between a real point and its neighbors.

A synthetic point is a real one, moved a part of the way (PULL) to the mean of its nearest neighbors
and by random signed multiples of the differences to them, and put back on the unit sphere. Convex
combinations alone would pull every point into the middle of its neighborhood, which shortens
distances and makes hubs of the new points. How far a point is moved differs from point to point
(SPREAD), for real text has both near-duplicates and loners. The three numbers were chosen so that
the local dimension and the distances agree with the real ones at the same density, which is
checked here. Denser than the real points are, there is nothing to check with; so a tenth of them is
made into as many as there are, and compared too: the synthetic set is then the more clustered one.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from data import ROW_GROUP, lists, note, writer
from intrinsic_dimension import geometry, nearest
from numpy.typing import NDArray
from vectors import matrix

MILLION = 1_000_000
SEED = 20261123
NEIGHBORS, PULL, SPREAD = 32, 0.4, (0.15, 1.5)
TOLERANCE = 0.15
"""Of the intrinsic dimension, relative."""
BLOCK = 4_000


def neighbors_of(real: NDArray[np.float32]) -> NDArray[np.int64]:
    """Row numbers of the NEIGHBORS nearest other points of each point, n x NEIGHBORS."""
    found = nearest(real, real, NEIGHBORS + 1)[0]
    others = np.empty((len(real), NEIGHBORS), dtype=np.int64)
    for row, numbers in enumerate(found):
        others[row] = numbers[numbers != row][:NEIGHBORS]
    return others


def between(
    real: NDArray[np.float32],
    neighbors: NDArray[np.int64],
    parents: NDArray[np.int64],
    random: np.random.Generator,
) -> NDArray[np.float32]:
    """One synthetic unit vector near each of the parents (row numbers), len(parents) x d."""
    steps = random.standard_normal((len(parents), NEIGHBORS)).astype(np.float32)
    spread = random.uniform(*SPREAD, (len(parents), 1)).astype(np.float32)
    steps = steps * spread / np.float32(NEIGHBORS**0.5) + np.float32(PULL / NEIGHBORS)
    points = real[parents] * (1 - steps.sum(axis=1, keepdims=True))
    points += np.matmul(steps[:, None], real[neighbors[parents]])[:, 0]
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def sample_of(
    real: NDArray[np.float32], neighbors: NDArray[np.int64], rows: int, total: int
) -> NDArray[np.float32]:
    """`rows` points of the `total` that would be made of these real ones, drawn at random."""
    random = np.random.default_rng(SEED + 1)
    drawn = random.permutation(total)[:rows]
    points = np.empty((rows, real.shape[1]), dtype=np.float32)
    is_real = drawn < len(real)
    points[is_real] = real[drawn[is_real]]
    made = np.flatnonzero(~is_real)
    for first in range(0, len(made), BLOCK):
        block = made[first : first + BLOCK]
        points[block] = between(real, neighbors, drawn[block] % len(real), random)
    return points


def make_million(folder: Path, total: int = MILLION) -> None:
    """million.parquet: the real rows and synthetic ones in random order, and its geometry."""
    target = folder / "million.parquet"
    if target.exists():
        return
    started = time.monotonic()
    file = folder / "embeddings.parquet"
    real, queries = matrix(file), matrix(folder / "queries.parquet")
    neighbors = neighbors_of(real)
    print(f"neighbors in {time.monotonic() - started:.0f} s", flush=True)
    compare_geometry(folder, real, neighbors, queries, total // len(real))
    write_million(file, target, real, neighbors, total)
    seconds = time.monotonic() - started
    note(folder, million={"rows": total, "seconds": round(seconds), "recipe": recipe()})
    print(f"{target}: {total:,} rows in {seconds:.0f} s", flush=True)


def recipe() -> dict[str, object]:
    """What the synthetic points depend on."""
    return {"neighbors": NEIGHBORS, "pull": PULL, "spread": SPREAD, "seed": SEED}


def compare_geometry(folder, real, neighbors, queries, times: int) -> None:
    """Print and note the geometries; SystemExit where they differ at the same density."""
    rows = len(real)
    true = geometry(real, outside=queries)
    made = geometry(sample_of(real, neighbors, rows, rows * times), outside=queries)
    few = real[: rows // times]
    denser = geometry(
        sample_of(few, neighbors_of(few), len(few) * times, len(few) * times), outside=queries
    )
    found = {"real": true, "synthetic_same_density": made, "synthetic_from_a_part": denser}
    note(folder, geometry=found)
    for name, facts in found.items():
        print(name, facts, flush=True)
    for estimate in ("two_nn", "maximum_likelihood"):
        ratio = made[estimate] / true[estimate]
        if abs(ratio - 1) > TOLERANCE:
            raise SystemExit(
                f"the synthetic points have {ratio:.2f} times the real intrinsic dimension "
                f"({estimate}: {made[estimate]} and {true[estimate]}): NEIGHBORS, PULL "
                "and SPREAD in interpolation.py do not fit these texts"
            )


def write_million(file: Path, target: Path, real, neighbors, total: int) -> None:
    """Row group after row group, whole or not at all."""
    random = np.random.default_rng(SEED)
    metadata = pq.read_table(file, columns=["text", "package", "kind", "length"])
    order = random.permutation(total)
    partial = target.with_suffix(".partial")
    schema = pq.read_schema(file).remove_metadata()
    with writer(partial, schema) as out:
        for first in range(0, total, ROW_GROUP):
            numbers = order[first : first + ROW_GROUP]
            parents = numbers % len(real)
            is_real = numbers < len(real)
            points = np.empty((len(numbers), real.shape[1]), dtype=np.float32)
            points[is_real] = real[numbers[is_real]]
            made = np.flatnonzero(~is_real)
            for start in range(0, len(made), BLOCK):
                block = made[start : start + BLOCK]
                points[block] = between(real, neighbors, parents[block], random)
            rows = metadata.take(pa.array(parents))
            texts = rows.column("text").to_pylist()
            for row in made:
                texts[row] = f"synthetic {numbers[row]} near text {parents[row]}"
            rows = rows.set_column(0, "text", pa.array(texts))
            out.write_table(rows.append_column("vector", lists(points)).cast(schema))
    partial.replace(target)
