"""Landing into a DuckDB file by Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ..errors import DatabaseBusyError, InputError
from .schema import SCHEMA, TABLES

# Small row groups keep a row group of wide vectors (2,048 x 4,096 x 4 bytes = 32 MB) inside the
# memory limit; the default of 122,880 rows would need 2 GB of it. Uncompressed storage writes
# and scans float vectors faster, and random-looking floats do not compress (docs/decisions).
_ATTACH_OPTIONS = "(ROW_GROUP_SIZE 2048)"
_MEMORY_LIMIT = "128MB"

_DUCKDB_TYPES = {
    "key": "VARCHAR",
    "text": "VARCHAR",
    "json": "VARCHAR",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "vector": "FLOAT[]",
}


class DuckDBSink:
    """The landing tables of one DuckDB file, opened for writing."""

    def __init__(self, path: Path, memory_limit: str = _MEMORY_LIMIT) -> None:
        self._in_transaction = False
        self.connection = duckdb.connect()
        # DuckDB draws it on stdout, where --json promises nothing but JSON.
        self.connection.execute("SET enable_progress_bar = false")
        self.connection.execute(f"SET memory_limit = '{memory_limit}'")
        self.connection.execute("SET force_compression = 'uncompressed'")
        # Row groups are written as they fill: a heap of them would be spilled and read again.
        self.connection.execute("SET write_buffer_row_group_count = 1")
        quoted = str(path).replace("'", "''")
        # Row groups of very wide rows that do not fit into the limit spill beside the database,
        # not into the folder that the command happens to run in.
        self.connection.execute(f"SET temp_directory = '{quoted}.tmp'")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection.execute(f"ATTACH '{quoted}' AS landing {_ATTACH_OPTIONS}")
        except duckdb.IOException as error:
            self.connection.close()
            if "lock" in str(error):
                raise DatabaseBusyError(
                    f"{path} is held by another process, and DuckDB has one writer: "
                    f"close it there, then try again ({str(error).splitlines()[0]})"
                ) from error
            raise InputError(f"{path} cannot be opened as a DuckDB file: {error}") from error
        except (OSError, duckdb.Error) as error:
            self.connection.close()
            raise InputError(f"{path} cannot be opened as a DuckDB file: {error}") from error
        self.connection.execute("USE landing")

    def ensure_schema(self) -> None:
        """As :meth:`Sink.ensure_schema`."""
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS landing.{SCHEMA}")
        for table in TABLES.values():
            columns = ", ".join(
                f'"{name}" {_DUCKDB_TYPES[kind]}' for name, kind in table.columns.items()
            )
            self.connection.execute(
                f'CREATE TABLE IF NOT EXISTS landing.{SCHEMA}."{table.name}" ({columns})'
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As :meth:`Sink.transaction`."""
        if self._in_transaction:  # nested use joins the outer transaction
            yield
            return
        self.connection.execute("BEGIN")
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self._in_transaction = False
            self.connection.execute("ROLLBACK")
            raise
        self._in_transaction = False
        self.connection.execute("COMMIT")

    def insert(self, table: str, batches: Iterable[pa.RecordBatch]) -> int:
        """As :meth:`Sink.insert`; up to some 200 batches are fetched ahead."""
        definition = TABLES[table]
        # One statement over a stream is twice as fast as one statement a batch. Its memory is
        # what is fetched ahead: producers of large batches bound it themselves (budget.py).
        failures: list[BaseException] = []

        def guarded() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except BaseException as error:
                failures.append(error)
                raise

        reader = pa.RecordBatchReader.from_batches(definition.arrow_schema, guarded())
        names = ", ".join(f'"{name}"' for name in definition.columns)
        cursor = self.connection
        cursor.register("landing_batches", reader)
        try:
            result = cursor.execute(
                f'INSERT INTO landing.{SCHEMA}."{table}" ({names}) '
                f"SELECT {names} FROM landing_batches"
            ).fetchone()
        except duckdb.Error as error:
            if failures:  # the reader's own error, which DuckDB turned into text
                raise failures[0] from error
            raise
        finally:
            cursor.unregister("landing_batches")
        return int(result[0]) if result else 0

    @contextmanager
    def writers(self, count: int) -> Iterator[list[DuckDBSink]]:
        """Sinks on the same file for ``count`` threads, each with transactions of its own.

        Nearly all of an insert's time is DuckDB's bookkeeping of minima and maxima, value by
        value. One thread a statement, on several statements, keeps every core at it with small
        batches; one statement on several threads needs whole row groups as batches and more
        memory (benchmarks/landing).
        """
        writers = []
        for _ in range(count):
            writer = object.__new__(DuckDBSink)
            writer._in_transaction = False
            writer.connection = self.connection.cursor()
            writer.connection.execute("USE landing")
            writers.append(writer)
        self.connection.execute("SET threads = 1")
        try:
            yield writers
        finally:
            for writer in writers:
                writer.close()
            self.connection.execute("RESET threads")

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As :meth:`Sink.query`."""
        return self.connection.execute(sql, list(parameters)).fetchall()

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), rows: int = 2048
    ) -> Iterator[pa.RecordBatch]:
        """As :meth:`Sink.stream`."""
        # A cursor of its own: the caller may write while it reads.
        cursor = self.connection.cursor()
        cursor.execute("USE landing")
        try:
            yield from cursor.execute(sql, list(parameters)).to_arrow_reader(rows)
        finally:
            cursor.close()

    def delete(self, table: str, where: str, parameters: Sequence[Any] = ()) -> int:
        """As :meth:`Sink.delete`."""
        result = self.connection.execute(
            f'DELETE FROM landing.{SCHEMA}."{TABLES[table].name}" WHERE {where}', list(parameters)
        ).fetchone()
        return int(result[0]) if result else 0

    def close(self) -> None:
        """As :meth:`Sink.close`."""
        self.connection.close()
