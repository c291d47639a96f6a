"""What a landing needs of an engine: the same few verbs over DuckDB and SQL Server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa


class Sink(Protocol):
    """Writes landing rows into one engine.

    Values always travel as parameters or Arrow data, never inside SQL text. SQL given to
    :meth:`query` names landing tables as ``raw.<table>`` and marks parameters with ``?``; it is
    the small common subset that every engine understands.
    """

    def ensure_schema(self) -> None:
        """Create the landing schema and its tables where they are missing."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing: what happens inside is committed together or not at all."""

    def insert(self, table: str, batches: Iterable[pa.RecordBatch]) -> int:
        """Append batches in the table's Arrow schema; streams, returns the number of rows."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read."""

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), rows: int = 2048
    ) -> Iterable[pa.RecordBatch]:
        """Rows of a large read as Arrow batches of at most ``rows`` rows each."""

    def delete(self, table: str, where: str, parameters: Sequence[Any] = ()) -> int:
        """Delete rows by a condition with ``?`` parameters; returns how many."""

    def close(self) -> None:
        """Release the engine."""
