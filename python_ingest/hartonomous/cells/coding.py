"""How a vector becomes bits, and which of the ways keeps a space's neighbors.

A coding is a list of bits, each one a threshold on one dimension of the vector, after a rotation
where the coding has one. Codes are compared by the number of bits in which they differ. One bit a
dimension is the cheapest; whether it is enough depends on the model, so it is measured on a sample
and the first coding that keeps the neighbors is taken:

    sign      one bit a dimension: is it above zero?
    median    one bit a dimension: is it above the sample's median?
    rotated   the same after a random rotation, for models with a few dominant dimensions
    terciles  two bits a dimension: above the first, above the second tercile?

Signs of a random rotation estimate the angle: M. Charikar, Similarity estimation techniques from
rounding algorithms, STOC 2002.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CODINGS = ("sign", "median", "rotated", "terciles")
_PROBE_QUERIES = 200
_PROBE_ROWS = 20_000
_NEIGHBORS = 10
_CANDIDATE_SHARE = 0.01
ENOUGH = 0.97
"""Share of the true neighbors among the best 1 % by code that makes a coding good enough."""


@dataclass(frozen=True)
class Coding:
    """A way to code vectors of n dimensions.

    Attributes:
        name: one of :data:`CODINGS`.
        dimensions: int32 (bits,): the dimension that each bit looks at.
        thresholds: float32 (bits,): the bit is set where the dimension is above it.
        rotation: float32 (n, n) orthonormal rows, whose inner products with the vector are what
            the bits look at; None where they look at the vector itself.
        kept: share of the sample's true neighbors among the best 1 % by code.
    """

    name: str
    dimensions: NDArray[np.int32]
    thresholds: NDArray[np.float32]
    rotation: NDArray[np.float32] | None = None
    kept: float = float("nan")

    def bits(self, vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
        """The bits (m, bits) of vectors (m, n) float32."""
        turned = vectors if self.rotation is None else vectors @ self.rotation.T
        return turned[:, self.dimensions] > self.thresholds


def make_coding(name: str, sample: NDArray[np.float32], seed: int) -> Coding:
    """The coding of that name for a sample (m, n) float32."""
    width = sample.shape[1]
    every = np.arange(width, dtype=np.int32)
    if name == "sign":
        return Coding(name, every, np.zeros(width, dtype=np.float32))
    if name == "median":
        return Coding(name, every, np.median(sample, axis=0).astype(np.float32))
    if name == "rotated":
        noise = np.random.default_rng(seed).standard_normal((width, width))
        rotation = np.linalg.qr(noise)[0].T.astype(np.float32)
        middle = np.median(sample @ rotation.T, axis=0)
        return Coding(name, every, middle.astype(np.float32), rotation)
    if name == "terciles":
        cuts = np.quantile(sample, [1 / 3, 2 / 3], axis=0).astype(np.float32)
        return Coding(name, np.concatenate([every, every]), cuts.reshape(-1))
    raise ValueError(f"unknown coding {name!r}: one of {', '.join(CODINGS)}")


def choose_coding(sample: NDArray[np.float32], metric: str, seed: int) -> Coding:
    """The first coding that keeps enough neighbors of a sample (m, n), else the one with most.

    Needs 20 rows or more to tell; fewer are coded by sign.
    """
    rows = sample[np.random.default_rng(seed).permutation(len(sample))[:_PROBE_ROWS]]
    if len(rows) < 2 * _NEIGHBORS:
        return make_coding("sign", sample, seed)
    queries = rows[:_PROBE_QUERIES]
    truth = _nearest(_distances(queries, rows, metric), _NEIGHBORS)
    best: Coding | None = None
    for name in CODINGS:
        coding = make_coding(name, rows, seed)
        kept = _kept(coding, queries, rows, metric, truth)
        if best is None or kept > best.kept:
            best = Coding(name, coding.dimensions, coding.thresholds, coding.rotation, kept)
        if kept >= ENOUGH:
            break
    assert best is not None
    return best


def _kept(
    coding: Coding,
    queries: NDArray[np.float32],
    rows: NDArray[np.float32],
    metric: str,
    truth: NDArray[np.intp],
) -> float:
    # Signs as +1 and -1: their inner product is bits - 2 * (bits that differ).
    asked = np.where(coding.bits(queries), np.float32(1), np.float32(-1))
    there = np.where(coding.bits(rows), np.float32(1), np.float32(-1))
    agreement = asked @ there.T / len(coding.thresholds)
    scores = code_distance(agreement, np.linalg.norm(rows, axis=1), queries, metric)
    found = _nearest(scores, max(2 * _NEIGHBORS, round(_CANDIDATE_SHARE * len(rows))))
    hits = sum(len(np.intersect1d(a, b)) for a, b in zip(truth, found, strict=True))
    return float(hits / truth.size)


def code_distance(
    agreement: NDArray[np.float32],
    norms: NDArray[np.float32],
    queries: NDArray[np.float32],
    metric: str,
) -> NDArray[np.float32]:
    """What rows are ordered by, from codes: the distance with the cosine estimated.

    ``agreement`` (q, m) is 1 - 2 * (bits that differ) / bits, which stands for the cosine;
    ``norms`` (m,) are the rows' lengths. The macro code_distance has the same three forms.
    """
    if metric == "cosine":
        return -agreement
    cosine = np.sin(np.pi / 2 * agreement)
    if metric == "dot":
        return -norms * cosine
    return norms * (norms - 2 * np.linalg.norm(queries, axis=1, keepdims=True) * cosine)


def _distances(
    queries: NDArray[np.float32], rows: NDArray[np.float32], metric: str
) -> NDArray[np.float32]:
    """Distances (q, m), each query's own row made the farthest."""
    products = queries @ rows.T
    if metric == "cosine":
        products /= np.maximum(np.linalg.norm(rows, axis=1), np.float32(1e-30))
    distances = (rows * rows).sum(axis=1) - 2 * products if metric == "euclidean" else -products
    np.fill_diagonal(distances, np.inf)
    return distances


def _nearest(distances: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    count = min(count, distances.shape[1] - 1)
    return np.argpartition(distances, count, axis=1)[:, :count]
