"""How many dimensions a cloud of points has locally, and how far its nearest neighbours are.

Two estimators, both from distances to nearest neighbours alone:
- TwoNN, from the ratio of the second to the first: Facco et al., "Estimating the intrinsic
  dimension of datasets by a minimal neighborhood information", Scientific Reports 7, 2017.
- Maximum likelihood over k neighbours: Levina and Bickel, NIPS 2004, with the inverses averaged as
  MacKay and Ghahramani propose (2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 20
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Unit vectors in float32: below this, two points are one.
_SAME = 1e-3


def nearest(
    points: NDArray[np.float32], queries: NDArray[np.float32], k: int, block: int = 512
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k points nearest to each query by inner product: numbers and euclidean distances.

    Points and queries are unit vectors, n x d and m x d; both results are m x k, nearest first.
    """
    import torch

    rows = torch.from_numpy(points)
    numbers = np.empty((len(queries), k), dtype=np.int64)
    distances = np.empty((len(queries), k), dtype=np.float32)
    for first in range(0, len(queries), block):
        scores = torch.from_numpy(queries[first : first + block]) @ rows.T
        best = torch.topk(scores, k, dim=1)
        numbers[first : first + block] = best.indices.numpy()
        distances[first : first + block] = np.sqrt(np.maximum(0, 2 - 2 * best.values.numpy()))
    return numbers, distances


def geometry(
    points: NDArray[np.float32], sample: int = 10_000, seed: int = 1, outside=None
) -> dict[str, object]:
    """Intrinsic dimension and distances at `sample` of the points, among all of them.

    With `outside`, unit vectors that are not among the points, the distances from those to their
    nearest points are told, too.
    """
    chosen = np.random.default_rng(seed).choice(len(points), min(sample, len(points)), False)
    # One more, for a point is its own nearest neighbour.
    distances = nearest(points, points[chosen], NEIGHBOURS + 1)[1][:, 1:]
    found: dict[str, object] = {
        "points": len(points),
        "two_nn": round(two_nn(distances), 2),
        "maximum_likelihood": round(maximum_likelihood(distances), 2),
        "nearest": _quantiles(distances[:, 0]),
        f"nearest_{NEIGHBOURS}": _quantiles(distances[:, -1]),
    }
    if outside is not None:
        away = nearest(points, outside, 10)[1]
        found["query_nearest"] = _quantiles(away[:, 0])
        found["query_nearest_10"] = _quantiles(away[:, -1])
    return found


def two_nn(distances: NDArray[np.float32]) -> float:
    """The dimension from rows of ascending distances, of which the first two columns count."""
    first, second = distances[:, 0].astype(float), distances[:, 1].astype(float)
    usable = first > _SAME
    ratios = np.log(second[usable] / first[usable])
    # The largest tenth is left out, as the paper does: it is what outliers distort.
    ratios = np.sort(ratios)[: int(len(ratios) * 0.9)]
    empirical = np.arange(1, len(ratios) + 1) / (usable.sum() + 1)
    return float(-(ratios @ np.log1p(-empirical)) / (ratios @ ratios))


def maximum_likelihood(distances: NDArray[np.float32]) -> float:
    """The dimension from rows of k ascending distances."""
    usable = distances[distances[:, 0] > _SAME].astype(float)
    inverse = np.log(usable[:, -1:] / usable[:, :-1]).sum(axis=1) / (usable.shape[1] - 2)
    return float(1 / inverse.mean())


def _quantiles(values: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 4) for value in np.quantile(values, QUANTILES)]
