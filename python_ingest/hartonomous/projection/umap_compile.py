"""Spare umap-learn most of the compiling that numba does in every process.

A first fit spends 15 to 20 seconds compiling and milliseconds computing. Two of the functions are
one NumPy call each, and stand in for the compiled ones while we fit or place; the others are told
to keep their machine code in numba's cache, as umap-learn does for some of its functions.
Neither changes a result: the stand-ins select elements, in the same stable order.
Read from utils.py, umap_.py and layouts.py of umap-learn 0.5.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _knn_indices(distances: NDArray[Any], neighbors: int) -> NDArray[np.int32]:
    """Indices (m, neighbors) of the nearest columns of distances (m, l), ties by index."""
    return np.argsort(distances, axis=1, kind="stable")[:, :neighbors].astype(np.int32)


def _submatrix(matrix: NDArray[Any], columns: NDArray[Any], neighbors: int) -> NDArray[Any]:
    """Elements (m, neighbors) of a matrix (m, l) at each row's columns."""
    return np.take_along_axis(matrix, columns[:, :neighbors], axis=1)


_STAND_INS = {"fast_knn_indices": _knn_indices, "submatrix": _submatrix}
_KEPT = (
    ("umap_", "smooth_knn_dist"),
    ("umap_", "compute_membership_strengths"),
    ("layouts", "_nb_optimize_layout_euclidean_single_epoch"),
)


def keep_machine_code(package: ModuleType) -> None:
    """Let numba cache what umap-learn compiles anew in each process, where a folder permits."""
    for module, name in _KEPT:
        function = getattr(getattr(package, module, None), name, None)
        # RuntimeError: numba found no folder that it may write to
        with suppress(AttributeError, RuntimeError):
            function.enable_caching()  # type: ignore[union-attr]


@contextmanager
def stand_ins(package: ModuleType) -> Iterator[None]:
    """NumPy in place of two compiled functions, until the block ends."""
    module = package.umap_
    kept = {name: getattr(module, name) for name in _STAND_INS if hasattr(module, name)}
    try:
        for name in kept:
            setattr(module, name, _STAND_INS[name])
        yield
    finally:
        for name, function in kept.items():
            setattr(module, name, function)
