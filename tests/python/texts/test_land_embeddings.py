"""Landing vectors: complete states, repetition, later rows, interruption, removal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hartonomous import Hartonomous
from hartonomous.cli.app import app
from hartonomous.errors import InputError
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.embeddings import land_embeddings
from hartonomous.landing.queries import land_query_vectors
from hartonomous.landing.spaces import slug
from hartonomous.landing.texts_removal import remove_texts
from hartonomous.projection.reducers import fit_reducer

DIMENSION = 16
SMALL = {"chunk_rows": 20, "sample_rows": 30}


def land(sink: DuckDBSink, path: Path, **options):
    options = {"reducer": "pca", "model_name": "m", **SMALL, **options}
    return land_embeddings(sink, path, vector_column="vector", **options)


def land_held_out(sink: DuckDBSink, write_vectors, clustered, rows: int = 12):
    path = write_vectors(clustered(rows, DIMENSION, seed=50), "queries.parquet")
    return land_query_vectors(sink, path, model="m_16", vector_column="vector")


def test_columns_of_a_landing(sink, write_vectors, clustered, assert_complete) -> None:
    vectors = clustered(100, DIMENSION)
    path = write_vectors(vectors, text=[f"text {i}" for i in range(100)], n=list(range(100)))
    landed = land(sink, path)
    assert (landed.rows, landed.added, landed.known, landed.repeated) == (100, 100, 0, 0)
    assert (landed.source, landed.space_id, landed.reducer) == ("vectors", "m_16", "pca")
    assert assert_complete(sink) == 100
    rows = sink.query(
        "SELECT t.text, t.metadata, t.source, e.vector FROM raw.text_embeddings e "
        "JOIN raw.texts t USING (text_id)"
    )
    for text, metadata, source, vector in rows:
        i = int(text.split()[1])
        assert (metadata, source) == (f'{{"n":{i}}}', "vectors")
        np.testing.assert_array_equal(np.array(vector, dtype=np.float32), vectors[i])
    ids = [row[0] for row in sink.query("SELECT embedding_id FROM raw.text_embeddings")]
    assert sorted(ids) == list(range(1, 101))
    files = sink.query("SELECT kind, name, path, bytes FROM raw.source_files")
    assert files == [("embeddings", "vectors", str(path), path.stat().st_size)]


def test_again_changes_nothing(sink, snapshot, write_vectors, clustered) -> None:
    path = write_vectors(clustered(100, DIMENSION))
    land(sink, path)
    land_held_out(sink, write_vectors, clustered)
    before = snapshot(sink)
    landed = land(sink, path)
    assert (landed.added, landed.known) == (0, 100)
    assert land_held_out(sink, write_vectors, clustered).added == 0
    assert snapshot(sink) == before


def test_repeated_rows_land_once(sink, write_vectors, clustered, assert_complete) -> None:
    vectors = clustered(10, DIMENSION)[[0, 1, 2, 1]]
    landed = land(sink, write_vectors(vectors, text=["a", "b", "c", "b"]))
    assert (landed.rows, landed.added, landed.repeated) == (4, 3, 1)
    assert "1 rows repeat" in landed.notices[-1]
    assert assert_complete(sink) == 3


def test_another_vector_for_a_text_is_refused(sink, snapshot, write_vectors, clustered) -> None:
    vectors = clustered(3, DIMENSION)
    with pytest.raises(InputError, match=r"row 3.*'a' has another vector.*earlier row"):
        land(sink, write_vectors(vectors, text=["a", "b", "a"]))
    assert not any(snapshot(sink).values())
    land(sink, write_vectors(vectors, text=["a", "b", "c"]))
    before = snapshot(sink)
    with pytest.raises(InputError, match=r"row 2.*'b' has another vector.*landed before"):
        land(sink, write_vectors(vectors[[0, 0, 2]], text=["a", "b", "c"]))
    assert snapshot(sink) == before


def test_later_rows_are_placed_without_refit(
    sink, write_vectors, clustered, assert_complete
) -> None:
    pytest.importorskip("umap")
    first, later = clustered(60, DIMENSION), clustered(25, DIMENSION, seed=2)
    land(sink, write_vectors(first, "a.parquet"), reducer="umap", sample_rows=4000)
    fitted = [sink.query(f"SELECT * FROM raw.{t} ORDER BY ALL") for t in ("reducers", "landmarks")]
    landed = land(sink, write_vectors(later, "b.parquet"), reducer="umap", chunk_rows=4000)
    assert (landed.added, landed.reducer) == (25, "umap")
    assert fitted == [
        sink.query(f"SELECT * FROM raw.{t} ORDER BY ALL") for t in ("reducers", "landmarks")
    ]
    assert assert_complete(sink) == 85
    # as the reducer would have placed them that was fitted and never left memory
    reducer, positions, _ = fit_reducer("umap", first)
    found = sink.query("SELECT x, y, z FROM raw.positions ORDER BY embedding_id")
    expected = np.concatenate([positions, reducer.transform(later)])
    np.testing.assert_array_equal(np.array(found, dtype=np.float32), expected)


def test_parts_end_like_the_whole(sink, tmp_path, write_vectors, clustered, snapshot) -> None:
    """Landing half a file and then all of it gives each text the same place among neighbors."""
    vectors = clustered(90, DIMENSION)
    ids = [f"t{i}" for i in range(90)]
    whole = write_vectors(vectors, "c.parquet", text=ids)
    land(sink, whole, reducer="pca", sample_rows=4000)
    land_held_out(sink, write_vectors, clustered)
    expected = _neighbors_by_text(sink)

    with _database(tmp_path / "parts.duckdb") as parts:
        half = write_vectors(vectors[:40], "d.parquet", text=ids[:40])
        land(parts, half, name="c")
        land_held_out(parts, write_vectors, clustered)
        assert land(parts, whole).added == 50
        assert _neighbors_by_text(parts) == expected


def _neighbors_by_text(sink: DuckDBSink) -> list:
    return sink.query(
        "SELECT n.query_id, n.rank, t.text, n.distance FROM raw.reference_neighbors n "
        "JOIN raw.text_embeddings e USING (space_id, embedding_id) JOIN raw.texts t USING "
        "(text_id) ORDER BY n.query_id, n.rank"
    )


class _database:
    """A second database, closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self._sink = DuckDBSink(path)
        self._sink.ensure_schema()

    def __enter__(self) -> DuckDBSink:
        return self._sink

    def __exit__(self, *_: object) -> None:
        self._sink.close()


