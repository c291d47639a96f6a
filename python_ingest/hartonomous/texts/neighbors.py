"""Exact nearest neighbors of a few queries among many vectors, a batch of vectors at a time.

The truth that searches in SQL are measured against: cosine distance in float64 of float32
vectors, ties broken by the lower id. A pair's distance does not depend on the batch it came in
nor on the machine's matrix product: that product only proposes candidates, each is then computed
by itself. So adding rows one batch at a time ends in the same answer, bit by bit, as all at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REFERENCE_NEIGHBORS = 10
"""Neighbors kept for each query."""

# How far the matrix product may be off the distance computed by itself: float64 rounding of 4,096
# terms stays far below, and a wider margin only means more candidates.
_MARGIN = 1e-9


class Neighbors:
    """The :data:`REFERENCE_NEIGHBORS` nearest of all vectors seen, for each of q queries.

    ``ids`` int64 (q, 10), -1 where there is none; ``distances`` float64 (q, 10), infinite there.
    Both are sorted by (distance, id).
    """

    def __init__(self, queries: NDArray[np.float32], k: int = REFERENCE_NEIGHBORS) -> None:
        self._queries = np.asarray(queries, dtype=np.float64)
        self._norms = _norms(self._queries)
        self._k = k
        self.ids = np.full((len(queries), k), -1, dtype=np.int64)
        self.distances = np.full((len(queries), k), np.inf)

    def set(self, query: int, ids: list[int], distances: list[float]) -> None:
        """Continue from neighbors of a query that were found before, nearest first."""
        count = min(len(ids), self._k)
        self.ids[query, :count] = ids[:count]
        self.distances[query, :count] = distances[:count]

    def offer(self, ids: NDArray[np.integer], vectors: NDArray[np.float32]) -> set[int]:
        """Take vectors (m, n) with ids (m,) into account; the queries whose neighbors changed.

        Vectors without a direction (all zeros) are nobody's neighbors.
        """
        if not len(vectors) or not len(self._queries):
            return set()
        rows = np.asarray(vectors, dtype=np.float64)
        norms = _norms(rows)
        with np.errstate(divide="ignore", invalid="ignore"):
            near = 1.0 - (self._queries @ rows.T) / (self._norms[:, None] * norms[None, :])
        near[~np.isfinite(near)] = np.inf
        kth = self.distances[:, -1]
        if len(rows) > self._k:
            kth = np.minimum(kth, np.partition(near, self._k - 1, axis=1)[:, self._k - 1])
        changed = set()
        candidates = (near <= kth[:, None] + _MARGIN) & np.isfinite(near)
        for query in np.flatnonzero(candidates.any(axis=1)):
            chosen = np.flatnonzero(candidates[query])
            distances = self._distances(int(query), rows[chosen], norms[chosen])
            if self._merge(int(query), np.asarray(ids)[chosen], distances):
                changed.add(int(query))
        return changed

    def _distances(
        self, query: int, rows: NDArray[np.float64], norms: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        # A sum along the last axis adds each row in the same order, whatever rows stand beside it.
        dots = (rows * self._queries[query]).sum(axis=1)
        return 1.0 - dots / (self._norms[query] * norms)

    def _merge(self, query: int, ids: NDArray[np.integer], distances: NDArray[np.float64]) -> bool:
        all_ids = np.concatenate([self.ids[query], ids])
        all_distances = np.concatenate([self.distances[query], distances])
        order = np.lexsort((all_ids, all_distances))[: self._k]
        before = self.ids[query].copy()
        self.ids[query] = all_ids[order]
        self.distances[query] = all_distances[order]
        return not np.array_equal(before, self.ids[query])


def _norms(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt((rows * rows).sum(axis=1))
