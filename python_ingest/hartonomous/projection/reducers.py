"""A fitted reducer as data: what it learned in JSON, its landmarks as arrays, no pickles.

A reducer is fitted once, on a sample, whose rows with their positions are its landmarks. Kept as
rows of ``raw.reducers`` and ``raw.landmarks`` it can be made again in another process and places
later vectors as the fitted one would, without a refit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .landmarks import place_by_landmarks
from .sample import SEED

METHODS = ("umap", "pca")

UMAP_MINIMUM_ROWS = 15
"""Fewer rows than UMAP's neighborhood of 15: PCA places them instead."""


@dataclass(frozen=True)
class Reducer:
    """A fitted reducer.

    ``parameters`` is a JSON object, ``landmarks`` float32 (l, n), ``positions`` float32 (l, 3).
    """

    method: str
    parameters: dict[str, Any]
    landmarks: NDArray[np.float32]
    positions: NDArray[np.float32]

    def transform(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Positions (m, 3) float32 of vectors (m, n) float32.

        The same vectors in the same call get the same positions on one machine, in any process.
        UMAP draws random numbers by the row's place in the call, so that a vector in another
        company may come to lie a little elsewhere. A vector that UMAP cannot place, being
        opposite to every landmark, is placed by landmarks.
        """
        if not len(vectors):
            return np.empty((0, 3), dtype=np.float32)
        if self.method == "pca":
            placed = _pca(self.parameters).transform(vectors)
        else:
            from .umap_reducer import transform_umap

            placed = transform_umap(self.parameters, self.landmarks, self.positions, vectors)
        placed = np.asarray(placed, dtype=np.float32)
        lost = ~np.isfinite(placed).all(axis=1)
        if lost.any():
            placed = placed.copy()
            placed[lost] = place_by_landmarks(vectors[lost], self.landmarks, self.positions)
        return placed


def require_method(method: str) -> None:
    """InputError where there is no such reducer."""
    if method not in METHODS:
        raise InputError(f"unknown reducer {method!r}: choose one of {', '.join(METHODS)}")


def fit_reducer(
    method: str, sample: NDArray[np.float32], seed: int = SEED
) -> tuple[Reducer, NDArray[np.float32], list[str]]:
    """Fit on a sample (l, n) float32, l >= 1.

    Returns the reducer, the sample's positions (l, 3) float32 and notices for a person. Equal
    vectors count once, as one landmark, and share a position: crowds of twins would crowd out
    the neighbors that UMAP learns from. UMAP falls back to PCA, with a notice, where too few
    distinct vectors are left, and where the space has no more than three dimensions.
    """
    require_method(method)
    landmarks, twin = _distinct(np.ascontiguousarray(sample, dtype=np.float32))
    notices: list[str] = []
    if method == "umap" and len(landmarks) < UMAP_MINIMUM_ROWS:
        notices.append(
            f"{len(landmarks)} distinct vectors are too few for UMAP (it takes "
            f"{UMAP_MINIMUM_ROWS}): PCA places them, and what is added to this space later"
        )
    elif method == "umap" and landmarks.shape[1] > 3:
        from .umap_reducer import fit_umap

        fitted = fit_umap(landmarks, seed)
        if fitted is not None:
            reducer = Reducer("umap", fitted[0], landmarks, fitted[1])
            return reducer, reducer.positions[twin], notices
        notices.append("UMAP found no finite positions for these vectors: PCA places them")
    elif method == "umap":
        notices.append(f"{landmarks.shape[1]} dimensions need no UMAP: PCA places these vectors")
    reducer = _fit_pca(landmarks, seed)
    return reducer, reducer.positions[twin], notices


def _distinct(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """(distinct rows in order of appearance, index of each row's twin among them)."""
    seen: dict[bytes, int] = {}
    twin = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], dtype=np.intp)
    _, first = np.unique(twin, return_index=True)
    return rows[first], twin


def _fit_pca(sample: NDArray[np.float32], seed: int) -> Reducer:
    from .pca import PCA

    fitted = PCA.fit(sample, seed)
    parameters = {
        "components": fitted.components.astype(float).tolist(),
        "mean": fitted.mean.astype(float).tolist(),
        "sample_rows": len(sample),
        "seed": seed,
    }
    positions = np.asarray(fitted.transform(sample), dtype=np.float32)
    return Reducer("pca", parameters, sample, positions)


def _pca(parameters: dict[str, Any]) -> Any:
    from .pca import PCA

    return PCA(
        mean=np.asarray(parameters["mean"], dtype=np.float32),
        components=np.asarray(parameters["components"], dtype=np.float32),
    )
