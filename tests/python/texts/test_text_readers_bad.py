"""Texts that cannot be used: a message that says what and where, and nothing landed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hartonomous.errors import InputError
from hartonomous.landing.texts import land_texts

GOOD = '{"text": "fine"}\n'

CASES: dict[str, tuple[str, bytes, str]] = {
    "empty file": ("a.csv", b"", "is empty"),
    "unknown extension": ("a.docx", b"x", r"extension '\.docx'"),
    "no extension": ("data", b"x", "no extension"),
    "broken JSON line": ("a.jsonl", (GOOD * 2 + '{"text": \n').encode(), "line 3 is not JSON"),
    "JSON that is no object": ("a.jsonl", (GOOD + "[1]\n").encode(), "line 2 holds a list"),
    "JSON with NaN": ("a.jsonl", (GOOD + '{"text":"a","x":NaN}').encode(), "line 2.*NaN"),
    "JSON with infinity": ("a.jsonl", (GOOD + '{"text":"a","x":1e999}').encode(), "line 2"),
    "JSON nested too deeply": ("a.jsonl", b'{"text":"a","x":' + b"[" * 200_000, "line 1"),
    "JSON lone surrogate": ("a.jsonl", b'{"text": "\\ud800"}', "line 1.*surrogate"),
    "JSON lone surrogate beside": ("a.jsonl", b'{"text":"a","x":"\\ud800"}', "line 1.*surrogate"),
    "JSON text is a number": ("a.jsonl", (GOOD + '{"text": 7}').encode(), "line 2.*int"),
    "JSON text is missing": ("a.jsonl", (GOOD + '{"x": 7}').encode(), "line 2.*no column 'text'"),
    "JSON text is null": ("a.jsonl", (GOOD + '{"text": null}').encode(), "line 2.*empty"),
    "JSON of blank lines": ("a.jsonl", b"\n\n", "no JSON object"),
    "not UTF-8": ("a.txt", b"one\ntwo\xff\n", "offset 7"),
    "not UTF-8 in CSV": ("a.csv", b"text\n" + b"abc\n" * 100 + b"\xe4\n", "offset 405"),
    "not UTF-8 after a mark": ("a.txt", b"\xef\xbb\xbfa\xff", "offset 4"),
    "UTF-16": ("a.txt", "one\n".encode("utf-16"), "UTF-16"),
    "no such column": ("a.csv", b"a,b\n1,2\n", "--column"),
    "several columns of strings": ("a.csv", b"a,b\nx,y\n", "its columns are a, b"),
    "twin columns": ("a.csv", b"text,x,x\na,b,c\n", "several columns named x"),
    "empty text": ("a.csv", b"text,n\nok,1\n ,2\n", r"row 2 \(line 3\).*empty"),
    "ragged row": ("a.csv", b"text,n\nok,1\nbad,2,3\n", "row 2.*has 3 columns"),
    "open quote": ("a.csv", b'text,n\n"open,1\n', "broken CSV"),
    "header alone": ("a.csv", b"text,n\n", "no texts"),
    "blank CSV": ("a.csv", b"\n\n\n", "blank lines only"),
    "blank text file": ("a.txt", b"\n \n", "no texts"),
    "no Parquet": ("a.parquet", b"PAR1 but not really PAR1", "no readable Parquet"),
    "truncated Parquet": ("a.parquet", b"PAR1", "no readable Parquet"),
}


def assert_nothing_landed(sink, snapshot) -> None:
    assert not any(snapshot(sink).values())


@pytest.mark.parametrize("case", CASES)
def test_bad_files(sink, snapshot, land_model, tmp_path: Path, case: str) -> None:
    name, content, message = CASES[case]
    (tmp_path / name).write_bytes(content)
    land_model(sink)
    before = snapshot(sink)
    with pytest.raises(InputError, match=message):
        land_texts(sink, tmp_path / name)
    assert snapshot(sink) == before


def parquet(path: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


PARQUET_CASES: dict[str, tuple[dict[str, pa.Array], str | None, str]] = {
    "text is null": ({"text": pa.array(["a", None])}, None, "row 2.*empty"),
    "text is a number": ({"text": pa.array([1, 2])}, None, "int64, not text"),
    "missing column": ({"text": pa.array(["a"])}, "body", "no column 'body'.*text"),
    "no rows": ({"text": pa.array([], pa.string())}, None, "no rows"),
}


@pytest.mark.parametrize("case", PARQUET_CASES)
def test_bad_parquet(sink, snapshot, land_model, tmp_path: Path, case: str) -> None:
    columns, column, message = PARQUET_CASES[case]
    path = parquet(tmp_path / "a.parquet", **columns)
    land_model(sink)
    before = snapshot(sink)
    with pytest.raises(InputError, match=message):
        land_texts(sink, path, column=column)
    assert snapshot(sink) == before


def test_parquet_bytes_that_are_not_utf8(sink, snapshot, land_model, tmp_path: Path) -> None:
    broken = pa.array([b"fine", b"\xff\xfe"]).view(pa.string())
    path = parquet(tmp_path / "a.parquet", text=broken)
    land_model(sink)
    before = snapshot(sink)
    with pytest.raises(InputError, match=r"rows 1 to 2: column 'text'"):
        land_texts(sink, path)
    assert snapshot(sink) == before


def test_broken_last_line_of_many_lands_nothing(sink, snapshot, land_model, tmp_path) -> None:
    lines = [json.dumps({"text": f"text {i}"}) for i in range(5000)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, "{"]))
    land_model(sink)
    before = snapshot(sink)
    with pytest.raises(InputError, match="line 5001"):
        land_texts(sink, tmp_path / "a.jsonl", chunk_rows=100, sample_rows=100)
    assert snapshot(sink) == before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "none.csv", "does not exist"),
        (lambda folder: folder, "is a folder"),
        (lambda folder: Path("a\0b.csv"), "cannot be read|does not exist"),
    ],
)
def test_bad_paths(sink, land_model, tmp_path: Path, make: Callable, message: str) -> None:
    land_model(sink)
    with pytest.raises(InputError, match=message):
        land_texts(sink, make(tmp_path))


def test_column_of_plain_text(sink, land_model, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    land_model(sink)
    with pytest.raises(InputError, match="has no columns"):
        land_texts(sink, tmp_path / "a.txt", column="body")


def test_endless_line_is_refused_before_it_is_read(tmp_path: Path) -> None:
    from hartonomous.texts import lines

    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(lines.MAX_LINE_BYTES + 2)  # a hole: no disk, no line end
    with pytest.raises(InputError, match="longer than 16 MiB"):
        list(lines.read_lines(tmp_path / "a.txt"))


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_bad_names(sink, land_model, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    land_model(sink)
    with pytest.raises(InputError, match="name of a collection"):
        land_texts(sink, tmp_path / "a.txt", name=name)


def test_unknown_reducer(sink, land_model, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    land_model(sink)
    with pytest.raises(InputError, match="unknown reducer 'tsne'"):
        land_texts(sink, tmp_path / "a.txt", reducer="tsne")
