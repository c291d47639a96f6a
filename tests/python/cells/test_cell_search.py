"""Searching by cells and codes against exact search and NumPy, over three metrics."""

from __future__ import annotations

import json

import numpy as np
import pytest
from searched_spaces import DIMENSIONS, QUERIES, ROWS, vectors_of

from hartonomous.cells.coding import Coding
from hartonomous.search import vector_text

pytestmark = pytest.mark.xdist_group("cells")

SUFFIX = {"cosine": "", "euclidean": "_euclidean_100_euclidean", "dot": "_dot_70_dot"}
METRICS = pytest.mark.parametrize("metric", list(ROWS))


def ids(connection, call, **parameters):
    rows = connection.execute(f"SELECT embedding_id FROM {call}", parameters).fetchall()
    return [row[0] for row in rows]


def distances(metric, queries, rows):
    products = queries @ rows.T
    if metric == "dot":
        return -products
    if metric == "euclidean":
        return ((queries[:, None] - rows) ** 2).sum(axis=2) ** 0.5
    lengths = np.linalg.norm(queries, axis=1)[:, None] * np.linalg.norm(rows, axis=1)
    return 1 - products / lengths


def landed_coding(connection, metric):
    name, training = connection.execute(
        "SELECT t.coding, t.training_id FROM landing.raw.cell_trainings t "
        "JOIN landing.raw.spaces s ON s.space_id = t.space_id WHERE s.metric = ?",
        [metric],
    ).fetchone()
    bits = connection.execute(
        "SELECT dimension, threshold FROM landing.raw.code_bits WHERE training_id = ? ORDER BY bit",
        [training],
    ).fetchnumpy()
    rotation = connection.execute(
        "SELECT vector FROM landing.raw.code_rotations WHERE training_id = ? ORDER BY dimension",
        [training],
    ).fetchall()
    return Coding(
        name,
        np.asarray(bits["dimension"]),
        np.asarray(bits["threshold"], dtype=np.float32),
        np.array([row[0] for row in rotation], dtype=np.float32) if rotation else None,
    )


def words_of(bits):
    """Words of 64 bits, the first bit the highest of its word, a short last word filled low."""
    words = []
    for start in range(0, bits.shape[1], 64):
        part = bits[:, start : start + 64]
        places = np.arange(part.shape[1] - 1, -1, -1, dtype=np.uint64)
        words.append((part.astype(np.uint64) << places).sum(axis=1, dtype=np.uint64))
    return np.stack(words, axis=1)


@METRICS
def test_codes_are_those_of_numpy_bit_for_bit(searched, metric):
    rows, _ = vectors_of(metric)
    with searched.database.connect() as connection:
        coding = landed_coding(connection, metric)
        words = (len(coding.thresholds) + 63) // 64
        columns = ", ".join(f"code_{word}" for word in range(words))
        built = connection.execute(
            f"SELECT {columns} FROM cell_codes{SUFFIX[metric]} WHERE is_home ORDER BY embedding_id"
        ).fetchall()
    expected = words_of(coding.bits(rows))
    wrong = (np.array(built, dtype=np.uint64) != expected).any(axis=1)
    # A rotated number within rounding of its threshold may fall on either side.
    assert wrong.mean() <= (0.01 if coding.rotation is not None else 0)


@METRICS
def test_every_row_stands_in_its_nearest_cell_and_in_others_by_the_rule(searched, metric):
    rows, _ = vectors_of(metric)
    with searched.database.connect() as connection:
        suffix = SUFFIX[metric]
        cells = connection.execute(
            f"SELECT cell, embedding FROM cells{suffix} ORDER BY cell"
        ).fetchall()
        stands = connection.execute(
            f"SELECT embedding_id, cell, is_home FROM cell_codes{suffix}"
        ).fetchall()
    centroids = np.array([row[1] for row in cells], dtype=np.float32)
    number = {row[0]: i for i, row in enumerate(cells)}
    far = distances("cosine" if metric == "dot" else metric, rows, centroids)
    between = distances("cosine" if metric == "dot" else metric, centroids, centroids)
    home = {e: number[c] for e, c, is_home in stands if is_home}
    assert sorted(home) == list(range(1, len(rows) + 1))
    nearest = far[np.arange(len(rows)), [home[e] for e in sorted(home)]]
    # They are looked up in an index, which now and then takes the second nearest for the nearest.
    assert (nearest <= far.min(axis=1) + 1e-5).mean() > 0.98
    for embedding, cell, is_home in stands[::37]:
        if not is_home:
            here = far[embedding - 1, number[cell]]
            at_home = far[embedding - 1, home[embedding]]
            assert here <= 2 * at_home + 1e-5
            assert 1.1 * between[home[embedding], number[cell]] >= here - 1e-5
    assert 1.05 < len(stands) / len(rows) < 4


