"""Place a vector among landmarks: the rule that SQL and NumPy share.

Landmarks are vectors whose 3-D positions are known. A vector's position is the mean of its
:data:`NEAREST` nearest landmarks' positions by cosine distance ``d`` (whatever the space's own
metric), weighted by ``1 / (d * d + EPSILON)``. A vector that is a landmark lands on it, up to
rounding; one between landmarks lands between them. ``macros`` of ``place_query`` hold the same two
constants.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEAREST = 8
"""Landmarks that take part."""

EPSILON = 1e-12
"""Added to the squared distance, so that an exact hit has a finite weight."""

_BLOCK_ROWS = 1024


def unit_rows(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows (m, n) scaled to length 1 in float64; a row of zeros stays zeros."""
    rows = np.asarray(vectors, dtype=np.float64)
    norms = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return rows / np.where(norms == 0, 1.0, norms)


def place_by_landmarks(
    vectors: NDArray[np.float32],
    landmarks: NDArray[np.float32],
    positions: NDArray[np.float32],
    k: int = NEAREST,
) -> NDArray[np.float32]:
    """Positions (m, 3) float32 of vectors (m, n) among landmarks (l, n) at positions (l, 3).

    Fewer than ``k`` landmarks: all take part. Of landmarks at one distance those with the lower
    index do. A row of zeros has distance 1 to everything. ValueError for shapes that do not fit.
    """
    if (
        vectors.ndim != 2
        or landmarks.ndim != 2
        or not len(landmarks)
        or vectors.shape[1] != landmarks.shape[1]
        or positions.shape != (len(landmarks), 3)
    ):
        raise ValueError(
            f"vectors {vectors.shape}, landmarks {landmarks.shape}, positions {positions.shape}: "
            "expected (m, n), (l, n) and (l, 3) with l > 0"
        )
    taken = min(k, len(landmarks))
    directions = unit_rows(landmarks)
    placed = np.empty((len(vectors), 3), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        distances = np.maximum(1.0 - unit_rows(vectors[block]) @ directions.T, 0.0)
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :taken]
        near = np.take_along_axis(distances, nearest, axis=1)
        weights = 1.0 / (near * near + EPSILON)
        weights /= weights.sum(axis=1, keepdims=True)
        placed[block] = np.einsum("mk,mkc->mc", weights, positions.astype(np.float64)[nearest])
    return placed
