"""Vectors from Parquet: what is accepted, what is refused with its row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hartonomous.errors import InputError
from hartonomous.landing.embeddings import land_embeddings
from hartonomous.texts.vectors import VectorReader

GOOD = [1.0, 2.0, 3.0]


@pytest.mark.parametrize("element", [pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize("fixed", [True, False])
def test_element_types(write_vectors, clustered, element: pa.DataType, fixed: bool) -> None:
    vectors = clustered(5, 7).astype(np.float16).astype(np.float32)
    path = write_vectors(vectors if fixed else vectors.tolist(), element=element)
    found = np.stack([r.vector for r in VectorReader(path, "vector", None).records()])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, vectors)


@pytest.mark.parametrize(
    ("columns", "wanted", "texts", "metadata"),
    [
        ({}, None, ["1", "2"], [{}, {}]),
        ({"id": [10, 20]}, None, ["10", "20"], [{"id": 10}, {"id": 20}]),
        ({"id": ["x", "y"]}, None, ["x", "y"], [{"id": "x"}, {"id": "y"}]),
        ({"text": ["a", "b"], "n": [1, 2]}, None, ["a", "b"], [{"n": 1}, {"n": 2}]),
        ({"body": ["a", "b"]}, None, ["a", "b"], [{}, {}]),
        ({"a": ["1", "2"], "b": ["x", "y"]}, "b", ["x", "y"], [{"a": "1"}, {"a": "2"}]),
    ],
)
def test_texts_and_metadata(
    write_vectors, columns: dict, wanted: str | None, texts: list[str], metadata: list[dict]
) -> None:
    records = list(VectorReader(write_vectors([GOOD, GOOD], **columns), "vector", wanted).records())
    assert [r.text for r in records] == texts
    assert [r.metadata for r in records] == metadata


CASES: dict[str, tuple[list[Any], dict[str, Any], str]] = {
    "null vector": ([GOOD, None], {}, "row 2.*NULL"),
    "null first vector": ([None, GOOD], {}, "row 1.*NULL"),
    "null element": ([GOOD, [1.0, None, 2.0]], {}, "row 2.*element that is NULL"),
    "ragged": ([GOOD, GOOD, [1.0]], {}, "row 3.*has 1 dimensions, the rows before have 3"),
    "empty vector": ([[], []], {}, "row 1.*0 dimensions"),
    "NaN": ([GOOD, [1.0, float("nan"), 0.0]], {}, "row 2.*NaN"),
    "infinity": ([GOOD, [1.0, float("inf"), 0.0]], {}, "row 2.*NaN, infinite"),
    "zero length": ([GOOD, [0.0, 0.0, 0.0]], {}, "row 2.*no length"),
    "too short for float32": ([GOOD, [1e-30, 0.0, 0.0]], {}, "row 2.*no length"),
    "too long for float32": ([GOOD, [1e30, 0.0, 0.0]], {}, "row 2.*longer than"),
    "empty text": ([GOOD, GOOD], {"text": ["a", ""]}, "row 2.*empty"),
    "open text column": ([GOOD], {"a": ["x"], "b": ["y"]}, "--column"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_vectors_land_nothing(sink, snapshot, write_vectors, case: str) -> None:
    vectors, columns, message = CASES[case]
    with pytest.raises(InputError, match=message):
        land_embeddings(sink, write_vectors(vectors, **columns), vector_column="vector")
    assert not any(snapshot(sink).values())


def test_double_too_big_for_float32(sink, write_vectors) -> None:
    path = write_vectors([GOOD, [1e300, 0.0, 0.0]], element=pa.float64())
    with pytest.raises(InputError, match=r"row 2.*too big"):
        land_embeddings(sink, path, vector_column="vector")


def test_zero_length_is_a_vector_under_euclidean(sink, write_vectors, assert_complete) -> None:
    path = write_vectors([GOOD, [0.0, 0.0, 0.0]])
    landed = land_embeddings(sink, path, vector_column="vector", metric="euclidean")
    assert landed.space_id == "vectors_3_euclidean"
    assert assert_complete(sink) == 2


@pytest.mark.parametrize("column", ["missing", "text", "ints"])
def test_bad_vector_column(sink, write_vectors, column: str) -> None:
    path = write_vectors([GOOD], text=["a"], ints=pa.array([[1, 2]]))
    with pytest.raises(InputError, match=r"vectors? (are|:)|not a list"):
        land_embeddings(sink, path, vector_column=column)


def test_bad_file_and_metric(sink, tmp_path: Path, write_vectors) -> None:
    (tmp_path / "a.csv").write_text("vector\n1\n")
    with pytest.raises(InputError, match=r"no \.parquet file"):
        land_embeddings(sink, tmp_path / "a.csv", vector_column="vector")
    with pytest.raises(InputError, match="does not exist"):
        land_embeddings(sink, tmp_path / "b.parquet", vector_column="vector")
    with pytest.raises(InputError, match="unknown metric 'manhattan'"):
        land_embeddings(sink, write_vectors([GOOD]), vector_column="vector", metric="manhattan")


@pytest.mark.parametrize("dimension", [384, 768, 1536, 4096])
def test_dimensions(
    sink, write_vectors, clustered, assert_complete: Callable, dimension: int
) -> None:
    vectors = clustered(20, dimension)
    landed = land_embeddings(
        sink, write_vectors(vectors), vector_column="vector", reducer="pca", model_name="org/My-M"
    )
    assert (landed.space_id, landed.added) == (f"my_m_{dimension}", 20)
    assert assert_complete(sink) == 20
    rows = sink.query("SELECT vector FROM raw.text_embeddings ORDER BY embedding_id")
    np.testing.assert_array_equal(np.array([r[0] for r in rows], dtype=np.float32), vectors)


@pytest.mark.parametrize("fixed", [True, False])
def test_too_many_dimensions(sink, snapshot, write_vectors, clustered, fixed: bool) -> None:
    vectors = clustered(3, 4097)
    path = write_vectors(vectors if fixed else vectors.tolist())
    with pytest.raises(InputError, match=r"row 1.*4097 dimensions: from 1 to 4096"):
        land_embeddings(sink, path, vector_column="vector")
    assert not any(snapshot(sink).values())


def test_implausible_size_is_refused_before_it_is_read(tmp_path: Path, monkeypatch) -> None:
    # one value, run-length encoded: a file of a few KiB that would be gigabytes in memory
    row = pa.array(np.zeros(2_000_000, dtype=np.float32))
    table = pa.table({"vector": pa.ListArray.from_arrays(pa.array([0, 2_000_000]), row)})
    pq.write_table(table, tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 100_000
    monkeypatch.setattr(
        "hartonomous.texts.vectors.read_batches", lambda *_: pytest.fail("it was read")
    )
    with pytest.raises(InputError, match="2000000 dimensions"):
        VectorReader(tmp_path / "bomb.parquet", "vector", None)


def test_dimension_of_the_space(sink, snapshot, write_vectors, clustered) -> None:
    first = write_vectors(clustered(5, 8))
    land_embeddings(sink, first, vector_column="vector", reducer="pca", model_name="m")
    before = snapshot(sink)
    other = write_vectors(clustered(5, 9), "other.parquet")
    with pytest.raises(InputError, match=r"row 1.*9 dimensions, the space m_8 .* has 8"):
        land_embeddings(sink, other, vector_column="vector", model_name="m")
    assert snapshot(sink) == before
