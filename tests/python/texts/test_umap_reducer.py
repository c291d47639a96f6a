"""UMAP kept as data: rebuilt, it places as the object that was fitted."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("umap")

from hartonomous.projection import umap_reducer
from hartonomous.projection.landmarks import place_by_landmarks
from hartonomous.projection.reducers import Reducer, fit_reducer

DIMENSION = 24


@pytest.fixture
def sample(clustered) -> np.ndarray:
    return clustered(120, DIMENSION)


@pytest.fixture
def later(clustered) -> np.ndarray:
    return clustered(40, DIMENSION, seed=7)


def original(sample: np.ndarray):
    """The umap.UMAP object itself, fitted as fit_umap does and never taken apart."""
    model = umap_reducer._umap_class()(**umap_reducer._arguments(42, umap_reducer.NEIGHBORS))
    with umap_reducer._working(), umap_reducer._global_seed(42):
        model.fit(sample)
    return model


def test_rebuilt_places_as_the_fitted_object(sample, later) -> None:
    reducer, positions, notices = fit_reducer("umap", sample)
    assert (reducer.method, notices) == ("umap", [])
    model = original(sample)
    np.testing.assert_array_equal(positions, model.embedding_)

    parameters = json.loads(json.dumps(reducer.parameters))  # what the database keeps
    rebuilt = Reducer("umap", parameters, reducer.landmarks.copy(), reducer.positions.copy())
    with umap_reducer._working():
        np.testing.assert_array_equal(rebuilt.transform(later), model.transform(later))
        np.testing.assert_array_equal(rebuilt.transform(later[:1]), model.transform(later[:1]))
        np.testing.assert_array_equal(rebuilt.transform(sample), positions)


def test_neighbor_graph_is_that_of_plain_umap(sample, later) -> None:
    """Distances by a matrix product are a shortcut only: the graph that is laid out is the same.

    The layouts themselves cannot be compared: rounding grows in the course of 500 epochs.
    """
    import umap

    arguments = {**umap_reducer._arguments(42, umap_reducer.NEIGHBORS), "n_epochs": 11}
    graphs = []
    for kind in (umap.UMAP, umap_reducer._umap_class()):
        with umap_reducer._working():
            model = kind(**arguments).fit(sample)
            model.transform_mode = "graph"
            graphs.append((model.graph_.toarray(), model.transform(later).toarray()))
    np.testing.assert_allclose(graphs[0][0], graphs[1][0], atol=1e-4)
    np.testing.assert_allclose(graphs[0][1], graphs[1][1], atol=1e-4)


def test_placement_is_repeatable(sample, later) -> None:
    reducer, _, _ = fit_reducer("umap", sample)
    again, _, _ = fit_reducer("umap", sample)
    np.testing.assert_array_equal(reducer.positions, again.positions)
    np.testing.assert_array_equal(reducer.transform(later), again.transform(later))


def test_vectors_that_umap_cannot_place(clustered) -> None:
    rays = np.abs(clustered(40, DIMENSION)) + 0.1
    rays[:, 0] = 50  # all point one way
    reducer, _, _ = fit_reducer("umap", rays.astype(np.float32))
    opposite = -reducer.landmarks[:3]
    assert reducer.method == "umap"
    parameters = {**reducer.parameters, "disconnection_distance": 1.0}
    strict = Reducer("umap", parameters, reducer.landmarks, reducer.positions)
    mixed = np.concatenate([opposite, reducer.landmarks[:5] * 1.5])
    placed = strict.transform(mixed)
    assert np.isfinite(placed).all()
    np.testing.assert_array_equal(
        placed[:3], place_by_landmarks(opposite, reducer.landmarks, reducer.positions)
    )
    assert np.isfinite(strict.transform(opposite)).all()


def test_global_random_state_is_left_alone(sample) -> None:
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    fit_reducer("umap", sample)
    assert np.random.random() == expected


def test_stand_ins_equal_the_compiled_functions() -> None:
    import umap.utils

    from hartonomous.projection import umap_compile

    distances = np.random.default_rng(0).integers(0, 5, (30, 40)).astype(np.float32)
    ours = umap_compile._knn_indices(distances, 7)
    np.testing.assert_array_equal(ours, umap.utils.fast_knn_indices.py_func(distances, 7))
    assert ours.dtype == np.int32
    np.testing.assert_array_equal(
        umap_compile._submatrix(distances, ours, 7),
        umap.utils.submatrix.py_func(distances, ours, 7),
    )