@METRICS
def test_all_cells_and_all_candidates_are_exact_search(searched, metric):
    rows, queries = vectors_of(metric)
    truth = np.argsort(distances(metric, queries[:20], rows), axis=1, kind="stable")[:, :10] + 1
    with searched.database.connect() as connection:
        for query, expected in zip(queries[:20], truth, strict=True):
            call = f"cell_search{SUFFIX[metric]}($vector, 10, 100000, {len(rows)})"
            assert ids(connection, call, vector=vector_text(query)) == expected.tolist()


@METRICS
def test_the_served_setting_meets_its_target_on_strangers(searched, metric):
    rows, queries = vectors_of(metric)
    truth = np.argsort(distances(metric, queries, rows), axis=1)[:, :10] + 1
    hits = 0
    with searched.database.connect() as connection:
        for query, expected in zip(queries, truth, strict=True):
            call = f"vector_search{SUFFIX[metric]}($vector, 10)"
            hits += len({*ids(connection, call, vector=vector_text(query))} & {*expected.tolist()})
        served = connection.execute(
            f"SELECT recall FROM search_settings{SUFFIX[metric]}"
        ).fetchone()
    assert hits / (10 * QUERIES) >= 0.97
    assert served[0] >= 0.97


@METRICS
def test_cell_search_meets_the_target_whichever_path_is_served(searched, metric):
    rows, queries = vectors_of(metric)
    suffix = SUFFIX[metric]
    with searched.database.connect() as connection:
        setting, recall = connection.execute(
            f"SELECT concat_ws(', ', cells_probes, cells_candidates, cells_reach), cells_recall "
            f"FROM search_settings{suffix}"
        ).fetchone()
        truth = np.argsort(distances(metric, queries, rows), axis=1)[:, :10] + 1
        hits = 0
        for query, expected in zip(queries, truth, strict=True):
            vector = vector_text(query)
            found = ids(connection, f"cell_search{suffix}($vector, 10)", vector=vector)
            hits += len({*found} & {*expected.tolist()})
            asked = f"cell_search{suffix}($vector, 10, {setting})"
            assert ids(connection, asked, vector=vector) == found
    assert recall >= 0.97
    assert hits / (10 * QUERIES) >= 0.97


@METRICS
def test_tuning_queries_have_their_exact_neighbors(searched, metric):
    """Landed queries' as NumPy found them at landing, others' as SQL does."""
    rows, _ = vectors_of(metric)
    with searched.database.connect() as connection:
        found = connection.execute(
            f"SELECT any_value(query.embedding), any_value(query.own_id), list(embedding_id) "
            f"FROM tuning_queries{SUFFIX[metric]} AS query "
            f"JOIN tuning_neighbors{SUFFIX[metric]} USING (query_id) GROUP BY query_id"
        ).fetchall()
        queries = connection.execute(
            f"SELECT count(*) FROM tuning_queries{SUFFIX[metric]}"
        ).fetchone()[0]
    assert len(found) == queries >= 20
    assert any(own is None for _, own, _ in found) == (metric == "cosine")
    for vector, own, neighbors in found:
        distance = distances(metric, np.array([vector], dtype=np.float32), rows)[0]
        if own is not None:
            distance[own - 1] = np.inf
        assert len(neighbors) == len({*neighbors}) == 10
        tenth = np.sort(distance)[9]
        assert distance[np.array(neighbors) - 1].max() <= tenth + 1e-6 * abs(tenth)


