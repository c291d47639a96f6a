"""Cells, codes and their searches on SQL Server: the statements that dbt compiles, run on DuckDB.

Compared with NumPy: which cells rows stand in, their codes bit for bit, and the candidates and
results of searches. Whether a server would accept them is the checker's to say
(test_tsql_rehearsal).
"""

from __future__ import annotations

import numpy as np
import pytest
from compiled_cells import CompiledCells, copy_project
from numpy_cell_search import NumpySpace
from tsql_on_duckdb import Thrown

from hartonomous.cells.coding import make_coding
from hartonomous.cells.kmeans import group_centroids, train_centroids

pytestmark = pytest.mark.xdist_group("tsql-cells")

SPACES = [("cosine", "sign", 24), ("dot", "rotated", 10), ("euclidean", "terciles", 24)]
"""Metric, coding, cells: above 16 of them, rows are compared with groups first."""


@pytest.fixture(scope="module")
def copied_project(root, tmp_path_factory):
    return copy_project(root, tmp_path_factory.mktemp("cells"))


@pytest.fixture(scope="module", params=SPACES, ids=lambda space: "-".join(map(str, space[:2])))
def spaces(request, copied_project):
    metric, name, cells = request.param
    rng = np.random.default_rng(11)
    flat = rng.standard_normal((420, 5)) @ rng.standard_normal((5, 64))
    vectors = (flat + 0.2 * rng.standard_normal((420, 64)) + 0.1).astype(np.float32)
    centroids = train_centroids(vectors, cells, metric, 3)
    centers, groups = group_centroids(centroids, metric, 3)
    coding = make_coding(name, vectors, 3)
    compiled = CompiledCells(copied_project, metric, coding, vectors, centroids, groups, centers)
    levels = (groups, centers) if cells > 16 else (None, None)
    return compiled, NumpySpace(metric, coding, vectors, centroids, *levels)


@pytest.fixture
def question():
    return np.random.default_rng(12).standard_normal(64).astype(np.float32)


def found(rows):
    return [row["embedding_id"] for row in rows]


def test_rows_stand_in_their_cells(spaces):
    compiled, expected = spaces
    rows = compiled.connection.execute("select embedding_id, cell, is_home from dbo.cell_codes")
    assert {(row, cell, bool(home)) for row, cell, home in rows.fetchall()} == expected.assigned
    assert len(expected.assigned) > len(expected.vectors)


def test_codes_are_those_of_the_coding_bit_for_bit(spaces):
    compiled, expected = spaces
    words = ", ".join(f"code_{n}" for n in range(expected.codes.shape[1]))
    rows = compiled.connection.execute(
        f"select distinct embedding_id, {words} from dbo.cell_codes order by embedding_id"
    ).fetchall()
    assert np.array_equal(np.array(rows)[:, 1:], expected.codes)


def test_candidates_of_probed_cells(spaces, question):
    compiled, expected = spaces
    rows = compiled.call("cell_search", question, top_k=30, probes=3, candidates=30, reach=None)
    wanted = expected.search(question, probes=3, candidates=30)
    assert found(rows) == [row for row, _ in wanted][:30]
    distances = [row["distance"] for row in rows]
    assert distances == pytest.approx([distance for _, distance in wanted], abs=1e-5)


