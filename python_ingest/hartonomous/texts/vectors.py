"""Vectors made elsewhere: a Parquet file with one list of numbers a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from ..errors import InputError
from .arrow_values import is_text, is_vector
from .files import require_file
from .read_parquet import (
    checked_schema,
    column_values,
    metadata_columns,
    metadata_rows,
    open_parquet,
    read_batches,
)
from .readers import DEFAULT_COLUMN, choose_column, require_text

MAX_DIMENSION = 4096

METRICS = ("cosine", "euclidean", "dot")

_ID_COLUMN = "id"

# Below and above these a squared length leaves the range of float32, in which engines compute.
_SMALLEST_NORM = 1e-15
_LARGEST_NORM = 1e15

_BATCH_ELEMENTS = 1 << 20  # 4 MiB of float32 in a batch, whatever the dimension
_MAX_BATCH_ROWS = 2048


class VectorRecord(NamedTuple):
    """One row: where it stands, its text, its other columns, its vector (n,) float32."""

    where: str
    text: str
    metadata: dict[str, Any]
    vector: NDArray[np.float32]


class VectorReader:
    """Rows of a Parquet file with a column of vectors, read in batches of a few MiB.

    The vector column holds lists (of variable or fixed size) of half, single or double precision
    numbers; they are kept in float32. The text is in ``column``, else in a column ``text``, else
    the row's ``id`` where there is such a column, else in the only column of strings, else it is
    the row's number from 1. The remaining columns are metadata, but for other
    vectors and bytes.

    InputError where the file or a column is not usable; :meth:`records` raises it, naming the
    row, for a vector that is NULL, ragged, not finite, without length under ``cosine``.
    """

    def __init__(
        self, path: str | Path, vector_column: str, column: str | None, metric: str = "cosine"
    ) -> None:
        if metric not in METRICS:
            raise InputError(f"unknown metric {metric!r}: choose one of {', '.join(METRICS)}")
        self.path = require_file(path, "a .parquet file")
        if self.path.suffix.lower() != ".parquet":
            raise InputError(f"{self.path} is no .parquet file: vectors are landed from Parquet")
        self._metric = metric
        self._vector_column = vector_column
        schema, self.rows = checked_schema(self.path)
        self._require_vector_column(schema)
        self.column = self._text_column(schema, column)
        without = [vector_column] if self.column is None else [vector_column, self.column]
        self._metadata, left_out = metadata_columns(schema, without)
        self.notices: list[str] = []
        if left_out:
            self.notices.append(f"columns left out of the metadata: {', '.join(left_out)}")
        self._require_plausible_size()
        self.dimension = self._first_dimension()

    def _require_vector_column(self, schema: pa.Schema) -> None:
        name = self._vector_column
        found = [field.name for field in schema if is_vector(field.type)]
        listed = ", ".join(found) or "none"
        if name not in schema.names:
            raise InputError(
                f"{self.path} has no column {name!r}: its columns of vectors are {listed} "
                f"(all: {', '.join(schema.names)})"
            )
        if name not in found:
            raise InputError(
                f"{self.path}: column {name!r} is of type {schema.field(name).type}, not a list of "
                f"floating-point numbers; columns that are: {listed}"
            )

    def _text_column(self, schema: pa.Schema, wanted: str | None) -> str | None:
        strings = [field.name for field in schema if is_text(field.type)]
        without_text = _ID_COLUMN in schema.names or not strings
        if wanted is None and DEFAULT_COLUMN not in strings and without_text:
            return None
        chosen = choose_column(self.path, wanted, schema.names, strings)
        if chosen not in strings:
            raise InputError(
                f"{self.path}: column {chosen!r} is of type {schema.field(chosen).type}, not text; "
                f"its columns of strings are {', '.join(strings) or 'none'}"
            )
        return chosen

    def _require_plausible_size(self) -> None:
        """Refuse, before any of it is read, a row group that cannot be 4,096 numbers a row."""
        prefix = self._vector_column + "."
        with open_parquet(self.path) as file:
            metadata = file.metadata
            first = 1
            for group in (metadata.row_group(i) for i in range(metadata.num_row_groups)):
                columns = (group.column(i) for i in range(group.num_columns))
                values = sum(c.num_values for c in columns if c.path_in_schema.startswith(prefix))
                if values > group.num_rows * MAX_DIMENSION:
                    raise InputError(
                        f"{self.path}, row {first} or after: the vectors in "
                        f"{self._vector_column!r} have {values // group.num_rows} dimensions: "
                        f"from 1 to {MAX_DIMENSION} can be landed"
                    )
                first += group.num_rows

    def _first_dimension(self) -> int:
        _, batch = next(iter(read_batches(self.path, [self._vector_column], 1)))
        first = batch.column(self._vector_column)
        if first.null_count:
            raise InputError(f"{self.path}, row 1: the vector in {self._vector_column!r} is NULL")
        dimension = int(_lengths(first)[0])
        if not 1 <= dimension <= MAX_DIMENSION:
            raise InputError(
                f"{self.path}, row 1: the vector in {self._vector_column!r} has {dimension} "
                f"dimensions: from 1 to {MAX_DIMENSION} can be landed"
            )
        return dimension

    def records(self) -> Iterator[VectorRecord]:
        """Every row in file order."""
        columns = [self._vector_column, *self._metadata]
        if self.column is not None:
            columns.append(self.column)
        rows = max(1, min(_MAX_BATCH_ROWS, _BATCH_ELEMENTS // self.dimension))
        for first, batch in read_batches(self.path, columns, rows):
            vectors = self._matrix(first, batch.column(self._vector_column))
            others = metadata_rows(self.path, first, batch, self._metadata)
            texts = column_values(self.path, first, batch, self.column) if self.column else None
            for i, metadata in enumerate(others):
                where = f"row {first + i}"
                if texts is not None and self.column is not None:
                    text = require_text(self.path, where, self.column, texts[i])
                else:
                    given = metadata.get(_ID_COLUMN)
                    text = str(first + i) if given is None else str(given)
                    text = require_text(self.path, where, _ID_COLUMN, text)
                yield VectorRecord(where, text, metadata, vectors[i])

    def _matrix(self, first: int, column: pa.Array) -> NDArray[np.float32]:
        """Vectors (m, dimension) float32 of a batch whose first row is number ``first``."""

        def refuse(bad: NDArray[np.bool_], what: str) -> None:
            if bad.any():
                row = int(np.flatnonzero(bad)[0])
                raise InputError(
                    f"{self.path}, row {first + row}: the vector in {self._vector_column!r} {what}"
                )

        refuse(column.is_null().to_numpy(zero_copy_only=False), "is NULL")
        lengths = _lengths(column)
        wrong = lengths != self.dimension
        if wrong.any():
            found = int(lengths[np.flatnonzero(wrong)[0]])
            refuse(wrong, f"has {found} dimensions, the rows before have {self.dimension}")
        flat = column.flatten()
        if flat.null_count:
            nulls = flat.is_null().to_numpy(zero_copy_only=False)
            refuse(nulls.reshape(-1, self.dimension).any(axis=1), "has an element that is NULL")
        with np.errstate(over="ignore"):
            matrix = flat.to_numpy(zero_copy_only=False).astype(np.float32)
        matrix = matrix.reshape(-1, self.dimension)
        refuse(~np.isfinite(matrix).all(axis=1), "has an element that is NaN, infinite or too big")
        norms = np.sqrt(np.square(matrix, dtype=np.float64).sum(axis=1))
        refuse(norms > _LARGEST_NORM, f"is longer than {_LARGEST_NORM:g}")
        if self._metric == "cosine":
            refuse(
                norms < _SMALLEST_NORM, "has no length, so no direction that cosine could compare"
            )
        return matrix


def _lengths(column: pa.Array) -> NDArray[np.int64]:
    if pt.is_fixed_size_list(column.type):
        return np.full(len(column), column.type.list_size, dtype=np.int64)
    return pc.list_value_length(column).to_numpy(zero_copy_only=False).astype(np.int64)
