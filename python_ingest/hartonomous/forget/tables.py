"""The tables of a DuckDB file: which may hold a text or a vector, and a file without its remains.

DuckDB marks deleted rows and freed blocks; their bytes stay in the file. So what must be gone is
copied without it into a fresh file, which then takes the place of the old one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ..errors import DatabaseBusyError, InputError
from ..extensions import ROW_GROUP, load_extensions

Connection = duckdb.DuckDBPyConnection
TEXT_COLUMNS = ("text", "source_text", "query_text")
"""Columns of texts: a row that holds one goes with it."""
VOCABULARY = ("token", "term", "content", "pattern", "spelled", "normalized", "pretokenized")
"""Columns of words, which are of a model or of many texts, even where a text is one word."""
_FRESH = ".rewrite"


def open_to_write(path: Path, alias: str, *, beside: Path | None = None) -> Connection:
    """A connection that holds a file for writing, attached as ``alias``.

    ``beside`` is attached read-only as ``landing``: views of a built file name it.

    Raises:
        DatabaseBusyError: another process holds it, if only to read.
    """
    connection = duckdb.connect()
    try:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET force_compression = 'uncompressed'")
        connection.execute(f"SET temp_directory = {_quoted(str(path) + '.tmp')}")
        if beside is not None:
            load_extensions(connection)
            connection.execute("SET hnsw_enable_experimental_persistence = true")
            connection.execute(f"ATTACH {_quoted(str(beside))} AS landing (READ_ONLY)")
        connection.execute(f"ATTACH {_quoted(str(path))} AS {alias}")
    except duckdb.IOException as error:
        connection.close()
        if "lock" in str(error).lower():
            raise DatabaseBusyError(
                f"{path} is held by another process: nothing can be taken out of it meanwhile; "
                "wait for it or close it, then run the same command again"
            ) from error
        raise InputError(f"{path} cannot be opened as a DuckDB file: {error}") from error
    return connection


def columns(connection: Connection, alias: str, kind: str) -> list[tuple[str, list[str]]]:
    """(table, columns of a kind) of every table of a database: ``texts`` or ``vectors``."""
    wanted = "IN ('VARCHAR', 'JSON')" if kind == "texts" else "LIKE 'FLOAT[%'"
    rows = connection.execute(
        'SELECT format(\'{}."{}"."{}"\', t.database_name, t.schema_name, t.table_name), '
        "list(c.column_name ORDER BY c.column_index) "
        "FROM duckdb_tables() AS t JOIN duckdb_columns() AS c ON c.table_oid = t.table_oid "
        "AND c.database_oid = t.database_oid "
        f"WHERE t.database_name = $1 AND c.data_type {wanted} GROUP BY 1 ORDER BY 1",
        [alias],
    ).fetchall()
    return [(table, list(names)) for table, names in rows]


def tables_with(connection: Connection, alias: str, column: str) -> list[tuple[str, str]]:
    """(qualified name, name) of every table of a database that has this column."""
    return connection.execute(
        'SELECT format(\'{}."{}"."{}"\', t.database_name, t.schema_name, t.table_name), '
        "t.table_name "
        "FROM duckdb_tables() AS t JOIN duckdb_columns() AS c ON c.table_oid = t.table_oid "
        "AND c.database_oid = t.database_oid "
        "WHERE t.database_name = $1 AND c.column_name = $2 ORDER BY 1",
        [alias, column],
    ).fetchall()


def holding(connection: Connection, alias: str, digest: str) -> list[tuple[str, str, int]]:
    """(table, column, rows) of every column that holds the text of a hash as a value."""
    found = []
    for table, every in columns(connection, alias, "texts"):
        names = [name for name in every if name not in VOCABULARY]
        if not names:
            continue
        counts = ", ".join(f'count(*) FILTER (sha256("{name}") = $1)' for name in names)
        row = connection.execute(f"SELECT {counts} FROM {table}", [digest]).fetchone() or ()
        found += [(table, name, n) for name, n in zip(names, row, strict=True) if n]
    return found


def delete_texts(connection: Connection, alias: str, digest: str) -> None:
    """Delete every row of a database whose text it is."""
    for table, name, _ in holding(connection, alias, digest):
        if name in TEXT_COLUMNS:
            connection.execute(f'DELETE FROM {table} WHERE sha256("{name}") = ?', [digest])


def delete_vectors(connection: Connection, alias: str, vectors: Sequence[list[float]]) -> int:
    """Delete every row of a database that holds one of these vectors; how many there were."""
    deleted = 0
    for table, names in columns(connection, alias, "vectors"):
        for name in names:
            for vector in vectors:
                row = connection.execute(
                    f'DELETE FROM {table} WHERE CAST("{name}" AS FLOAT[]) = $1::FLOAT[]', [vector]
                ).fetchone()
                deleted += int(row[0]) if row else 0
    return deleted


def rewrite(connection: Connection, path: Path, alias: str) -> None:
    """Copy the database without what was deleted, and let the copy take the file's place.

    The connection holds the file until the copy is there: nobody writes to the old one meanwhile.
    It is closed.
    """
    fresh = path.with_name(path.name + _FRESH)
    _remove(fresh)
    try:
        connection.execute(f"CHECKPOINT {alias}")
        connection.execute(f"ATTACH {_quoted(str(fresh))} AS fresh (ROW_GROUP_SIZE {ROW_GROUP})")
        connection.execute(f"COPY FROM DATABASE {alias} TO fresh")
        connection.execute("DETACH fresh")
        descriptor = os.open(fresh, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(fresh, path)
    finally:
        connection.close()
        _remove(fresh)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    Path(str(path) + ".wal").unlink(missing_ok=True)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
