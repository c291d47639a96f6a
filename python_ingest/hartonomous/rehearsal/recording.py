"""A connection that sends nothing: it writes down every statement and answers from a book.

It stands in for the connections of mssql-python (DB-API 2.0) that dbt-sqlserver, dbt-fabric and
the SQL Server sink use.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PARAMETER = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\?", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """A result set: column names with the Python class a driver would report, and rows."""

    columns: Sequence[tuple[str, type]]
    rows: Sequence[tuple[Any, ...]] = ()


Answering = Callable[[str], Answer | None]
"""Gives the result set of a batch, or None for a batch that returns no rows."""


@dataclass
class Recorder:
    """The statements of one run, in the order in which they would be sent."""

    answer: Answering = lambda _sql: None
    national_strings: bool = True
    """Whether text parameters are written as N'...' (Fabric Warehouse has plain strings)."""
    batches: list[str] = field(default_factory=list)

    def record(self, sql: str, parameters: Sequence[Any] = ()) -> Answer | None:
        """Write a batch down and answer it."""
        self.batches.append(self.substitute(sql, parameters))
        return self.answer(sql)

    def substitute(self, sql: str, parameters: Sequence[Any]) -> str:
        """The statement with each ``?`` outside strings and comments replaced by its value."""
        values = iter(parameters)

        def replace(match: re.Match[str]) -> str:
            return self.literal(next(values)) if match.group() == "?" else match.group()

        return _PARAMETER.sub(replace, sql) if parameters else sql

    def literal(self, value: Any) -> str:
        """A T-SQL literal of a parameter's value."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, (int, float, decimal.Decimal)):
            return str(value)
        if isinstance(value, (bytes, bytearray)):
            return "0x" + bytes(value).hex()
        if isinstance(value, (dt.datetime, dt.date, dt.time)):
            value = value.isoformat()
        prefix = "N" if self.national_strings else ""
        return prefix + "'" + str(value).replace("'", "''") + "'"

    def write(self, path: Path) -> None:
        """One file, batches separated by GO as sqlcmd and SQL Server Management Studio read it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{batch.strip()}\nGO\n" for batch in self.batches)
        path.write_text(text, encoding="utf-8")


class RecordingCursor:
    """DB-API cursor over a :class:`Recorder`."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.messages: list[tuple[str, str]] = []

    def execute(self, sql: str, *parameters: Any) -> RecordingCursor:
        """Record a batch; its answer is what the fetches give."""
        if len(parameters) == 1 and isinstance(parameters[0], (list, tuple)):
            parameters = tuple(parameters[0])
        answer = self._recorder.record(sql, parameters)
        self.description = None
        self._rows = []
        if answer is not None:
            self.description = [
                (name, kind, None, None, None, None, True) for name, kind in answer.columns
            ]
            self._rows = list(answer.rows)
        return self

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Record the statement once a row."""
        for row in rows:
            self.execute(sql, tuple(row))

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """The next rows."""
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows."""
        return self.fetchmany(len(self._rows))

    def nextset(self) -> bool:
        """An answer is one result set."""
        return False

    def close(self) -> None:
        """Drop what was not fetched."""
        self._rows = []


class RecordingConnection:
    """DB-API connection over a :class:`Recorder`."""

    def __init__(self, recorder: Recorder, autocommit: bool = True) -> None:
        self.recorder = recorder
        self.autocommit = autocommit
        self.timeout = 0

    def cursor(self) -> RecordingCursor:
        """A cursor over the same recorder."""
        return RecordingCursor(self.recorder)

    def commit(self) -> None:
        """Nothing is open."""

    def rollback(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing to release."""
