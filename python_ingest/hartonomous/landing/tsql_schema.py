"""The landing tables as T-SQL for SQL Server 2025, Azure SQL Database and SQL database in Fabric.

Fabric Warehouse, which has neither vectors nor nvarchar nor enforced keys, has its own form in
:mod:`hartonomous.landing.fabric_ddl`.

Types
- Hashes are 64 hexadecimal digits: ``varchar(64)``. Every other key column is ``nvarchar(200)``.
  The widest key, ``source_files(kind, name, sha256)``, is then 864 bytes; SQL Server allows 900
  in a clustered index. A short text outside any key is ``nvarchar(400)``.
- JSON is ``nvarchar(max)``. The json type of SQL Server 2025 does not keep the text as it was
  written (order of keys, spelling of numbers), and ids are hashes over exactly that text.
- Vectors of embeddings have any dimension, a VECTOR column has one: here they are JSON text in
  ``nvarchar(max)``, and the dbt model of a space casts them to ``VECTOR(n)``.
- Rows of weights stand in chunks of :data:`WEIGHT_CHUNK_WIDTH`, the last one padded with zeros,
  so that one ``VECTOR`` column holds tensors of every width, also beyond the limit of 1,998.

The tables take the collation of the database. Names and tokens that differ in case only are
different: create the database with a binary one, as Fabric Warehouse has by default::

    CREATE DATABASE hartonomous COLLATE Latin1_General_100_BIN2_UTF8;
"""

from __future__ import annotations

from .schema import SCHEMA, TABLES, Table

WEIGHT_CHUNK_WIDTH = 512
"""Elements of one chunk of a weight row. 512 divides the usual widths (512, 1,024, 3,072, 4,096);
384 and 768 waste a quarter, which a width of 384 would waste on 512 and 1,024."""

HASH_LENGTH = 64
KEY_LENGTH = 200
SHORT_TEXT_LENGTH = 400

HASH_COLUMNS = frozenset({"model_id", "sha256", "tensor_id", "text_id", "tokenizer_id"})
"""Columns that hold a SHA-256 in hexadecimal (``tokenizer_id`` is empty where there is none)."""

_TYPES = {
    "text": "nvarchar(max)",
    "json": "nvarchar(max)",
    "int": "int",
    "bigint": "bigint",
    "float": "real",
    "double": "float",
    "bool": "bit",
    "timestamp": "datetime2(6)",
    "vector": "nvarchar(max)",
}


def is_chunked(table: Table) -> bool:
    """Whether the table's vectors are cut into chunks of one width."""
    return "chunk_index" in table.columns


def key_length(table: Table, column: str) -> int:
    """Longest text (characters) that a column of logical type ``key`` takes."""
    if column in HASH_COLUMNS:
        return HASH_LENGTH
    return KEY_LENGTH if column in table.key else SHORT_TEXT_LENGTH


def column_type(table: Table, column: str) -> str:
    """SQL Server's type of a landing column."""
    kind = table.columns[column]
    if kind == "key":
        name = "varchar" if column in HASH_COLUMNS else "nvarchar"
        return f"{name}({key_length(table, column)})"
    if kind == "vector" and is_chunked(table):
        return f"VECTOR({WEIGHT_CHUNK_WIDTH})"
    return _TYPES[kind]


def create_table(table: Table) -> str:
    """The guarded CREATE TABLE of one landing table, with its clustered primary key."""
    lines = []
    for name in table.columns:
        # A vector column may stand in no key; everything that identifies a row must be there.
        required = name in table.key or (table.columns[name] == "vector")
        lines.append(
            f"    [{name}] {column_type(table, name)} {'NOT NULL' if required else 'NULL'}"
        )
    keys = ", ".join(f"[{name}]" for name in table.key)
    lines.append(f"    CONSTRAINT [pk_{table.name}] PRIMARY KEY CLUSTERED ({keys})")
    columns = ",\n".join(lines)
    return guarded(f"CREATE TABLE [{SCHEMA}].[{table.name}] (\n{columns}\n)", table.name)


def guarded(statement: str, table: str) -> str:
    """A CREATE TABLE that does nothing where the landing table is there already.

    The statement stands in EXEC, as dbt sends its own: what reads T-SQL as a script takes a
    CREATE TABLE inside IF for one that may never come to be.
    """
    text = statement.replace("'", "''")
    return f"IF OBJECT_ID(N'{SCHEMA}.{table}', N'U') IS NULL\nEXEC(N'{text}');"


def sqlserver_statements() -> list[str]:
    """What makes the landing schema on SQL Server, one batch each; running them again is safe."""
    schema = f"IF SCHEMA_ID(N'{SCHEMA}') IS NULL EXEC(N'CREATE SCHEMA [{SCHEMA}]');"
    return [schema, *(create_table(table) for table in TABLES.values())]