def test_ids_are_never_given_again(sink, write_vectors, clustered, assert_complete) -> None:
    a = write_vectors(clustered(5, DIMENSION), "a.parquet")
    b = write_vectors(clustered(5, DIMENSION, seed=1), "b.parquet")
    c = write_vectors(clustered(5, DIMENSION, seed=2), "c.parquet")
    land(sink, a)
    land(sink, b)
    remove_texts(sink, "b")
    land(sink, c)
    ids = sink.query("SELECT embedding_id FROM raw.text_embeddings ORDER BY 1")
    assert [i for (i,) in ids] == [1, 2, 3, 4, 5, 11, 12, 13, 14, 15]
    assert assert_complete(sink) == 10


def test_references_follow_landing_and_removal(
    sink, write_vectors, clustered, assert_complete
) -> None:
    for name, seed, rows in (("a", 0, 8), ("b", 1, 60), ("c", 2, 45)):
        land(sink, write_vectors(clustered(rows, DIMENSION, seed), f"{name}.parquet"))
        land_held_out(sink, write_vectors, clustered)  # the first time; then it changes nothing
        assert_complete(sink)
    removed = remove_texts(sink, "b")
    assert (removed.texts, removed.embeddings, removed.spaces) == (60, 60, ())
    assert assert_complete(sink) == 53
    remove_texts(sink, "c")
    assert assert_complete(sink) == 8
    assert sink.query("SELECT COUNT(*) FROM raw.reference_neighbors") == [(12 * 8,)]


def test_removing_the_last_texts_removes_the_space(
    sink, snapshot, write_vectors, clustered
) -> None:
    path = write_vectors(clustered(30, DIMENSION))
    land(sink, path)
    land(sink, path, model_name="other", metric="dot")
    land_held_out(sink, write_vectors, clustered)
    assert sink.query("SELECT COUNT(*) FROM raw.texts") == [(30,)]  # once, in two spaces
    removed = remove_texts(sink, "vectors")
    assert (removed.texts, removed.embeddings) == (30, 60)
    assert removed.spaces == ("m_16", "other_16_dot")
    assert not any(snapshot(sink).values())


def test_removing_what_is_not_there(sink, write_vectors, clustered) -> None:
    with pytest.raises(InputError, match="there are: none"):
        remove_texts(sink, "b")
    land(sink, write_vectors(clustered(5, DIMENSION), "a.parquet"))
    with pytest.raises(InputError, match=r"'b' \(there are: a\)"):
        remove_texts(sink, "b")


