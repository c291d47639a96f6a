"""Exact neighbors: equal to brute force, whatever the batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hartonomous.texts.neighbors import Neighbors


def brute_force(queries: np.ndarray, vectors: np.ndarray, k: int) -> list[list[int]]:
    found = []
    for query in queries.astype(np.float64):
        distances = [
            round(1 - np.dot(query, v) / np.linalg.norm(query) / np.linalg.norm(v), 12)
            for v in vectors.astype(np.float64)
        ]
        found.append(sorted(range(len(vectors)), key=lambda i: (distances[i], i))[:k])
    return found


def offered(queries: np.ndarray, vectors: np.ndarray, cuts: list[int]) -> Neighbors:
    neighbors = Neighbors(queries)
    edges = [0, *sorted(cut % (len(vectors) + 1) for cut in cuts), len(vectors)]
    for start, end in pairwise(edges):
        neighbors.offer(np.arange(start, end), vectors[start:end])
    return neighbors


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 60),
    st.integers(1, 40),
    st.lists(st.integers(0, 1000), max_size=5),
)
def test_batches_change_nothing(seed: int, rows: int, dimension: int, cuts: list[int]) -> None:
    generator = np.random.default_rng(seed)
    # few distinct values: many ties, many equal vectors
    vectors = generator.integers(-1, 2, (rows, dimension)).astype(np.float32) + 0.25
    queries = generator.integers(-1, 2, (4, dimension)).astype(np.float32) + 0.25
    whole = offered(queries, vectors, [])
    parts = offered(queries, vectors, cuts)
    np.testing.assert_array_equal(whole.ids, parts.ids)
    np.testing.assert_array_equal(whole.distances, parts.distances)


def test_brute_force() -> None:
    generator = np.random.default_rng(1)
    vectors = generator.standard_normal((500, 24)).astype(np.float32)
    vectors[100:120] = vectors[0:20]  # twins: the lower id comes first
    queries = np.concatenate([vectors[:5], generator.standard_normal((5, 24))]).astype(np.float32)
    found = offered(queries, vectors, [7, 64, 300])
    assert found.ids.tolist() == brute_force(queries, vectors, 10)


def test_fewer_than_ten_and_none() -> None:
    queries = np.eye(2, dtype=np.float32)
    neighbors = Neighbors(queries)
    assert neighbors.offer(np.array([7]), np.ones((1, 2), dtype=np.float32)) == {0, 1}
    assert neighbors.ids[0].tolist() == [7] + [-1] * 9
    assert np.isinf(neighbors.distances[0, 1:]).all()
    assert neighbors.offer(np.array([], dtype=int), np.empty((0, 2), dtype=np.float32)) == set()


def test_vectors_without_direction_are_nobodys_neighbors() -> None:
    neighbors = Neighbors(np.ones((1, 3), dtype=np.float32))
    assert neighbors.offer(np.array([1]), np.zeros((1, 3), dtype=np.float32)) == set()
