"""Catalogue, importance, heads, student and walk, against the model's own weights."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

NAME = "encoder.layer.2.attention.self.query.weight"


@pytest.fixture(scope="module")
def weights(minilm):
    return load_file(minilm / "model.safetensors")


@pytest.fixture(scope="module")
def connection(demo):
    with demo.database.connect() as connection:
        yield connection


def test_weight_rows_are_the_models_bytes(connection, weights):
    found = connection.execute(
        "SELECT vector FROM weight_rows WHERE model_name = 'all-MiniLM-L6-v2' "
        "AND tensor_name LIKE '%layer.2.attention.self.query.weight' ORDER BY row_index"
    ).fetchall()
    matrix = np.array([row for (row,) in found], dtype=np.float32)
    assert np.array_equal(matrix, weights[NAME])


def test_importance_is_the_percentile_of_the_norm(connection, weights):
    found = connection.execute(
        "SELECT row_index, l2_norm, importance FROM query_model_weights("
        "'all-MiniLM-L6-v2', 2, 'Q') ORDER BY row_index"
    ).fetchnumpy()
    norms = np.linalg.norm(weights[NAME].astype(np.float64), axis=1)
    np.testing.assert_allclose(found["l2_norm"], norms, rtol=1e-5)
    below = (norms[:, None] > norms[None, :]).sum(axis=1)
    # float32 sums may swap two rows whose norms are nearly equal
    np.testing.assert_allclose(found["importance"], below / (len(norms) - 1), atol=1.01 / 383)
    order = np.argsort(found["l2_norm"], kind="stable")
    assert (np.diff(found["importance"][order]) >= 0).all()
    assert (found["importance"].min(), found["importance"].max()) == (0.0, 1.0)


def test_a_head_is_a_plain_filter_and_a_vector(connection, weights):
    rows = connection.execute(
        "SELECT row_index FROM weight_rows WHERE model_name = 'all-MiniLM-L6-v2' AND layer = 2 "
        "AND weight_type = 'Q' AND head = 5 ORDER BY row_index"
    ).fetchall()
    assert [row for (row,) in rows] == list(range(160, 192))
    (vector,) = connection.execute(
        "SELECT vector FROM attention_heads WHERE model_name = 'all-MiniLM-L6-v2' AND layer = 2 "
        "AND weight_type = 'Q' AND head = 5"
    ).fetchone()
    assert np.array_equal(np.array(vector, np.float32), weights[NAME][160:192].reshape(-1))


def test_the_student_reads_zero_at_or_below_the_threshold(connection, weights):
    found = connection.execute(
        "SELECT row_index, vector, importance FROM weight_rows "
        "WHERE model_name = 'student_half' AND layer = 2 AND weight_type = 'Q' ORDER BY row_index"
    ).fetchall()
    matrix = np.array([row[1] for row in found], dtype=np.float32)
    importance = np.array([row[2] for row in found])
    assert matrix.shape == weights[NAME].shape
    expected = np.where((importance > 0.7)[:, None], weights[NAME], 0)
    assert np.array_equal(matrix, expected)
    assert 0.29 < (matrix != 0).any(axis=1).mean() < 0.31


def test_the_student_keeps_norms_biases_and_embeddings(connection):
    dropped = connection.execute(
        "SELECT DISTINCT weight_type FROM student_half WHERE NOT is_kept ORDER BY ALL"
    ).fetchall()
    assert {kind for (kind,) in dropped} == {"Q", "K", "V", "O", "UP", "DOWN", "OTHER"}
    (owned,) = connection.execute(
        "SELECT count(*) FROM (SELECT tensor_id FROM student_half "
        "EXCEPT SELECT tensor_id FROM landing.raw.tensors)"
    ).fetchone()
    assert owned == 0


def test_the_student_is_a_model_like_its_parent(connection, demo, weights):
    student = next(m for m in demo.models() if m["name"] == "student_half")
    assert student["layers"] == 3 and student["parent"] == "all-MiniLM-L6-v2"
    (original, kept, ratio) = connection.execute(
        "SELECT original_params, student_params, compression_ratio FROM student_compression"
    ).fetchone()
    assert original == sum(a.size for a in weights.values() if a.dtype.kind == "f")
    nonzero = connection.execute(
        "SELECT sum(CASE WHEN is_kept THEN width ELSE 0 END) FROM student_half"
    ).fetchone()
    assert (kept,) == nonzero
    assert ratio == pytest.approx(original / kept)


def test_the_walk_goes_to_the_nearest_unvisited_token(connection):
    found = connection.execute("FROM generate_via_spatial('planet', 12)").fetchall()
    tokens = connection.execute(
        "SELECT token, x, y, z FROM tokens WHERE NOT is_special ORDER BY token_id"
    ).fetchall()
    names = [token[0] for token in tokens]
    places = np.array([token[1:] for token in tokens], dtype=np.float64)
    free = np.ones(len(names), dtype=bool)
    here = names.index("planet")
    for seq, token, distance, _ in found:
        free[here] = False
        gaps = np.where(free, np.linalg.norm(places - places[here], axis=1), np.inf)
        here = int(np.argmin(gaps))
        assert (token, distance) == (names[here], pytest.approx(gaps[here], rel=1e-5)), seq
    assert [row[0] for row in found] == list(range(1, 13))
    assert found[-1][3].startswith("planet " if not found[0][1].startswith("##") else "planet")


def test_the_reports_measure_what_they_say(connection):
    quality = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT method, queries, recall_at_10, p50_ms, reference_error, query_source "
            "FROM search_quality"
        ).fetchall()
    }
    assert set(quality) == {"exact", "auto", "index", "spatial", "coarse", "hybrid"}
    assert quality["exact"][1] == 1.0 and quality["exact"][3] < 1e-5
    assert quality["index"][1] >= 0.98
    for method in ("spatial", "coarse", "hybrid"):
        assert 0 < quality[method][1] < 1, "a 3-D position does not find all of 384 dimensions"
    assert {row[4] for row in quality.values()} == {"held_out"}
    storage = dict(connection.execute("SELECT component, bytes FROM storage").fetchall())
    assert storage["positions"] == 252 * 12
    assert storage["embeddings"] == 252 * 384 * 4
    assert storage["vector index"] > 0
