"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from ..errors import InputError
from .lines import read_lines
from .readers import TextRecord, choose_column, require_text

_SAMPLE_LINES = 100  # lines looked at for the columns and which of them hold strings


class JsonLinesReader:
    """One JSON object a line; its other members are the metadata, nested ones included."""

    def __init__(self, path: Path, column: str | None) -> None:
        self.path = path
        self.notices: list[str] = []
        columns: dict[str, bool] = {}  # in order of appearance; does every value seen is a string
        for _, member in islice(self._objects(), _SAMPLE_LINES):
            for key, value in member.items():
                columns[key] = columns.get(key, True) and isinstance(value, str)
        if not columns:
            raise InputError(f"{path} holds no JSON object with members: nothing to land")
        strings = [key for key, is_string in columns.items() if is_string]
        self.column = choose_column(path, column, list(columns), strings)

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in read_lines(self.path):
            if not line.strip():
                continue
            try:
                value = json.loads(line, parse_constant=_refuse_constant)
            except RecursionError as error:
                raise InputError(f"{self.path}, line {number} is nested too deeply") from error
            except ValueError as error:
                raise InputError(f"{self.path}, line {number} is not JSON: {error}") from error
            if not isinstance(value, dict):
                raise InputError(
                    f"{self.path}, line {number} holds a {type(value).__name__}, "
                    'not an object like {"text": ...}'
                )
            yield number, value

    def records(self) -> Iterator[TextRecord]:
        """Every object in file order; blank lines are passed over."""
        for number, member in self._objects():
            where = f"line {number}"
            if self.column not in member:
                listed = ", ".join(member) or "none"
                raise InputError(
                    f"{self.path}, {where} has no column {self.column!r}: its columns are {listed}"
                )
            text = require_text(self.path, where, self.column, member.pop(self.column))
            yield TextRecord(where, text, member)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