@pytest.mark.parametrize("asked", [True, False], ids=["asked for", "tuned"])
def test_cells_within_reach_of_the_fourth_nearest_are_probed(spaces, question, asked):
    compiled, expected = spaces
    distances = np.sort(expected.probe_distances(question.astype(np.float64)))
    reach = float((distances[4] + distances[5]) / 2 - distances[3])
    compiled.serve("cells", cells=(8, 30), candidates=30, reach=reach)
    given = {"probes": 8, "candidates": 30, "reach": reach} if asked else {}
    given = {"probes": None, "candidates": None, "reach": None, **given}
    rows = compiled.call("cell_search", question, **given)
    wanted = expected.search(question, 8, 30, reach=reach)
    assert wanted == expected.search(question, 5, 30)
    assert found(rows) == [row for row, _ in wanted][:10]
    # numbers of the caller's own are not cut off by the reach that was tuned
    rows = compiled.call("cell_search", question, **{**given, "probes": 8, "reach": None})
    assert found(rows) == [row for row, _ in expected.search(question, 8, 30)][:10]
    rows = compiled.call("vector_search", question, top_k=25, filters=None, max_distance=None)
    farther = reach * 2.5**0.2
    assert found(rows) == [row for row, _ in expected.search(question, 16, 90, reach=farther)][:25]


@pytest.mark.parametrize("path", ["exact", "codes", "cells"])
def test_the_path_is_the_one_that_the_tuning_chose_last(spaces, question, path):
    compiled, expected = spaces
    compiled.serve(path, cells=(2, 12), candidates=0 if path == "exact" else 12)
    rows = compiled.call("vector_search", question, top_k=25, filters=None, max_distance=None)
    if path == "exact":
        wanted = expected.ranked(question, range(1, 421))
    else:  # two and a half times ten results: twice the probes, three times the candidates
        wanted = expected.search(question, 4 if path == "cells" else None, 36)
    assert found(rows) == [row for row, _ in wanted[:25]]
    assert {float(row["recall_estimate"]) for row in rows} == {0.5}


def test_cell_search_goes_by_its_own_setting_where_another_path_is_served(spaces, question):
    compiled, expected = spaces
    compiled.serve("exact", cells=(2, 12))
    given = {"probes": None, "candidates": None, "reach": None}
    rows = compiled.call("cell_search", question, **given)
    assert found(rows) == [row for row, _ in expected.search(question, 2, 12)][:10]
    rows = compiled.call("cell_search", question, **{**given, "top_k": 25})
    assert found(rows) == [row for row, _ in expected.search(question, 4, 36)][:25]


@pytest.mark.parametrize("source", ["few", "some"])
def test_filtered_rows_are_compared_in_full_or_by_their_codes(spaces, question, source):
    compiled, expected = spaces
    compiled.serve("cells", cells=(1, 12), candidates=12, codes=50)
    given = {"filters": source, "max_distance": None}
    rows = compiled.call("vector_search", question, **given)
    ids = [n for n in range(1, 421) if (n % 50 == 1) == (source == "few")]
    if source == "few":
        wanted = expected.ranked(question, ids)
    else:
        passing = [n for n in ids if n % 3 == 1]
        wanted = expected.search(question, None, 50, passing)
    assert found(rows) == [row for row, _ in wanted[:10]]
    assert {float(row["recall_estimate"]) for row in rows} == {1.0 if source == "few" else 0.25}


def test_range_search_and_removed_rows(spaces, question):
    compiled, expected = spaces
    compiled.serve("exact")
    wanted = expected.ranked(question, range(1, 421))
    bound = (wanted[5][1] + wanted[6][1]) / 2
    given = {"filters": None, "max_distance": float(bound)}
    assert found(compiled.call("vector_search", question, **given)) == [n for n, _ in wanted[:6]]
    run = compiled.connection.execute
    run("insert into raw.removed_embeddings values ('s', '', ?)", [wanted[0][0]])
    try:
        rows = compiled.call("vector_search", question, **given)
    finally:
        run("delete from raw.removed_embeddings")
    assert found(rows) == [n for n, _ in wanted[1:6]]


@pytest.mark.parametrize(
    "parameters", [{"probes": 0}, {"candidates": 0}, {"reach": -0.1}, {"top_k": 0}]
)
def test_bad_parameters_are_thrown(spaces, question, parameters):
    compiled, _ = spaces
    given = {"probes": None, "candidates": None, "reach": None, **parameters}
    with pytest.raises(Thrown, match=next(iter(parameters))):
        compiled.call("cell_search", question, **given)
