"""Read texts with their other columns from csv, jsonl, parquet and txt, a record at a time.

Landing reads a file twice: once to check all of it before anything is written, once to write.
So a reader is an object whose :meth:`TextReader.records` can be asked for again, and whose
memory is one line or one batch, never the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..errors import InputError
from .files import require_file

DEFAULT_COLUMN = "text"
"""The column read where none is named."""

EXPECTED = "a .csv, .tsv, .jsonl, .parquet or .txt file"


class TextRecord(NamedTuple):
    """One text: where it stands in the file (for messages), its words, its other columns."""

    where: str
    text: str
    metadata: dict[str, Any]


class TextReader(Protocol):
    """A file of texts."""

    path: Path
    column: str
    """Name of the column that holds the text."""

    notices: list[str]
    """What a person should know, complete after one pass over :meth:`records`."""

    def records(self) -> Iterator[TextRecord]:
        """Every record in file order; raises InputError at the first that is not usable."""


def open_texts(path: str | os.PathLike[str], column: str | None = None) -> TextReader:
    """Open a file of texts by its extension.

    ``column`` names the text column; without it that is ``text``, else the only column of
    strings. The other columns become metadata. A byte-order mark is accepted.

    Raises InputError for a file that is missing, empty, a folder or of another extension, and
    for a column that is not there; :meth:`TextReader.records` raises it for broken lines, bytes
    that are not UTF-8 and empty texts.
    """
    from .read_csv import CsvReader
    from .read_jsonl import JsonLinesReader
    from .read_parquet import ParquetReader
    from .read_txt import PlainReader

    readers: dict[str, type] = {
        ".csv": CsvReader,
        ".tsv": CsvReader,
        ".jsonl": JsonLinesReader,
        ".ndjson": JsonLinesReader,
        ".parquet": ParquetReader,
        ".txt": PlainReader,
    }
    file = require_file(path, EXPECTED)
    reader = readers.get(file.suffix.lower())
    if reader is None:
        found = f"the extension {file.suffix!r}" if file.suffix else "no extension"
        raise InputError(f"{file} has {found}, which is not a known format: give {EXPECTED}")
    return reader(file, column)


def choose_column(
    path: Path, wanted: str | None, columns: Sequence[str], string_columns: Sequence[str]
) -> str:
    """The text column: the one wanted, else ``text``, else the only column of strings."""
    listed = ", ".join(columns) or "none"
    if wanted is not None:
        if wanted not in columns:
            raise InputError(f"{path} has no column {wanted!r}: its columns are {listed}")
        return wanted
    if DEFAULT_COLUMN in columns:
        return DEFAULT_COLUMN
    if len(string_columns) == 1:
        return string_columns[0]
    raise InputError(
        f"{path} has no column {DEFAULT_COLUMN!r} and {len(string_columns)} columns of strings: "
        f"name the one to read with --column (its columns are {listed})"
    )


def require_text(path: Path, where: str, column: str, value: Any) -> str:
    """The value as a text that is not empty and is valid Unicode."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InputError(f"{path}, {where}: the text in column {column!r} is empty")
    if not isinstance(value, str):
        raise InputError(
            f"{path}, {where}: column {column!r} holds {type(value).__name__} "
            f"{str(value)[:40]!r}, not a text"
        )
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path}, {where}: the text in column {column!r} has a lone surrogate, "
            "which is no character"
        ) from error
    return value
