"""Landing into SQL Server 2025, Azure SQL Database and SQL database in Fabric.

Rows travel by bulk copy. mssql-python's bulk copy opens a connection of its own, outside any
transaction, and knows no VECTOR: so rows are copied into a staging table (vectors as text), and
one INSERT ... SELECT inside the caller's transaction moves them and casts. A process that is
killed leaves its transaction undone and at most a staging table, which :meth:`ensure_schema`
drops once it is a day old.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from ..errors import DatabaseBusyError
from .schema import SCHEMA, TABLES, Table
from .sqlserver_connection import connection_string, connector
from .sqlserver_rows import parse_vector, sqlserver_rows
from .tsql_schema import WEIGHT_CHUNK_WIDTH, column_type, is_chunked, sqlserver_statements

_STAGING = "__landing_"
_LOCK_WAIT = 60_000  # milliseconds

# One writer at a time, as on DuckDB: ids of embeddings are counted on from the largest.
_TAKE_LOCK = f"""\
SET NOCOUNT ON;
DECLARE @taken int;
EXEC @taken = sp_getapplock @Resource = N'hartonomous.landing', @LockMode = N'Exclusive',
    @LockOwner = N'Transaction', @LockTimeout = {_LOCK_WAIT};
SELECT @taken AS taken;"""

_DROP_OLD_STAGING = f"""\
DECLARE @drop nvarchar(max);
SELECT @drop = STRING_AGG(
    CAST(N'DROP TABLE [{SCHEMA}].' + QUOTENAME(t.name) + N';' AS nvarchar(max)), N' ')
FROM sys.tables AS t
WHERE t.schema_id = SCHEMA_ID(N'{SCHEMA}') AND t.name LIKE N'%[_][_]landing[_]%'
    AND t.create_date < DATEADD(day, -1, SYSDATETIME());
IF @drop IS NOT NULL EXEC sp_executesql @drop;"""


class SQLServerSink:
    """The landing tables of one SQL Server database.

    ``text`` is an ODBC-like connection string; without one, HARTONOMOUS_SQLSERVER_* of the
    environment describe it. ``connect`` opens a DB-API connection in autocommit (tests and the
    rehearsal give their own).

    :meth:`stream` reads by a connection of its own (the protocol has one result set a
    connection), so it does not see what the open transaction has written.
    """

    def __init__(self, text: str | None = None, connect: Callable[[], Any] | None = None) -> None:
        self._connect = connect or connector(connection_string() if text is None else text)
        self._in_transaction = False
        self._connection = self._open()

    def _open(self) -> Any:
        connection = self._connect()
        # An error at run time undoes the whole transaction, not the one statement.
        self._run(connection, "SET XACT_ABORT ON;")
        return connection

    @staticmethod
    def _run(connection: Any, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute a statement; returns the number of rows it touched."""
        cursor = connection.cursor()
        try:
            if parameters:
                cursor.execute(sql, list(parameters))
            else:
                cursor.execute(sql)
            return max(int(cursor.rowcount), 0)
        finally:
            cursor.close()

    def ensure_schema(self) -> None:
        """Create what is missing, and drop what killed processes left behind."""
        for statement in sqlserver_statements():
            self._run(self._connection, statement)
        self._run(self._connection, _DROP_OLD_STAGING)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction that holds the lock of the one writer; nested use joins it."""
        if self._in_transaction:  # nested use joins the outer transaction
            yield
            return
        self._connection.autocommit = False
        self._in_transaction = True
        try:
            self._lock()
            yield
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            self._in_transaction = False
            self._connection.autocommit = True

    def _lock(self) -> None:
        rows = self.query(_TAKE_LOCK)
        if rows and int(rows[0][0]) < 0:
            raise DatabaseBusyError(
                "another process has been landing into this SQL Server database for a minute: "
                "wait until it is done, then run the same command again"
            )

    def insert(self, table: str, batches: Iterable[pa.RecordBatch]) -> int:
        """Bulk copy batches; returns the rows of the table, chunks counted one by one."""
        definition = TABLES[table]
        rows = sqlserver_rows(definition, batches)
        first = next(rows, None)
        if first is None:
            return 0
        staging = f"[{SCHEMA}].[{table}{_STAGING}{uuid.uuid4().hex}]"
        side = self._open()
        try:
            self._run(side, _create_staging(definition, staging))
            try:
                cursor = side.cursor()
                try:
                    cursor.bulkcopy(
                        staging,
                        itertools.chain((first,), rows),
                        batch_size=2000,
                        timeout=0,
                        column_mappings=list(definition.columns),
                        table_lock=True,
                        keep_nulls=True,
                    )
                finally:
                    cursor.close()
                moved = self._move(definition, staging)
            finally:
                self._run(side, f"DROP TABLE IF EXISTS {staging};")
        finally:
            side.close()
        return moved

    def _move(self, table: Table, staging: str) -> int:
        names = ", ".join(f"[{name}]" for name in table.columns)
        values = ", ".join(_value(table, name) for name in table.columns)
        target = f"[{SCHEMA}].[{table.name}]"
        sql = f"INSERT INTO {target} ({names})\nSELECT {values}\nFROM {staging} AS s;"
        with self.transaction():
            return self._run(self._connection, sql)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read, by the connection that holds the transaction."""
        cursor = self._connection.cursor()
        try:
            if parameters:
                cursor.execute(sql, list(parameters))
            else:
                cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), rows: int = 2048
    ) -> Iterator[pa.RecordBatch]:
        """Rows of a large read; a column named ``vector`` comes as lists of float32."""
        connection = self._open()
        try:
            cursor = connection.cursor()
            cursor.execute(sql, list(parameters))
            names = [column[0] for column in cursor.description]
            while fetched := cursor.fetchmany(rows):
                columns = [list(column) for column in zip(*fetched, strict=True)]
                yield pa.RecordBatch.from_arrays(
                    [_arrow(name, column) for name, column in zip(names, columns, strict=True)],
                    names=names,
                )
        finally:
            connection.close()

    def delete(self, table: str, where: str, parameters: Sequence[Any] = ()) -> int:
        """Delete rows; returns how many."""
        name = f"[{SCHEMA}].[{TABLES[table].name}]"
        with self.transaction():
            return self._run(self._connection, f"DELETE FROM {name} WHERE {where};", parameters)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _create_staging(table: Table, staging: str) -> str:
    columns = ", ".join(
        f"[{name}] {'nvarchar(max)' if kind == 'vector' else column_type(table, name)} NULL"
        for name, kind in table.columns.items()
    )
    return f"CREATE TABLE {staging} ({columns});"


def _value(table: Table, name: str) -> str:
    if table.columns[name] == "vector" and is_chunked(table):
        return f"CAST(s.[{name}] AS VECTOR({WEIGHT_CHUNK_WIDTH}))"
    return f"s.[{name}]"


def _arrow(name: str, values: list[Any]) -> pa.Array:
    """A column of a result; vectors come as JSON text and go as lists of float32."""
    if name == "vector":
        return pa.array([parse_vector(text) for text in values], pa.list_(pa.float32()))
    return pa.array(values)
