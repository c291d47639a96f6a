"""Plain text: one text a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .lines import read_lines
from .readers import DEFAULT_COLUMN, TextRecord


class PlainReader:
    """One text a line, no metadata; blank lines are skipped and counted."""

    def __init__(self, path: Path, column: str | None) -> None:
        if column not in (None, DEFAULT_COLUMN):
            raise InputError(
                f"{path} is plain text and has no columns: leave out --column {column}"
            )
        self.path = path
        self.column = DEFAULT_COLUMN
        self.notices: list[str] = []

    def records(self) -> Iterator[TextRecord]:
        """Every line that is not blank, without its line end."""
        blank = 0
        for number, line in read_lines(self.path):
            text = line.rstrip("\r\n")
            if text.strip():
                yield TextRecord(f"line {number}", text, {})
            else:
                blank += 1
        self.notices = [f"{blank} blank lines were skipped"] if blank else []
