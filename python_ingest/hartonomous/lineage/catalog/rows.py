"""Reading rows for the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

_BATCH = 5_000
Connection = duckdb.DuckDBPyConnection


def rows(
    connection: Connection, statement: str, parameters: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, a batch at a time, over a cursor of its own."""
    cursor = connection.cursor()
    try:
        found = cursor.execute(statement, list(parameters))
        while batch := found.fetchmany(_BATCH):
            yield from batch
    finally:
        cursor.close()


def moment(value: datetime | None) -> str | None:
    """A landed moment as the graph takes it: ISO 8601, UTC."""
    return None if value is None else value.isoformat(timespec="microseconds") + "Z"


def model_key(name: str, model_id: str) -> str:
    """The key of a Model."""
    return f"{name}@{model_id}"


def has_table(connection: Connection, name: str) -> bool:
    """Whether a built table or view is there: what was built by an older version may lack it."""
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'built' AND table_name = $1 "
        "UNION ALL SELECT 1 FROM duckdb_views() WHERE database_name = 'built' AND view_name = $1",
        [name],
    ).fetchone()
    return found is not None


def log_files_pattern(folder: Path) -> str | None:
    """What DuckDB reads the log by; None where there is none, which would be an error."""
    return f"{folder}/*.json*" if any(folder.glob("*.json*")) else None
