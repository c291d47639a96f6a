"""Coding and k-means by themselves, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from hartonomous.cells.coding import choose_coding, make_coding
from hartonomous.cells.kmeans import group_centroids, train_centroids


def clustered(rows=4000, width=64, inner=10, seed=0):
    rng = np.random.default_rng(seed)
    basis = rng.standard_normal((inner, width))
    found = rng.standard_normal((rows, inner)) @ basis + 0.3 * rng.standard_normal((rows, width))
    return found.astype(np.float32)


def test_bits_are_thresholds_on_dimensions():
    sample = clustered()
    for name, bits in (("sign", 64), ("median", 64), ("terciles", 128), ("rotated", 64)):
        coding = make_coding(name, sample, seed=1)
        assert coding.bits(sample).shape == (len(sample), bits)
    assert (make_coding("sign", sample, 1).bits(sample) == (sample > 0)).all()
    balanced = make_coding("median", sample + 100, 1).bits(sample + 100).mean(axis=0)
    assert np.abs(balanced - 0.5).max() < 0.01
    rotation = make_coding("rotated", sample, 1).rotation
    assert np.allclose(rotation @ rotation.T, np.eye(64), atol=1e-5)


def test_signs_are_kept_where_they_tell_the_neighbors():
    wide = clustered(width=384)
    chosen = choose_coding(wide, "cosine", seed=1)
    assert chosen.name == "sign" and chosen.kept >= 0.97


def test_vectors_far_from_the_origin_are_not_coded_by_sign():
    far = clustered(width=128) + 50
    chosen = choose_coding(far, "euclidean", seed=1)
    assert chosen.name != "sign"
    assert chosen.kept > 0.8


def test_a_few_dominant_dimensions_are_rotated_or_cut_finer():
    skewed = clustered(width=128)
    skewed[:, :4] *= 30
    chosen = choose_coding(skewed, "cosine", seed=1)
    assert chosen.name in ("rotated", "terciles")
    assert chosen.kept > choose_coding_kept(skewed, "sign")


def choose_coding_kept(sample, name):
    from hartonomous.cells import coding

    rows = sample[np.random.default_rng(1).permutation(len(sample))[: coding._PROBE_ROWS]]
    queries = rows[: coding._PROBE_QUERIES]
    truth = coding._nearest(coding._distances(queries, rows, "cosine"), 10)
    return coding._kept(make_coding(name, rows, 1), queries, rows, "cosine", truth)


def test_a_handful_of_rows_is_coded_by_sign():
    assert choose_coding(clustered(rows=12), "cosine", 1).name == "sign"


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "dot"])
def test_centroids_are_means_of_their_rows(metric):
    sample = clustered(rows=600, width=16)
    centroids = train_centroids(sample, 12, metric, seed=3)
    assert centroids.shape == (12, 16) and centroids.dtype == np.float32
    if metric == "euclidean":
        nearest = ((sample[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
        spread = ((sample - centroids[nearest]) ** 2).sum()
        assert spread < 0.8 * ((sample - sample.mean(axis=0)) ** 2).sum()
    else:
        assert np.allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-5)
    assert (train_centroids(sample, 12, metric, seed=3) == centroids).all()


def test_rows_that_repeat_and_rows_of_zeros():
    same = np.tile(np.float32([[1, 2, 3]]), (50, 1))
    assert len(train_centroids(same, 8, "cosine", 0)) == 1
    assert train_centroids(np.zeros((9, 4), np.float32), 3, "cosine", 0).shape == (1, 4)
    centers, groups = group_centroids(clustered(rows=100, width=8), "euclidean", seed=0)
    assert len(centers) == 10 and set(groups) == set(range(10))
    centers, groups = group_centroids(clustered(rows=100, width=8), "cosine", seed=0)
    assert np.allclose(np.linalg.norm(centers, axis=1), 1)
    assert set(groups) == set(range(len(centers)))
    centers, groups = group_centroids(np.zeros((1, 4), np.float32), "dot", seed=0)
    assert centers.shape == (1, 4) and groups.tolist() == [0]
