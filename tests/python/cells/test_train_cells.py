"""Landing what was trained."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from searched_spaces import land_vectors

from hartonomous import Hartonomous
from hartonomous.errors import InputError
from hartonomous.landing.cells import MAXIMUM_CELLS, train_cells
from hartonomous.landing.spaces import find_space


def landed(folder, rows, name="texts", start=0):
    rng = np.random.default_rng(start)
    vectors = rng.standard_normal((rows, 24)).astype(np.float32)
    hartonomous = Hartonomous(folder / "some.duckdb")
    land_vectors(hartonomous, folder, vectors, name, start, "m")
    return hartonomous


def trainings(hartonomous):
    with hartonomous.database.connect(built=False) as connection:
        return connection.execute(
            "SELECT training_id, first_cell, cells, bits, "
            "(SELECT count(*) FROM landing.raw.cells c WHERE c.training_id = t.training_id), "
            "(SELECT count(*) FROM landing.raw.code_bits b WHERE b.training_id = t.training_id) "
            "FROM landing.raw.cell_trainings t"
        ).fetchall()


def test_a_small_space_is_not_trained(tmp_path):
    assert trainings(landed(tmp_path, 999)) == []


def test_a_space_is_trained_when_it_is_large_enough_and_once(tmp_path):
    hartonomous = landed(tmp_path, 900)
    landed(tmp_path, 300, "more", 5000)
    [(training_id, first, cells, bits, landed_cells, landed_bits)] = trainings(hartonomous)
    assert cells == landed_cells == 139  # 4 * sqrt(1,200), and no two alike
    assert bits == landed_bits and bits % 24 == 0
    assert first % MAXIMUM_CELLS == 0
    landed(tmp_path, 200, "still_more", 9000)
    assert trainings(hartonomous)[0][0] == training_id


def test_training_again_replaces_or_changes_nothing(tmp_path):
    hartonomous = landed(tmp_path, 1000)
    before = trainings(hartonomous)
    with closing(hartonomous.database.sink()) as sink:
        train_cells(sink, find_space(sink, None))
        assert sink.query("SELECT count(*) FROM raw.cell_trainings") == [(1,)]
    assert trainings(hartonomous) == before
    with closing(hartonomous.database.sink()) as sink:
        training = train_cells(sink, find_space(sink, "m"), cells=20, seed=7)
    [after] = trainings(hartonomous)
    assert after[0] == training.training_id != before[0][0]
    assert after[2] == after[4] == 20
    assert after[1] != before[0][1], "cells of two trainings must not share numbers"


def test_cells_of_a_group_follow_one_another(tmp_path):
    hartonomous = landed(tmp_path, 1000)
    with closing(hartonomous.database.sink()) as sink:
        groups = [g for (g,) in sink.query("SELECT cell_group FROM raw.cells ORDER BY cell")]
        stored = sink.query("SELECT cell_group, vector FROM raw.cell_groups ORDER BY cell_group")
        cells = sink.query("SELECT cell_group, vector FROM raw.cells ORDER BY cell")
    assert groups == sorted(groups) and len(set(groups)) > 2
    centers = np.array([vector for _, vector in stored])
    near = [int(((centers - vector) ** 2).sum(axis=1).argmin()) for _, vector in cells]
    assert near == groups, "a cell keeps its own group when it is numbered"


@pytest.mark.parametrize("cells", [0, -3, 1001, MAXIMUM_CELLS + 1])
def test_a_number_of_cells_that_cannot_be(tmp_path, cells):
    hartonomous = landed(tmp_path, 1000)
    before = trainings(hartonomous)
    with (
        closing(hartonomous.database.sink()) as sink,
        pytest.raises(InputError, match=r"--cells takes 1 to 1000"),
    ):
        train_cells(sink, find_space(sink, None), cells=cells)
    assert trainings(hartonomous) == before


def test_a_space_that_is_not_there(tmp_path):
    hartonomous = landed(tmp_path, 10)
    with (
        closing(hartonomous.database.sink()) as sink,
        pytest.raises(InputError, match="there are: m_24"),
    ):
        find_space(sink, "other")


def test_an_error_while_landing_leaves_the_training_before(tmp_path, monkeypatch):
    hartonomous = landed(tmp_path, 1000)
    before = trainings(hartonomous)
    with closing(hartonomous.database.sink()) as sink:
        insert = sink.insert

        def failing(table, batches):
            if table == "code_bits":
                raise RuntimeError("killed")
            return insert(table, batches)

        monkeypatch.setattr(sink, "insert", failing)
        with pytest.raises(RuntimeError, match="killed"):
            train_cells(sink, find_space(sink, None), cells=9)
    assert trainings(hartonomous) == before
