"""Principal components by randomized SVD.

N. Halko, P.-G. Martinsson, J. A. Tropp: Finding structure with randomness, arXiv:0909.4061,
algorithms 4.4 (subspace iteration) and 5.1 (direct SVD).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_OVERSAMPLING = 10
_ITERATIONS = 6


@dataclass(frozen=True)
class PCA:
    """A fitted projection.

    Attributes:
        mean: float32, shape (width,).
        components: float32, shape (components, width); orthonormal rows in order of falling
            variance. The element of largest magnitude of each is positive, so that the signs
            follow from the data. Components that the data does not have are zero.
    """

    mean: np.ndarray
    components: np.ndarray

    @classmethod
    def fit(cls, sample: np.ndarray, seed: int, components: int = 3) -> PCA:
        """Fit on a sample.

        Args:
            sample: float32, shape (rows, width), both 1 or more, finite. It is neither changed
                nor copied: the mean is taken off after each product.
            seed: of the random start.
            components: how many.

        Raises:
            ValueError: the sample is not a matrix with elements, or not finite.
        """
        sample = np.asarray(sample, dtype=np.float32)
        if sample.ndim != 2 or 0 in sample.shape:
            raise ValueError(f"a sample has rows and columns; this one's shape is {sample.shape}")
        rows, width = sample.shape
        mean = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
        if not np.isfinite(mean).all():
            raise ValueError("the sample holds NaN or infinity")
        rank = min(components + _OVERSAMPLING, rows, width)
        start = np.random.default_rng(seed).standard_normal((width, rank)).astype(np.float32)
        basis = _orthonormal(_times(sample, mean, start))
        for _ in range(_ITERATIONS):
            across = _orthonormal(_transposed_times(sample, mean, basis))
            basis = _orthonormal(_times(sample, mean, across))
        small = _transposed_times(sample, mean, basis).T.astype(np.float64)
        _, values, rows_of_v = np.linalg.svd(small, full_matrices=False)
        found = np.zeros((components, width))
        kept = min(components, rank)
        # Below this a direction is rounding noise: the data has fewer dimensions.
        real = values[:kept] > values[0] * np.finfo(np.float32).eps * max(rows, width)
        found[:kept][real] = rows_of_v[:kept][real]
        largest = np.abs(found).argmax(axis=1)
        signs = np.where(found[np.arange(components), largest] < 0, -1.0, 1.0)
        return cls(mean, (found * signs[:, None]).astype(np.float32))

    def transform(self, rows: np.ndarray) -> np.ndarray:
        """Positions of rows: float32 (rows, width) to float32 (rows, components)."""
        # Two products, so that no centered copy of the rows is made.
        return rows @ self.components.T - self.mean @ self.components.T


def _times(sample: np.ndarray, mean: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(sample - mean) @ right, shape (rows, rank)."""
    return sample @ right - mean @ right


def _transposed_times(sample: np.ndarray, mean: np.ndarray, left: np.ndarray) -> np.ndarray:
    """(sample - mean).T @ left, shape (width, rank)."""
    return sample.T @ left - np.outer(mean, left.sum(axis=0))


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    return np.linalg.qr(columns.astype(np.float64))[0].astype(np.float32)