def test_the_curve_is_what_searches_find(searched):
    rows, queries = vectors_of("cosine")
    truth = np.argsort(distances("cosine", queries, rows), axis=1)[:, :10] + 1
    with searched.database.connect() as connection:
        for probes, candidates in ((2, 20), (8, 20), (16, 50)):
            measured, reach = connection.execute(
                "SELECT (recall + recall_choosing) / 2, reach FROM search_curve "
                "WHERE probes = ? AND candidates = ?",
                [probes, candidates],
            ).fetchone()
            hits = sum(
                len(
                    {
                        *ids(
                            connection,
                            f"cell_search($vector, 10, {probes}, {candidates}, {reach})",
                            vector=vector_text(query),
                        )
                    }
                    & {*expected.tolist()}
                )
                for query, expected in zip(queries, truth, strict=True)
            )
            # Rows that differ alike count against the curve and may turn out well in a search;
            # NumPy may see another tenth neighbor where two are as near.
            assert measured - 0.01 <= hits / (10 * QUERIES) <= measured + 0.05


FILTERS = [
    [{"column": "kind", "operator": "=", "value": "b"}],
    [{"column": "kind", "operator": "in", "value": ["a", "d"]}],
    [{"column": "kind", "operator": "!=", "value": "a"}],
    [{"column": "rank", "operator": "between", "value": [100, 130]}],
    [{"column": "rank", "operator": "<", "value": 3}],
    [
        {"column": "rank", "operator": ">=", "value": 500},
        {"column": "kind", "operator": "=", "value": "c"},
    ],
    [{"column": "source", "operator": "=", "value": "cosine"}],
    [{"column": "embedding_id", "operator": "<=", "value": 40}],
    [{"column": "nothing", "operator": "=", "value": "x"}],
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda f: f"{f[0]['column']}{f[0]['operator']}")
def test_filters_find_what_exact_search_finds(searched, filters):
    _, queries = vectors_of("cosine")
    hits = total = 0
    with searched.database.connect() as connection:
        for query in queries[:12]:
            given = {"vector": vector_text(query), "filters": json.dumps(filters)}
            expected = ids(
                connection, "exact_vector_search($vector, 10, 'cosine', $filters)", **given
            )
            found = ids(connection, "vector_search($vector, 10, $filters)", **given)
            assert len(found) == len(expected)
            hits, total = hits + len({*found} & {*expected}), total + len(expected)
    assert hits >= 0.98 * total


def test_no_filter_in_the_list_lets_every_row_pass(searched):
    query = vectors_of("cosine")[1][0]
    with searched.database.connect() as connection:
        given = {"vector": vector_text(query)}
        truth = ids(connection, "exact_vector_search($vector, 10)", **given)
        found = ids(connection, "vector_search($vector, 10, '[]')", **given)
    assert len(found) == 10 and len({*found} & {*truth}) >= 9


def test_bad_filters_are_refused(searched):
    import duckdb

    _, queries = vectors_of("cosine")
    with searched.database.connect() as connection:
        for filters in ("no json", '[{"column": "rank", "operator": "~", "value": 1}]'):
            with pytest.raises(duckdb.Error, match=r"Malformed JSON|unknown operator ~"):
                ids(
                    connection,
                    "vector_search($vector, 10, $filters)",
                    vector=vector_text(queries[0]),
                    filters=filters,
                )


def test_nothing_is_farther_than_the_maximum_distance(searched):
    rows, queries = vectors_of("cosine")
    far = np.sort(distances("cosine", queries[:5], rows), axis=1)
    with searched.database.connect() as connection:
        for query, expected in zip(queries[:5], far, strict=True):
            limit = float(expected[30] + expected[31]) / 2
            found = ids(
                connection,
                "vector_search($vector, 1000, NULL, $limit)",
                vector=vector_text(query),
                limit=limit,
            )
            assert len(found) == 31


