"""Comma-, semicolon- or tab-separated values with a header line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import InputError
from .lines import read_lines
from .readers import TextRecord, choose_column, require_text

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_SAMPLE_ROWS = 50  # rows looked at for the delimiter and for columns of strings

# What JSON calls a number, short enough to come back unchanged from a double or a BIGINT. A code
# like 007 or +49 is none, and stays text.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_DECIMAL_CHARACTERS = 17


class CsvReader:
    """A header, then one text a row; a quoted field may hold line ends.

    The delimiter is the one of comma, semicolon and tab that cuts the header into most columns
    (of equals, the one that fits the first rows). In metadata a value that is written as a JSON
    number is a number, an empty one is null, any other a string. Each value is judged by itself:
    adding rows to a file never changes what the rows before are.
    """

    def __init__(self, path: Path, column: str | None) -> None:
        self.path = path
        self.notices: list[str] = []
        self._delimiter = "\t" if path.suffix.lower() == ".tsv" else self._sniff()
        header = next(self._rows(self._delimiter), None)
        if header is None:
            raise InputError(f"{path} holds blank lines only: nothing to land")
        self._columns = [name or f"column_{i}" for i, name in enumerate(header[2], start=1)]
        duplicates = sorted({n for n in self._columns if self._columns.count(n) > 1})
        if duplicates:
            raise InputError(f"{path} has several columns named {', '.join(duplicates)}: rename")
        self.column = choose_column(path, column, self._columns, self._string_columns())
        self._text_index = self._columns.index(self.column)

    def _rows(self, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
        """(row number, 0 for the header; line number; fields) of every row that is not blank."""
        lines = (line for _, line in read_lines(self.path))
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        try:
            for fields in reader:
                if fields:
                    yield number, reader.line_num, fields
                    number += 1
        except csv.Error as error:
            raise InputError(
                f"{self.path}, line {reader.line_num} is broken CSV "
                f"({_DELIMITERS[delimiter]}-separated): {error}"
            ) from error

    def _sniff(self) -> str:
        best, best_score = ",", (0, -1)
        for delimiter in _DELIMITERS:
            try:
                widths = [len(row) for _, _, row in islice(self._rows(delimiter), _SAMPLE_ROWS)]
            except InputError:
                continue  # where no delimiter fits, the comma is taken and raises its own error
            score = (widths[0], sum(width == widths[0] for width in widths)) if widths else (0, 0)
            if score > best_score:
                best, best_score = delimiter, score
        return best

    def _string_columns(self) -> list[str]:
        samples = [row for n, _, row in islice(self._rows(self._delimiter), _SAMPLE_ROWS) if n]
        return [
            name
            for index, name in enumerate(self._columns)
            if any(isinstance(_typed(row[index]), str) for row in samples if index < len(row))
        ]

    def records(self) -> Iterator[TextRecord]:
        """Every row after the header, in file order."""
        for number, line, fields in self._rows(self._delimiter):
            if number == 0:
                continue
            where = f"row {number} (line {line})"
            if len(fields) != len(self._columns):
                raise InputError(
                    f"{self.path}, {where} has {len(fields)} columns, the header has "
                    f"{len(self._columns)} ({_DELIMITERS[self._delimiter]}-separated): quote "
                    "texts that hold the delimiter or a line end"
                )
            text = require_text(self.path, where, self.column, fields[self._text_index])
            metadata = {
                name: _typed(value)
                for name, value in zip(self._columns, fields, strict=True)
                if name != self.column
            }
            yield TextRecord(where, text, metadata)


def _typed(value: str) -> Any:
    """A field as JSON would hold it: a number, null or a string."""
    if value == "":
        return None
    if _INTEGER.fullmatch(value):
        return int(value)
    if len(value) <= _DECIMAL_CHARACTERS and _DECIMAL.fullmatch(value):
        return float(value)
    return value
