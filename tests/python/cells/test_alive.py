"""Rows that come and go, cells that are trained anew, times that are measured."""

from __future__ import annotations

import json
from contextlib import closing

import numpy as np
import pytest
from searched_spaces import ROWS, land_vectors, vectors_of
from typer.testing import CliRunner

from hartonomous.cli.app import app
from hartonomous.landing.cells import train_cells
from hartonomous.landing.spaces import find_space
from hartonomous.search import METHODS

pytestmark = pytest.mark.xdist_group("cells")


def one(hartonomous, sql, built=True):
    with hartonomous.database.connect(built=built) as connection:
        return connection.execute(sql).fetchone()


MEASURED = (
    "SELECT min(tuning_key), max(tuning_key), count(*), sum(elapsed_ms) FROM search_measurements"
)


def test_rows_come_with_the_next_build_and_go_at_once(own_copy, tmp_path):
    hartonomous, project = own_copy
    _, queries = vectors_of("cosine")
    tuned = one(hartonomous, "SELECT max(tuning_key), count(*) FROM tuning_positions")
    cells = one(hartonomous, "SELECT min(cell), max(cell), count(*) FROM cells")
    measured = one(hartonomous, MEASURED)
    assert measured[0] == measured[1] == tuned[0]
    twins = queries[:30] * np.float32(2)  # the same directions: nearer than any other row
    land_vectors(hartonomous, tmp_path, twins, "added", 90_000, "cosine")
    before = hartonomous.search(queries[0], top_k=3)
    assert before[0].source == "cosine"

    hartonomous.build(project=project)
    after = hartonomous.search(queries[0], top_k=3)
    assert after[0].text == "added 90000" and after[0].distance < 1e-6
    assert one(hartonomous, "SELECT min(cell), max(cell), count(*) FROM cells") == cells
    assert one(hartonomous, "SELECT max(tuning_key), count(*) FROM tuning_positions") == tuned, (
        "a hundredth more rows is no reason to tune anew"
    )
    assert one(hartonomous, MEASURED) == measured
    homes = one(hartonomous, "SELECT count(*) FROM cell_codes WHERE is_home")
    assert homes == (ROWS["cosine"] + 30,)

    def sources(method):  # positions in 3-D are less exact: many rows
        return {r.source for r in hartonomous.search(twins[0], top_k=300, method=method)}

    for method in METHODS:
        assert "added" in sources(method), method

    hartonomous.remove_texts("added")
    gone = hartonomous.search(queries[0], top_k=3)
    assert [r.id for r in gone] == [r.id for r in before]
    for method in METHODS:
        assert sources(method) == {"cosine"}, method
    assert hartonomous.search(queries[0], method="cells", top_k=1)[0].id == before[0].id
    assert one(hartonomous, "SELECT count(*) FROM landing.raw.removed_embeddings") == (30,)

    hartonomous.build(project=project)
    assert one(hartonomous, "SELECT count(*) FROM landing.raw.removed_embeddings") == (0,)
    homes = one(hartonomous, "SELECT count(*) FROM cell_codes WHERE is_home")
    assert homes == (ROWS["cosine"],)


def test_new_cells_are_swapped_in_whole(own_copy):
    hartonomous, project = own_copy
    _, queries = vectors_of("cosine")
    expected = [r.id for r in hartonomous.search(queries[3], method="exact")]
    old = one(hartonomous, "SELECT count(*), min(cell) FROM cells")
    with closing(hartonomous.database.sink()) as sink:
        training = train_cells(sink, find_space(sink, "cosine"), cells=25)
    found = [r.id for r in hartonomous.search(queries[3], method="cells")]
    assert len({*found} & {*expected}) >= 8

    # A build that ends before the cells are changed: rows stand in old and in new cells.
    hartonomous.build(project=project, select=["cell_codes"])
    assert one(hartonomous, "SELECT count(*), min(cell) FROM cells") == old
    halfway = [r.id for r in hartonomous.search(queries[3], method="cells")]
    assert halfway == found

    hartonomous.build(project=project, select=["cells", "cell_search", "vector_search"])
    count, first, last = one(hartonomous, "SELECT count(*), min(cell), max(cell) FROM cells")
    assert count == training.cells == 25
    assert one(
        hartonomous, f"SELECT count(*) FROM cell_codes WHERE cell NOT BETWEEN {first} AND {last}"
    ) == (0,)
    swapped = [r.id for r in hartonomous.search(queries[3])]
    assert len({*swapped} & {*expected}) >= 9

    hartonomous.build(project=project, select=["tuning_queries", "search_measurements"])
    (key,) = one(hartonomous, "SELECT max(tuning_key) FROM tuning_queries")
    measured = one(hartonomous, MEASURED)
    assert key.startswith(training.training_id) and measured[:2] == (key, key)


@pytest.mark.slow
def test_the_drift_report_says_when_to_train_again(own_copy, tmp_path):
    hartonomous, project = own_copy
    report = "SELECT should_retrain, growth, distance_ratio FROM cell_drift"
    assert one(hartonomous, report) == (False, 1.0, None)
    strange = np.random.default_rng(5).standard_normal((400, 48)).astype(np.float32)
    land_vectors(hartonomous, tmp_path, strange, "strange", 50_000, "cosine")
    hartonomous.build(project=project, select=["embeddings", "cell_codes", "cells", "cell_drift"])
    should_retrain, growth, ratio = one(hartonomous, report)
    assert should_retrain and ratio > 1.1 and growth == pytest.approx(3400 / 3000)


@pytest.mark.slow
def test_times_decide_where_they_were_measured(own_copy):
    hartonomous, project = own_copy
    database = str(hartonomous.database.landed)
    result = CliRunner().invoke(app, ["tune", "--queries", "3", "--json", "--database", database])
    assert result.exit_code == 0, result.output
    tuning = json.loads(result.stdout)
    assert {t["path"] for t in tuning["timings"]} == {"exact", "cells"}
    assert all(0 < t["p50_ms"] <= t["p95_ms"] for t in tuning["timings"])
    fastest = min(tuning["timings"], key=lambda timing: timing["p50_ms"])
    hartonomous.build(project=project, select=["search_curve", "search_settings", "vector_search"])
    served = one(hartonomous, "SELECT path, probes, candidates FROM search_settings")
    assert served == (fastest["path"], fastest["probes"], fastest["candidates"])
    assert hartonomous.search(vectors_of("cosine")[1][0])[0].recall_estimate >= 0.97


def test_commands_as_a_person_types_them(own_copy):
    hartonomous, _ = own_copy
    database = ["--database", str(hartonomous.database.landed)]
    run = CliRunner()
    trained = run.invoke(app, ["train-cells", "--cells", "30", "--json", *database])
    assert trained.exit_code == 0 and json.loads(trained.stdout)["cells"] == 30
    for arguments, message in (
        (["train-cells", "--cells", "0"], "--cells takes 1 to"),
        (["train-cells", "--model", "nobody"], "there is no space 'nobody'"),
        (["tune", "--queries", "0"], "--queries takes 1 or more"),
    ):
        refused = run.invoke(app, [*arguments, *database])
        assert refused.exit_code != 0
        assert message in str(refused.exception)
    unbuilt = hartonomous.database.landed.with_name("other.duckdb")
    unbuilt.write_bytes(hartonomous.database.landed.read_bytes())
    refused = run.invoke(app, ["tune", "--database", str(unbuilt)])
    assert "was never built" in str(refused.exception)