@METRICS
def test_a_batch_is_as_many_searches(searched, metric):
    _, queries = vectors_of(metric)
    width = DIMENSIONS[metric]
    with searched.database.connect() as connection:
        connection.execute(f"CREATE TEMP TABLE asked (query_id INTEGER, embedding FLOAT[{width}])")
        for number, query in enumerate(queries[:15]):
            connection.execute(
                f"INSERT INTO asked SELECT ?, CAST(? AS FLOAT[{width}])",
                [number, vector_text(query)],
            )
        batch = connection.execute(
            f"SELECT query_id, embedding_id FROM batch_search{SUFFIX[metric]}('asked', 10)"
        ).fetchall()
        same = 0
        for number, query in enumerate(queries[:15]):
            one = ids(
                connection, f"vector_search{SUFFIX[metric]}($vector, 10)", vector=vector_text(query)
            )
            same += len({*one} & {e for q, e in batch if q == number})
    assert len(batch) == 150 and same >= 147


@METRICS
def test_neighbors_leave_the_row_itself_out(searched, metric):
    rows, _ = vectors_of(metric)
    far = distances(metric, rows[:6], rows)
    far[np.arange(6), np.arange(6)] = np.inf
    truth = np.argsort(far, axis=1)[:, :5] + 1
    with searched.database.connect() as connection:
        for number, expected in enumerate(truth, start=1):
            found = ids(connection, f"neighbors{SUFFIX[metric]}({number}, 5)")
            assert number not in found and len({*found} & {*expected.tolist()}) >= 4
        assert ids(connection, f"neighbors{SUFFIX[metric]}(999999, 5)") == []


def test_duplicates_are_the_pairs_above_a_similarity(searched):
    rows, _ = vectors_of("cosine")
    similarity = 1 - distances("cosine", rows, rows)
    expected = {(i + 1, j + 1) for i, j in np.argwhere(np.triu(similarity, 1) >= 0.97).tolist()}
    assert len(expected) > 20
    with searched.database.connect() as connection:
        found = connection.execute(
            "SELECT embedding_id, other_embedding_id, similarity FROM duplicates(0.97, 100000)"
        ).fetchall()
    pairs = {row[:2] for row in found}
    assert pairs <= expected and len(pairs) == len(found)
    assert len(pairs) >= 0.95 * len(expected)
    assert all(abs(s - similarity[i - 1, j - 1]) < 1e-5 for i, j, s in found)
    assert [row[2] for row in found] == sorted((row[2] for row in found), reverse=True)


def test_more_results_than_tuned_for(searched):
    rows, queries = vectors_of("cosine")
    truth = np.argsort(distances("cosine", queries[:10], rows), axis=1)[:, :100] + 1
    hits = 0
    with searched.database.connect() as connection:
        for query, expected in zip(queries[:10], truth, strict=True):
            found = ids(connection, "vector_search($vector, 100)", vector=vector_text(query))
            assert len(found) == 100
            hits += len({*found} & {*expected.tolist()})
    assert hits >= 950


def test_hybrid_says_which_way_a_row_was_found(searched):
    _, queries = vectors_of("cosine")
    with searched.database.connect() as connection:
        vector = vector_text(queries[0])
        placed = connection.execute("FROM place_query($v)", {"v": vector}).fetchone()
        found = connection.execute(
            "SELECT embedding_id, spatial_distance, code_difference "
            "FROM hybrid_search($v, $x, $y, $z, 30, 20)",
            {"v": vector, **dict(zip("xyz", placed, strict=True))},
        ).fetchall()
        exact = ids(connection, "exact_vector_search($v, 10)", v=vector)
    assert all(spatial is not None or code is not None for _, spatial, code in found)
    assert any(spatial is None for _, spatial, _ in found)
    assert len({*exact} & {row[0] for row in found}) >= 9


def test_codes_lie_in_small_row_groups_so_that_other_cells_are_passed_over(searched):
    with searched.database.connect() as connection:
        connection.execute("USE built")
        [(largest, groups)] = connection.execute(
            "SELECT max(count), count(DISTINCT row_group_id) FROM pragma_storage_info('cell_codes')"
        ).fetchall()
    assert largest <= 4096 and groups > 1
