"""UMAP fitted once and rebuilt from data.

umap-learn keeps its fitted state in a Python object, which it would have us pickle. What its
``transform`` reads of that state is the sample, the sample's positions and a few numbers; set on
a new object they give the same result bit by bit (tests/python/texts/test_umap_reducer.py).
Read from umap_.py of umap-learn 0.5.12.

umap-learn is imported on first use: with numba that takes seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError
from .landmarks import unit_rows
from .umap_compile import keep_machine_code, stand_ins

NEIGHBORS = 15
MIN_DIST = 0.1
TRANSFORM_SEED = 42


@contextmanager
def _working() -> Iterator[None]:
    import umap

    with _quiet(), stand_ins(umap):
        yield


@contextmanager
def _global_seed(seed: int) -> Iterator[None]:
    # Where the neighbor graph falls into many parts, umap-learn places them by NumPy's global
    # generator instead of by its random_state (spectral.py, component_layout).
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)


@contextmanager
def _quiet() -> Iterator[None]:
    # umap-learn warns of its own choices (one job because of the seed, eigenvectors that did not
    # converge), numba of threading layers: nothing that a caller could act on.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=1)
def _umap_class() -> type:
    with _quiet():
        try:
            import umap
        except ImportError as error:
            raise MissingExtraError("placing texts by UMAP", "ingest", "umap-learn") from error
        keep_machine_code(umap)

    class CosineUMAP(umap.UMAP):
        """UMAP whose cosine distances are one matrix product.

        Below 4,096 rows umap-learn hands scikit-learn a compiled function, which is then called
        for each of 8 million pairs; by its name scikit-learn knows a faster way: 4,000 rows fit in
        a quarter of the time, 2,048 more are placed in a tenth.
        """

        def _validate_parameters(self) -> None:
            super()._validate_parameters()
            self._input_distance_func = "cosine"

    return CosineUMAP


def _arguments(seed: int, neighbors: int) -> dict[str, Any]:
    return {
        "n_components": 3,
        "n_neighbors": neighbors,
        "min_dist": MIN_DIST,
        "metric": "cosine",
        "random_state": seed,
        "transform_seed": TRANSFORM_SEED,
        "n_jobs": 1,
    }


def fit_umap(
    sample: NDArray[np.float32], seed: int
) -> tuple[dict[str, Any], NDArray[np.float32]] | None:
    """(parameters, positions (l, 3) float32) of a UMAP fitted on a sample (l, n), l >= 15.

    None where the positions are not finite.
    """
    import importlib.metadata

    neighbors = min(NEIGHBORS, len(sample) - 1)
    model = _umap_class()(**_arguments(seed, neighbors))
    with _working(), _global_seed(seed):
        model.fit(sample)
    positions = np.asarray(model.embedding_, dtype=np.float32)
    if not np.isfinite(positions).all():
        return None
    parameters = {
        "a": float(model._a),
        "b": float(model._b),
        "disconnection_distance": float(model._disconnection_distance),
        "library": "umap-learn",
        "library_version": importlib.metadata.version("umap-learn"),
        "metric": "cosine",
        "min_dist": MIN_DIST,
        "n_neighbors": neighbors,
        "sample_rows": len(sample),
        "seed": seed,
        "transform_seed": TRANSFORM_SEED,
    }
    return parameters, positions


def rebuild_umap(
    parameters: dict[str, Any],
    sample: NDArray[np.float32],
    positions: NDArray[np.float32],
) -> Any:
    """A umap.UMAP that transforms as the fitted one did; its other methods are not to be used."""
    import joblib

    model = _umap_class()(**_arguments(parameters["seed"], parameters["n_neighbors"]))
    model._raw_data = np.ascontiguousarray(sample, dtype=np.float32)
    model.embedding_ = np.ascontiguousarray(positions, dtype=np.float32)
    model._a = parameters["a"]
    model._b = parameters["b"]
    model._n_neighbors = parameters["n_neighbors"]
    model._disconnection_distance = parameters["disconnection_distance"]
    model._initial_alpha = model.learning_rate
    model._small_data = True
    model._sparse_data = False
    model._metric_kwds = {}
    model._input_distance_func = "cosine"
    # transform() answers the sample itself with the fitted positions, known by this hash
    model._input_hash = joblib.hash(model._raw_data)
    return model


def transform_umap(
    parameters: dict[str, Any],
    sample: NDArray[np.float32],
    positions: NDArray[np.float32],
    vectors: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Positions (m, 3) of vectors (m, n) by a reducer that :func:`fit_umap` fitted.

    NaN for a vector that is opposite to the whole sample: UMAP has no neighbor to begin from,
    and fails where none of the vectors has.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    placed = np.full((len(rows), 3), np.nan, dtype=np.float32)
    nearest = 1.0 - (unit_rows(rows) @ unit_rows(sample).T).max(axis=1)
    connected = nearest < parameters["disconnection_distance"] - 1e-5
    if connected.any():
        model = rebuild_umap(parameters, sample, positions)
        with _working():
            placed[connected] = model.transform(rows[connected])
    return placed


def warm_up() -> None:
    """Let numba compile what UMAP needs and keep it on disk: half a minute once, none later.

    For a set-up step, so that the first landing does not spend that time.
    """
    vectors = np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32)
    fitted = fit_umap(vectors[:30], 0)
    if fitted is not None:
        parameters, positions = fitted
        transform_umap(parameters, vectors[:30], positions, vectors[30:])
