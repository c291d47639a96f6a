"""Parquet files, read in small batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import InputError
from .arrow_values import has_json_form, is_text, json_value, python_values
from .readers import TextRecord, choose_column, require_text

# Without pre-buffering and with a buffer of its own, Arrow reads a column chunk page by page
# instead of a whole row group, which one writer makes of a million rows.
_BUFFER_BYTES = 1 << 20


def open_parquet(path: Path) -> pq.ParquetFile:
    """A Parquet file that is read page by page; InputError where it is none."""
    try:
        return pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is no readable Parquet file: {error}") from error


def read_batches(
    path: Path, columns: Sequence[str], rows: int
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """(number of the first row from 1, batch of at most ``rows`` rows) over the whole file."""
    with open_parquet(path) as file:
        first = 1
        try:
            for batch in file.iter_batches(
                batch_size=rows, columns=list(columns), use_threads=False
            ):
                if batch.num_rows:
                    yield first, batch
                first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path} is broken after row {first - 1}: {error}") from error


def checked_schema(path: Path) -> tuple[pa.Schema, int]:
    """Arrow schema and number of rows; InputError for a file without rows or with twin columns."""
    with open_parquet(path) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    if rows == 0:
        raise InputError(f"{path} has no rows: nothing to land")
    twins = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twins:
        raise InputError(f"{path} has several columns named {', '.join(twins)}: rename them")
    return schema, rows


def metadata_columns(schema: pa.Schema, without: Sequence[str]) -> tuple[list[str], list[str]]:
    """(columns that become metadata, columns left out because JSON cannot hold them)."""
    others = [field for field in schema if field.name not in without]
    kept = [field.name for field in others if has_json_form(field.type)]
    return kept, [field.name for field in others if field.name not in kept]


def column_values(path: Path, first: int, batch: pa.RecordBatch, name: str) -> list[Any]:
    """A column as Python values; InputError for bytes that are not UTF-8, dates out of range."""
    try:
        return python_values(batch.column(name))
    except (ValueError, OverflowError, pa.ArrowException) as error:
        last = first + batch.num_rows - 1
        raise InputError(f"{path}, rows {first} to {last}: column {name!r}: {error}") from error


def metadata_rows(
    path: Path, first: int, batch: pa.RecordBatch, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """The columns of a batch as one dict of JSON values a row."""
    if not columns:
        return [{} for _ in range(batch.num_rows)]
    values = [[json_value(v) for v in column_values(path, first, batch, n)] for n in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


class ParquetReader:
    """One text a row; the other columns are metadata, but for vectors and bytes."""

    def __init__(self, path: Path, column: str | None) -> None:
        self.path = path
        schema, self.rows = checked_schema(path)
        strings = [field.name for field in schema if is_text(field.type)]
        self.column = choose_column(path, column, schema.names, strings)
        if self.column not in strings:
            raise InputError(
                f"{path}: column {self.column!r} is of type {schema.field(self.column).type}, "
                f"not text; its columns of strings are {', '.join(strings) or 'none'}"
            )
        self._metadata, left_out = metadata_columns(schema, [self.column])
        self.notices: list[str] = []
        if left_out:
            self.notices.append(f"columns left out of the metadata: {', '.join(left_out)}")

    def records(self) -> Iterator[TextRecord]:
        """Every row in file order."""
        for first, batch in read_batches(self.path, [self.column, *self._metadata], 1024):
            texts = column_values(self.path, first, batch, self.column)
            others = metadata_rows(self.path, first, batch, self._metadata)
            for i, metadata in enumerate(others):
                where = f"row {first + i}"
                text = require_text(self.path, where, self.column, texts[i])
                yield TextRecord(where, text, metadata)
