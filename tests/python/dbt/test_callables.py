"""The callables, as an analyst calls them from SQL, against NumPy over the same rows."""

from __future__ import annotations

import json
import re

import duckdb
import numpy as np
import pytest

from hartonomous.projection.landmarks import place_by_landmarks
from hartonomous.search import vector_text


@pytest.fixture(scope="module")
def connection(demo):
    with demo.database.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def rows(connection):
    found = connection.execute(
        "SELECT embedding_id, embedding, x, y, z, metadata, source_text FROM embeddings "
        "ORDER BY embedding_id"
    ).fetchnumpy()
    found["embedding"] = np.stack(found["embedding"]).astype(np.float64)
    found["position"] = np.stack([found[a] for a in "xyz"], axis=1).astype(np.float64)
    return found


@pytest.fixture(scope="module")
def queries(connection):
    found = connection.execute(
        "SELECT vector FROM landing.raw.queries ORDER BY query_id LIMIT 12"
    ).fetchall()
    return [np.array(vector, dtype=np.float32) for (vector,) in found]


def distances(metric: str, matrix: np.ndarray, query: np.ndarray) -> np.ndarray:
    query = query.astype(np.float64)
    if metric == "dot":
        return -(matrix @ query)
    if metric == "euclidean":
        return np.linalg.norm(matrix - query, axis=1)
    norms = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
    return 1 - matrix @ query / norms


def plan(connection, statement: str, parameters: list) -> str:
    return connection.execute(f"EXPLAIN {statement}", parameters).fetchall()[0][1]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "dot"])
@pytest.mark.parametrize("top_k", [1, 10, 10_000])
def test_exact_search_equals_numpy(connection, rows, queries, metric, top_k):
    for query in queries[:4]:
        found = connection.execute(
            "FROM exact_vector_search($1, $2, $3)", [vector_text(query), top_k, metric]
        ).fetchall()
        expected = distances(metric, rows["embedding"], query)
        order = np.lexsort((rows["embedding_id"], expected))[:top_k]
        assert len(found) == min(top_k, len(expected))
        np.testing.assert_allclose([row[2] for row in found], expected[order], atol=1e-5)
        if top_k == 1:
            assert found[0][0] == rows["embedding_id"][order[0]]
        similarity = {
            "cosine": 1 - expected[order],
            "euclidean": 1 / (1 + expected[order]),
            "dot": -expected[order],
        }[metric]
        np.testing.assert_allclose([row[3] for row in found], similarity, atol=1e-5)


def test_exact_search_has_defaults_and_stays_out_of_the_index(connection, queries):
    vector = vector_text(queries[0])
    assert len(connection.execute("FROM exact_vector_search($1)", [vector]).fetchall()) == 10
    assert "HNSW" not in plan(connection, "FROM exact_vector_search($1)", [vector])


def test_index_search_uses_the_index_and_finds_the_same(connection, rows, queries):
    hits = 0
    for query in queries:
        vector = vector_text(query)
        found = connection.execute("FROM vector_index_search($1, 10)", [vector]).fetchall()
        exact = connection.execute("FROM exact_vector_search($1, 10)", [vector]).fetchall()
        hits += len({row[0] for row in found} & {row[0] for row in exact})
    assert hits >= 0.98 * 10 * len(queries)
    assert "HNSW_INDEX_SCAN" in plan(connection, "FROM vector_index_search($1, 10)", [vector])


def test_filtered_index_search_is_exact_and_complete(connection, queries):
    filters = json.dumps([{"column": "domain", "operator": "=", "value": "law"}])
    vector = vector_text(queries[0])
    statement = "FROM vector_index_search($1, 10, $2)"
    found = connection.execute(statement, [vector, filters]).fetchall()
    exact = connection.execute(
        "FROM exact_vector_search($1, 10, 'cosine', $2)", [vector, filters]
    ).fetchall()
    assert found == exact and len(found) == 10
    assert "HNSW_INDEX_SCAN" not in plan(connection, statement, [vector, filters])


@pytest.mark.parametrize("top_k", [1, 10, 60, 10_000])
def test_fine_spatial_search_is_exact_in_three_dimensions(connection, rows, top_k):
    points = [*rows["position"][::50], rows["position"].max(axis=0) + 25.0]
    for point in points:
        found = connection.execute(
            "FROM approx_spatial_search($1, $2, $3, $4)", [*map(float, point), top_k]
        ).fetchall()
        expected = np.linalg.norm(rows["position"] - point, axis=1)
        order = np.lexsort((rows["embedding_id"], expected))[:top_k]
        np.testing.assert_allclose([row[2] for row in found], expected[order], atol=1e-4)