def test_query_vectors(sink, write_vectors, clustered, assert_complete) -> None:
    land(sink, write_vectors(clustered(30, DIMENSION)))
    landed = land_held_out(sink, write_vectors, clustered)
    assert (landed.rows, landed.added) == (12, 12)
    assert_complete(sink)
    with pytest.raises(InputError, match="there are: m_16"):
        land_query_vectors(sink, write_vectors(clustered(2, 16)), model="x", vector_column="vector")
    with pytest.raises(InputError, match=r"row 1.*5 dimensions, the space m_16 has 16"):
        land_query_vectors(
            sink, write_vectors(clustered(2, 5)), model="m_16", vector_column="vector"
        )


def test_vectors_and_questions_by_the_command_line(tmp_path, write_vectors, clustered) -> None:
    rows = str(write_vectors(clustered(30, DIMENSION), "rows.parquet"))
    questions = str(write_vectors(clustered(12, DIMENSION, seed=50), "questions.parquet"))
    there = ["--database", str(tmp_path / "made.duckdb"), "--json"]
    ask = ["ingest", "queries", questions, *there, "--vector-column"]
    assert "there are: none" in _refused(*ask, "vector", "--model", "other")
    _answer("ingest", "embeddings", rows, *there, "--vector-column", "vector", "--model", "m")
    assert "there are: m_16" in _refused(*ask, "vector", "--model", "other")
    assert "'no'" in _refused(*ask, "no")
    for added in (12, 0):
        landed = _answer(*ask, "vector", "--model", "m")
        assert (landed["space_id"], landed["rows"], landed["added"]) == ("m_16", 12, added)
    landed = Hartonomous(tmp_path / "made.duckdb").ingest_queries(
        questions, vector_column="vector", model="m"
    )
    assert (landed.added, landed.known) == (0, 12)


def _answer(*arguments: str) -> dict:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def _refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, InputError)
    return str(result.exception)


KILLED = """
import os, signal, sys
from pathlib import Path
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.embeddings import land_embeddings

database, vectors, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

class Killed(DuckDBSink):
    inserts = 0

    def insert(self, table, batches):
        self.inserts += 1
        if self.inserts == limit:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().insert(table, batches)

land_embeddings(Killed(database), vectors, vector_column="vector", model_name="m",
                reducer="pca", chunk_rows=20, sample_rows=30)
"""


@pytest.mark.parametrize("inserts", [1, 5, 8, 12, 17])
def test_killed_and_completed(
    tmp_path: Path,
    write_vectors: Callable[..., Path],
    clustered,
    assert_complete,
    snapshot,
    inserts: int,
) -> None:
    path = write_vectors(clustered(100, DIMENSION), "vectors.parquet")
    with _database(tmp_path / "whole.duckdb") as whole:
        land(whole, path)
        expected = snapshot(whole)

    database = tmp_path / "killed.duckdb"
    with _database(database):
        pass
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(database), str(path), str(inserts)], timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    with _database(database) as sink:
        left = assert_complete(sink)
        assert left == {1: 0, 5: 0, 8: 30, 12: 50, 17: 70}[inserts]
        assert sink.query("SELECT COUNT(*) FROM raw.source_files") == [(0,)]
        landed = land(sink, path)
        assert (landed.added, landed.known) == (100 - left, left)
        assert assert_complete(sink) == 100
        assert snapshot(sink) == expected


@pytest.mark.parametrize(
    ("name", "dimension", "metric", "expected"),
    [
        ("sentence-transformers/all-MiniLM-L6-v2", 384, "cosine", "all_minilm_l6_v2_384"),
        ("/models/bge.small/", 512, "dot", "bge_small_512_dot"),
        ("2023-model", 8, "cosine", "space_2023_model_8"),
        ("模型", 8, "euclidean", "space_8_euclidean"),
        ("x" * 300, 8, "cosine", "x" * 80 + "_8"),
    ],
)
def test_slug(name: str, dimension: int, metric: str, expected: str) -> None:
    assert slug(name, dimension, metric) == expected


def test_spaces_of_one_slug_are_told_apart(sink, write_vectors, clustered) -> None:
    path = write_vectors(clustered(5, DIMENSION))
    ids = [land(sink, path, model_name=name).space_id for name in ("a/m", "b/m", "a/m", "M")]
    assert ids == ["m_16", "m_16_2", "m_16", "m_16_3"]
