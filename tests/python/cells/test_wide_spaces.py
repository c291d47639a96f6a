"""Spaces as wide as today's models make them: 768 and 1,536 dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from searched_spaces import copy_project, land_vectors

from hartonomous import Hartonomous
from hartonomous.search import vector_text

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cells")]

ROWS, QUERIES = 2500, 30


def around_centers(dimension: int) -> np.ndarray:
    """float32[ROWS + QUERIES, dimension]: 14 inner dimensions and noise, as embeddings have."""
    rng = np.random.default_rng(dimension)
    centers = rng.standard_normal((40, 14))
    count = ROWS + QUERIES
    inner = centers[rng.integers(0, 40, count)] + 0.5 * rng.standard_normal((count, 14))
    noise = 0.2 * rng.standard_normal((count, dimension))
    return (inner @ rng.standard_normal((14, dimension)) + noise).astype(np.float32)


@pytest.mark.parametrize("dimension", [768, 1536])
def test_cells_and_codes_find_what_exact_search_finds(dimension, project, tmp_path):
    vectors = around_centers(dimension)
    hartonomous = Hartonomous(tmp_path / "wide.duckdb")
    land_vectors(hartonomous, tmp_path, vectors[:ROWS], "wide", 0, "wide")
    hartonomous.build(project=copy_project(project, tmp_path / "project"))
    hits = 0
    with hartonomous.database.connect() as connection:
        (words,) = connection.execute(
            "SELECT count(*) FROM duckdb_columns() "
            "WHERE table_name = 'cell_codes' AND column_name LIKE 'code\\_%' ESCAPE '\\'"
        ).fetchone()
        assert words in (dimension // 64, dimension // 32)
        for query in vectors[ROWS:]:
            given = {"vector": vector_text(query)}
            found, truth = (
                {row[0] for row in connection.execute(f"FROM {call}", given).fetchall()}
                for call in ("cell_search($vector, 10, 32, 200)", "exact_vector_search($vector)")
            )
            hits += len(found & truth)
    assert hits >= 0.97 * 10 * QUERIES
