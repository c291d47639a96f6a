"""PCA by randomized SVD against the exact one."""

from __future__ import annotations

import numpy as np
import pytest

from hartonomous.projection.pca import PCA


def spread(rows=500, width=40, seed=1):
    """Data whose variance falls from axis to axis, turned and moved away from zero."""
    generator = np.random.default_rng(seed)
    data = generator.standard_normal((rows, width)) * (0.8 ** np.arange(width)) * 10
    turn, _ = np.linalg.qr(generator.standard_normal((width, width)))
    return (data @ turn + 100 * generator.standard_normal(width)).astype(np.float32)


def test_components_are_those_of_the_exact_decomposition():
    data = spread()
    pca = PCA.fit(data, seed=0)
    centered = data.astype(np.float64) - data.mean(axis=0, dtype=np.float64)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    for found, exact in zip(pca.components, axes[:3], strict=True):
        assert abs(found @ exact) > 0.9999
    np.testing.assert_allclose(pca.components @ pca.components.T, np.eye(3), atol=1e-5)


def test_transform_takes_the_mean_off():
    data = spread()
    points = PCA.fit(data, seed=0).transform(data)
    assert points.dtype == np.float32
    assert points.shape == (500, 3)
    assert np.abs(points.mean(axis=0)).max() < 1e-2
    variances = points.var(axis=0)
    assert (np.diff(variances) < 0).all()


def test_signs_follow_from_the_data():
    data = spread()
    components = PCA.fit(data, seed=0).components
    largest = np.abs(components).argmax(axis=1)
    assert (components[np.arange(3), largest] > 0).all()
    for seed in (1, 2):
        np.testing.assert_allclose(PCA.fit(data, seed=seed).components, components, atol=1e-3)


def test_the_same_seed_gives_the_same_answer_and_leaves_the_sample_alone():
    data = spread()
    copy = data.copy()
    one, two = PCA.fit(data, seed=5), PCA.fit(data, seed=5)
    np.testing.assert_array_equal(one.components, two.components)
    np.testing.assert_array_equal(data, copy)


@pytest.mark.parametrize("shape", [(1, 5), (2, 5), (50, 1), (50, 2), (3, 3)])
def test_missing_dimensions_are_zero(shape):
    data = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    pca = PCA.fit(data, seed=0)
    assert pca.components.shape == (3, shape[1])
    there = np.linalg.norm(pca.components, axis=1)
    rank = min(shape[0] - 1, shape[1])
    np.testing.assert_allclose(there[:rank], 1, atol=1e-5)
    if rank < 2:
        np.testing.assert_array_equal(there[rank + 1 :], 0)


def test_constant_data_stands_in_the_origin():
    pca = PCA.fit(np.full((10, 4), 7, dtype=np.float32), seed=0)
    np.testing.assert_allclose(pca.transform(np.full((2, 4), 7, dtype=np.float32)), 0, atol=1e-5)


@pytest.mark.parametrize("sample", [np.zeros((0, 3)), np.zeros(3), np.array([[np.nan, 1.0]])])
def test_what_is_no_sample_is_refused(sample):
    with pytest.raises(ValueError, match="sample"):
        PCA.fit(sample, seed=0)