def test_fine_spatial_search_uses_the_spatial_index(connection):
    statement = "FROM approx_spatial_search(0, 0, 0, 10)"
    assert "RTREE_INDEX_SCAN" in plan(connection, statement, [])


@pytest.mark.parametrize("use_coarse", [0, 1])
def test_coordinates_may_be_literals_of_any_size(connection, rows, use_coarse):
    """An analyst's literal is a DECIMAL in DuckDB, whose arithmetic overflows."""
    point = np.array([10.590509831225818, -123456.25, 0.0000001])
    found = connection.execute(
        f"FROM approx_spatial_search(10.590509831225818, -123456.25, 0.0000001, 5, {use_coarse})"
    ).fetchall()
    distances = np.linalg.norm(rows["position"] - point, axis=1)
    assert len(found) == 5
    if not use_coarse:
        np.testing.assert_allclose([row[2] for row in found], np.sort(distances)[:5], rtol=1e-6)


def test_coarse_search_stays_in_the_deepest_cell_that_holds_enough(connection, rows):
    for index in (0, 17, 101):
        x, y, z = map(float, rows["position"][index])
        found = connection.execute(
            "FROM approx_spatial_search($1, $2, $3, 5, 1)", [x, y, z]
        ).fetchall()
        own = connection.execute(
            "SELECT grid_cell_1, grid_cell_2, grid_cell_3, grid_cell_4 FROM embeddings "
            "WHERE embedding_id = $1",
            [int(rows["embedding_id"][index])],
        ).fetchone()
        level, members = 0, rows["embedding_id"]
        for candidate in (4, 3, 2, 1):
            cell = connection.execute(
                f"SELECT embedding_id FROM embeddings WHERE grid_cell_{candidate} = $1",
                [own[candidate - 1]],
            ).fetchall()
            if len(cell) >= 5:
                level, members = candidate, np.array([i for (i,) in cell])
                break
        assert level > 0, "the sample texts should fill some cell"
        inside = np.isin(rows["embedding_id"], members)
        expected = np.sort(np.linalg.norm(rows["position"][inside] - [x, y, z], axis=1))[:5]
        np.testing.assert_allclose([row[2] for row in found], expected, atol=1e-4)
        assert {row[0] for row in found} <= set(members.tolist())


def test_hybrid_search_reranks_the_spatial_candidates(connection, rows, queries):
    for query in queries[:4]:
        vector = vector_text(query)
        place = connection.execute("FROM place_query($1)", [vector]).fetchone()
        found = connection.execute(
            "FROM hybrid_search($1, $2, $3, $4, 40, 10)", [vector, *place]
        ).fetchall()
        spatial = np.linalg.norm(rows["position"] - place, axis=1)
        candidates = np.lexsort((rows["embedding_id"], spatial))[:40]
        expected = distances("cosine", rows["embedding"][candidates], query)
        np.testing.assert_allclose([r[2] for r in found], np.sort(expected)[:10], atol=1e-5)
        by_id = dict(zip(rows["embedding_id"], spatial, strict=True))
        np.testing.assert_allclose([r[4] for r in found], [by_id[r[0]] for r in found], atol=1e-4)


def test_place_query_is_the_rule_of_the_python_side(connection, queries):
    landmarks = connection.execute(
        "SELECT embedding, x, y, z FROM landmarks ORDER BY landmark_index"
    ).fetchall()
    vectors = np.array([row[0] for row in landmarks], dtype=np.float32)
    positions = np.array([row[1:] for row in landmarks], dtype=np.float32)
    placed = [
        connection.execute("FROM place_query($1)", [vector_text(query)]).fetchone()
        for query in queries
    ]
    expected = place_by_landmarks(np.stack(queries), vectors, positions)
    np.testing.assert_allclose(placed, expected, atol=1e-3)


