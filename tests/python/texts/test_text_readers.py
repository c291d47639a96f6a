"""Reading csv, jsonl, parquet and txt: what comes out of good files."""

from __future__ import annotations

import csv
import datetime
import decimal
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hartonomous.texts.readers import open_texts

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1, max_size=40)
NOT_BLANK = TEXT.filter(lambda text: text.strip() != "")


def read(path: Path, column: str | None = None) -> list[tuple[str, dict]]:
    return [(r.text, r.metadata) for r in open_texts(path, column).records()]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiters_and_types(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["text", "year", "ratio", "code", "note"],
        ["Hello, world; it\tis me", "1969", "0.5", "007", ""],
        ["Two\nlines", "-3", "1e3", "12345678901234567890", "x"],
    ]
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    assert read(tmp_path / "a.csv") == [
        ("Hello, world; it\tis me", {"year": 1969, "ratio": 0.5, "code": "007", "note": None}),
        ("Two\nlines", {"year": -3, "ratio": 1000.0, "code": "12345678901234567890", "note": "x"}),
    ]


def test_csv_value_types_do_not_depend_on_other_rows(tmp_path: Path) -> None:
    first = read(write(tmp_path / "a.csv", "text,code\none,12\n"))
    longer = read(write(tmp_path / "b.csv", "text,code\none,12\ntwo,twelve\n"))
    assert longer[0] == first[0]


def test_csv_of_one_column_may_hold_commas(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "sentence\nOne, two, three\nFour\n")
    assert read(path) == [("One, two, three", {}), ("Four", {})]


def test_csv_unnamed_column_and_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"\xef\xbb\xbf,text\r\n0,hello\r\n\r\n1,world\r\n")
    assert read(path) == [("hello", {"column_1": 0}), ("world", {"column_1": 1})]


@pytest.mark.parametrize(
    ("header", "chosen"),
    [("id,text,other\n1,a,b\n", "text"), ("id,words\n1,a\n2,b\n", "words")],
)
def test_default_column(tmp_path: Path, header: str, chosen: str) -> None:
    assert open_texts(write(tmp_path / "a.csv", header)).column == chosen


def test_named_column_keeps_the_others(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,title\nlong,short\n")
    assert read(path, "title") == [("short", {"text": "long"})]


def test_jsonl(tmp_path: Path) -> None:
    lines = ['{"text": "a", "n": 1, "nested": {"b": [1.5, null]}}', "", '{"n": 2, "text": "ü"}']
    path = write(tmp_path / "a.jsonl", "\ufeff" + "\n".join(lines))
    assert read(path) == [("a", {"n": 1, "nested": {"b": [1.5, None]}}), ("ü", {"n": 2})]


def test_txt_skips_blank_lines_with_a_count(tmp_path: Path) -> None:
    reader = open_texts(write(tmp_path / "a.txt", "one\r\n\r\n   \n two \n"))
    assert [r.text for r in reader.records()] == ["one", " two "]
    assert reader.notices == ["2 blank lines were skipped"]


def test_parquet_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["a", "b"]).dictionary_encode(),
            "when": pa.array([datetime.date(2020, 1, 2), None]),
            "at": pa.array([1_500_000_000_123_456_789, 0], type=pa.timestamp("ns")),
            "price": pa.array([decimal.Decimal("1.50"), decimal.Decimal("2.00")]),
            "score": pa.array([float("nan"), 2.5]),
            "tags": pa.array([["x"], []], type=pa.list_(pa.string())),
            "raw": pa.array([b"1", b"2"]),
            "vector": pa.array([[1.0], [2.0]], type=pa.list_(pa.float32())),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    reader = open_texts(tmp_path / "a.parquet")
    assert reader.notices == ["columns left out of the metadata: raw, vector"]
    assert [(r.text, r.metadata) for r in reader.records()] == [
        (
            "a",
            {
                "when": "2020-01-02",
                "at": "2017-07-14T02:40:00.123456",
                "price": 1.5,
                "score": None,
                "tags": ["x"],
            },
        ),
        ("b", {"when": None, "at": "1970-01-01T00:00:00", "price": 2, "score": 2.5, "tags": []}),
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NOT_BLANK, TEXT), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_csv_round_trip(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "kept"), *rows])
    assert [text for text, _ in read(path)] == [text for text, _ in rows]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(NOT_BLANK, st.none() | st.integers() | st.floats(allow_nan=False) | TEXT),
        min_size=1,
        max_size=8,
    )
)
def test_jsonl_round_trip(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, object]]
) -> None:
    rows = [(text, value) for text, value in rows if value not in (float("inf"), -float("inf"))]
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    lines = [json.dumps({"text": text, "value": value}) for text, value in rows]
    if not lines:
        return
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read(path) == [(text, {"value": value}) for text, value in rows]
