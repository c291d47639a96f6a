"""Centroids of a sample by scikit-learn's k-means, and groups of centroids."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError

ITERATIONS = 12
"""Lloyd iterations: after a dozen the recall of a search no longer changes."""


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (m, n) float32 scaled to length 1; rows of zeros, which have none, are left out."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors[norms[:, 0] > 0] / norms[norms[:, 0] > 0]


def train_centroids(
    sample: NDArray[np.float32], count: int, metric: str, seed: int
) -> NDArray[np.float32]:
    """At most ``count`` distinct centroids (c, n) float32 of a sample (m, n) float32, m >= 1.

    ``cosine`` and ``dot`` compare directions: the rows are scaled to length 1 before, the
    centroids after. ``euclidean`` takes rows as they are. Fewer centroids come back where the
    sample has fewer distinct rows.

    Lloyd's algorithm from randomly drawn rows (https://scikit-learn.org/stable/modules/generated/
    sklearn.cluster.KMeans.html). Raises MissingExtraError where scikit-learn is not installed.
    """
    rows = sample if metric == "euclidean" else _directions(sample)
    if not len(rows):  # nothing but zeros: one cell holds them
        return np.zeros((1, sample.shape[1]), dtype=np.float32)
    centroids = _fit(rows, min(count, len(rows)), seed)
    if metric != "euclidean":
        centroids = _directions(centroids)
    return np.unique(centroids, axis=0)


def group_centroids(
    centroids: NDArray[np.float32], metric: str, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Groups of near centroids, about the square root of their number.

    Returns the groups' centers (g, n) float32 and each centroid's group, int32 (c,). A row is
    compared with the centers first, then with the centroids of the nearest groups only. For
    ``cosine`` and ``dot`` that is by inner product, so the centers have length 1, too: longer ones
    would draw rows that belong to others.
    """
    count = max(1, round(len(centroids) ** 0.5))
    centers = _fit(centroids, count, seed)
    if metric != "euclidean" and centers.any():
        centers = _directions(centers)
    centers = np.unique(centers, axis=0)
    squared = (centers * centers).sum(axis=1) - 2 * centroids @ centers.T
    return centers, squared.argmin(axis=1).astype(np.int32)


def _fit(rows: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    try:
        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning
    except ImportError as error:
        raise MissingExtraError("training cells", "ingest", "scikit-learn") from error
    fitted = KMeans(count, init="random", n_init=1, max_iter=ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        # Rows that repeat give fewer clusters than asked for: the caller keeps the distinct ones.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(np.ascontiguousarray(rows, dtype=np.float32))
    return fitted.cluster_centers_.astype(np.float32)