OPERATORS = {
    "=": ("domain", "law", lambda m: m["domain"] == "law"),
    "equals": ("domain", "law", lambda m: m["domain"] == "law"),
    "!=": ("domain", "law", lambda m: m["domain"] != "law"),
    "not_equals": ("domain", "law", lambda m: m["domain"] != "law"),
    "<": ("difficulty", 2, lambda m: m["difficulty"] < 2),
    "<=": ("difficulty", 2, lambda m: m["difficulty"] <= 2),
    ">": ("difficulty", 2, lambda m: m["difficulty"] > 2),
    ">=": ("difficulty", 2, lambda m: m["difficulty"] >= 2),
    "in": ("domain", ["law", "music"], lambda m: m["domain"] in ("law", "music")),
    "between": ("difficulty", [2, 3], lambda m: 2 <= m["difficulty"] <= 3),
    "range": ("difficulty", [2, 3], lambda m: 2 <= m["difficulty"] <= 3),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_filters_are_applied_by_every_search(connection, rows, queries, operator):
    column, value, passes = OPERATORS[operator]
    filters = json.dumps([{"column": column, "operator": operator, "value": value}])
    metadata = [json.loads(text) for text in rows["metadata"]]
    expected = {int(i) for i, m in zip(rows["embedding_id"], metadata, strict=True) if passes(m)}
    assert 0 < len(expected) < len(metadata)
    vector = vector_text(queries[0])
    for statement in (
        "FROM exact_vector_search($vector, 10000, 'cosine', $filters)",
        "FROM vector_index_search($vector, 10000, $filters)",
        "FROM approx_spatial_search(0, 0, 0, 10000, 0, $filters)",
        "FROM approx_spatial_search(0, 0, 0, 10000, 1, $filters)",
        "FROM hybrid_search($vector, 0, 0, 0, 10000, 10000, $filters)",
    ):
        values = {"vector": vector, "filters": filters}
        found = connection.execute(
            statement, {k: v for k, v in values.items() if f"${k}" in statement}
        ).fetchall()
        assert {row[0] for row in found} == expected, statement


def test_filters_combine_and_hostile_values_stay_data(connection, queries):
    def ids(*filters):
        return connection.execute(
            "FROM exact_vector_search($1, 10000, 'cosine', $2)",
            [vector_text(queries[0]), json.dumps(filters)],
        ).fetchall()

    law = {"column": "domain", "operator": "=", "value": "law"}
    easy = {"column": "difficulty", "operator": "=", "value": 1}
    assert 0 < len(ids(law, easy)) < len(ids(law))
    assert ids({"column": "domain", "operator": "=", "value": "law' OR 1=1 --"}) == []
    assert ids({"column": "x') OR 1=1 --", "operator": "=", "value": "1"}) == []
    assert ids({"column": 'a"b/~c', "operator": "=", "value": "1"}) == []
    with pytest.raises(duckdb.Error, match="unknown operator like"):
        ids({"column": "domain", "operator": "like", "value": "%"})


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("FROM exact_vector_search($1, -1)", "negative"),
        ("FROM exact_vector_search($1, 10, 'manhattan')", "cosine, euclidean or dot"),
        ("FROM exact_vector_search($1, 10, filters := 'no json')", "JSON"),
    ],
)
def test_bad_arguments_are_refused(connection, queries, statement, message):
    with pytest.raises(duckdb.Error, match=message):
        connection.execute(statement, [vector_text(queries[0])]).fetchall()


def test_a_vector_of_another_dimension_is_refused(connection):
    with pytest.raises(duckdb.Error, match="384"):
        connection.execute("FROM exact_vector_search('[1, 2, 3]')").fetchall()


def test_bodies_work_under_any_alias(demo, queries):
    from hartonomous.extensions import load_extensions

    with duckdb.connect() as other:
        load_extensions(other)
        other.execute(f"ATTACH '{demo.database.landed}' AS landing (READ_ONLY)")
        other.execute(f"ATTACH '{demo.database.built}' AS any_name_at_all (READ_ONLY)")
        assert other.execute("SELECT count(*) FROM any_name_at_all.main.models").fetchone() == (2,)
        other.execute("USE any_name_at_all")
        found = other.execute("FROM exact_vector_search($1)", [vector_text(queries[0])]).fetchall()
        assert len(found) == 10
        assert other.execute("SELECT count(*) FROM embeddings_production").fetchone() == (252,)


def test_no_body_names_the_main_database(connection):
    # DuckDB calls demo.built.duckdb `demo` where dbt opens it
    name = re.compile(r'\b(demo|built)"?\."?main\b')
    bodies = connection.execute(
        "SELECT coalesce(sql, '') FROM duckdb_views() WHERE database_name = 'built' UNION ALL "
        "SELECT coalesce(macro_definition, '') FROM duckdb_functions() "
        "WHERE database_name = 'built'"
    ).fetchall()
    assert len(bodies) > 20
    assert not [body for (body,) in bodies if name.search(body)]
