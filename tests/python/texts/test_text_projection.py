"""Samples, landmarks and reducers, without UMAP."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hartonomous.errors import InputError
from hartonomous.projection.landmarks import EPSILON, NEAREST, place_by_landmarks
from hartonomous.projection.reducers import Reducer, fit_reducer
from hartonomous.projection.sample import Sample


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=8), unique=True), st.integers(1, 10), st.randoms())
def test_sample_does_not_depend_on_order(keys: list[bytes], size: int, random) -> None:
    def drawn(order: list[bytes]) -> set[bytes]:
        sample = Sample(size, seed=1)
        for key in order:
            sample.offer(key)
        return sample.keys()

    shuffled = keys[:]
    random.shuffle(shuffled)
    assert drawn(keys) == drawn(shuffled)
    assert len(drawn(keys)) == min(size, len(keys))


def test_sample_depends_on_the_seed() -> None:
    keys = [bytes([i]) for i in range(200)]

    def drawn(seed: int) -> set[bytes]:
        sample = Sample(20, seed)
        for key in keys:
            sample.offer(key)
        return sample.keys()

    assert drawn(1) != drawn(2)


def by_the_rule(vector: np.ndarray, landmarks: np.ndarray, positions: np.ndarray) -> np.ndarray:
    distances = []
    for landmark in landmarks.astype(np.float64):
        product = np.linalg.norm(vector) * np.linalg.norm(landmark)
        distances.append(max(0.0, 1 - float(np.dot(vector, landmark)) / product))
    nearest = sorted(range(len(landmarks)), key=lambda i: (distances[i], i))[:NEAREST]
    weights = [1 / (distances[i] ** 2 + EPSILON) for i in nearest]
    return sum(w * positions[i] for w, i in zip(weights, nearest, strict=True)) / sum(weights)


def test_place_by_landmarks_follows_the_rule(clustered) -> None:
    landmarks, vectors = clustered(50, 12), clustered(20, 12, seed=5)
    positions = np.random.default_rng(3).standard_normal((50, 3)).astype(np.float32)
    placed = place_by_landmarks(vectors, landmarks, positions)
    expected = [by_the_rule(v.astype(np.float64), landmarks, positions) for v in vectors]
    assert placed.dtype == np.float32
    np.testing.assert_allclose(placed, expected, rtol=1e-4, atol=1e-5)


def test_a_landmark_lands_on_itself(clustered) -> None:
    landmarks = clustered(50, 12)
    positions = np.random.default_rng(3).standard_normal((50, 3)).astype(np.float32)
    placed = place_by_landmarks(landmarks * 7, landmarks, positions)
    np.testing.assert_allclose(placed, positions, atol=1e-4)


def test_few_landmarks_and_no_direction(clustered) -> None:
    landmarks = clustered(3, 4)
    positions = np.array([[0, 0, 0], [3, 0, 0], [0, 3, 0]], dtype=np.float32)
    placed = place_by_landmarks(np.zeros((1, 4), dtype=np.float32), landmarks, positions)
    np.testing.assert_allclose(placed, [[1, 1, 0]], atol=1e-6)
    with pytest.raises(ValueError, match="expected"):
        place_by_landmarks(landmarks, landmarks[:0], positions[:0])


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 14])
@pytest.mark.parametrize("dimension", [1, 2, 16])
def test_small_sets_are_placed_by_pca(clustered, rows: int, dimension: int) -> None:
    sample = clustered(rows, dimension)
    reducer, positions, notices = fit_reducer("umap", sample)
    assert reducer.method == "pca"
    assert len(notices) == 1
    assert positions.shape == (rows, 3)
    assert np.isfinite(positions).all()
    np.testing.assert_allclose(reducer.transform(sample), positions, atol=1e-4)


def test_twins_share_a_landmark_and_a_position(clustered) -> None:
    sample = clustered(10, 8)[[0, 1, 0, 2, 1, 0]]
    reducer, positions, _ = fit_reducer("pca", sample)
    np.testing.assert_array_equal(reducer.landmarks, sample[[0, 1, 3]])
    np.testing.assert_array_equal(positions[[0, 0, 1]], positions[[2, 5, 4]])


def test_pca_is_kept_as_data(clustered) -> None:
    reducer, _, _ = fit_reducer("pca", clustered(100, 20))
    parameters = json.loads(json.dumps(reducer.parameters))
    again = Reducer("pca", parameters, reducer.landmarks, reducer.positions)
    later = clustered(30, 20, seed=8)
    np.testing.assert_array_equal(again.transform(later), reducer.transform(later))


def test_unknown_method(clustered) -> None:
    with pytest.raises(InputError, match="choose one of umap, pca"):
        fit_reducer("tsne", clustered(5))


def test_a_large_space_places_rows_among_its_landmarks(tmp_path, monkeypatch):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hartonomous import Hartonomous
    from hartonomous.landing import texts_writer

    monkeypatch.setattr(texts_writer, "umap_max_rows", lambda: 40)
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((60, 8)).astype(np.float32)
    for name, part in (("first", vectors[:40]), ("second", vectors[40:])):
        table = pa.table({"text": [f"{name} {i}" for i in range(len(part))], "v": part.tolist()})
        pq.write_table(table, tmp_path / f"{name}.parquet")
        Hartonomous(tmp_path / "large.duckdb").ingest_embeddings(
            tmp_path / f"{name}.parquet", vector_column="v", model_name="m"
        )
    with Hartonomous(tmp_path / "large.duckdb").database.reader() as reader:
        landmarks = reader.query(
            "SELECT vector, x, y, z FROM raw.landmarks ORDER BY landmark_index"
        )
        placed = reader.query(
            "SELECT x, y, z FROM raw.positions WHERE embedding_id > 40 ORDER BY embedding_id"
        )
    expected = place_by_landmarks(
        vectors[40:],
        np.array([row[0] for row in landmarks], dtype=np.float32),
        np.array([row[1:] for row in landmarks], dtype=np.float32),
    )
    assert np.allclose(np.array(placed), expected, atol=1e-6)
