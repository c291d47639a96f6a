"""The landing tables of Fabric Warehouse, and how they are filled.

The warehouse has no vector type, so a vector is rows of one value each, read in the order of
``dim`` (0-based):

- ``weight_rows``, which holds nothing but vectors, is ``(tensor_id, row_index, dim, value)``;
  so are ``cell_groups`` and ``code_rotations``, under their keys.
  Rows of any width fit, so there are no chunks.
- Every other table keeps its name and its columns without ``vector``; the values stand beside it
  in ``<table>_values(<key of the table>, dim, value)``: ``text_embeddings_values``,
  ``landmarks_values``, ``queries_values`` and ``cells_values``.

There is no nvarchar either (varchar is UTF-8, its length counts bytes), and a primary key is not
enforced: none is declared, and what is landed twice must be kept out by the one who loads.

Filling: write the tables as Parquet with the columns in the order below, put the files where the
warehouse can read them, and run :func:`copy_into` for each. Values are real (float32).
"""

from __future__ import annotations

import re

from ..errors import InputError
from .schema import SCHEMA, TABLES, Table
from .tsql_schema import HASH_COLUMNS, HASH_LENGTH

_KEY_BYTES = 800  # 200 characters of up to four bytes
_TYPES = {
    "text": "varchar(max)",
    "json": "varchar(max)",
    "int": "int",
    "bigint": "bigint",
    "float": "real",
    "double": "float",
    "bool": "bit",
    "timestamp": "datetime2(6)",
}
_URL = re.compile(r"https://[A-Za-z0-9.\-]+(?:/[A-Za-z0-9._~%*=\-]+)+/?\Z")


def column_type(table: Table, column: str) -> str:
    """Fabric Warehouse's type of a landing column that is no vector."""
    kind = table.columns[column]
    if kind == "key":
        return f"varchar({HASH_LENGTH if column in HASH_COLUMNS else _KEY_BYTES})"
    return _TYPES[kind]


def _definitions() -> dict[str, list[tuple[str, str, bool]]]:
    """Table name -> its columns as (name, type, required)."""
    definitions: dict[str, list[tuple[str, str, bool]]] = {}
    for table in TABLES.values():
        vectors = [name for name, kind in table.columns.items() if kind == "vector"]
        values = [("dim", "int", True), ("value", "real", True)]
        keys = [
            (name, column_type(table, name), True) for name in table.key if name != "chunk_index"
        ]
        plain = [
            (name, column_type(table, name), name in table.key)
            for name in table.columns
            if name not in vectors
        ]
        if not vectors:
            definitions[table.name] = plain
        elif len(plain) == len(table.key):  # nothing but keys and the vector
            definitions[table.name] = keys + values
        else:
            definitions[table.name] = plain
            definitions[f"{table.name}_values"] = keys + values
    return definitions


def fabric_columns() -> dict[str, list[tuple[str, str]]]:
    """Landing table -> its columns in order as (name, type), on Fabric Warehouse."""
    return {
        table: [(name, kind) for name, kind, _ in columns]
        for table, columns in _definitions().items()
    }


def fabric_statements() -> list[str]:
    """What makes the landing schema on Fabric Warehouse, one batch each; safe to run again."""
    statements = [f"IF SCHEMA_ID('{SCHEMA}') IS NULL EXEC('CREATE SCHEMA [{SCHEMA}]');"]
    for table, columns in _definitions().items():
        lines = ",\n".join(
            f"    [{name}] {kind} {'NOT NULL' if required else 'NULL'}"
            for name, kind, required in columns
        )
        create = f"CREATE TABLE [{SCHEMA}].[{table}] (\n{lines}\n)"
        statements.append(f"IF OBJECT_ID('{SCHEMA}.{table}', 'U') IS NULL\nEXEC('{create}');")
    return statements


def copy_into(table: str, url: str) -> str:
    """The COPY statement that appends Parquet files to a landing table.

    ``url`` is the https address of a file, or of files with ``*``, in OneLake or Azure storage
    that the caller's own identity may read; a signature (``?...``) is refused, since it is a
    secret that would stand in the warehouse's query history.

    Raises InputError for a table that is not a landing table and for any other address.
    """
    if table not in _definitions():
        raise InputError(f"{table!r} is no landing table of Fabric Warehouse")
    if not _URL.match(url):
        raise InputError(
            f"{url.split('?')[0]!r} is no plain https address of a file in OneLake or Azure "
            "storage: leave out signatures, spaces and quotes"
        )
    return f"COPY INTO [{SCHEMA}].[{table}] FROM '{url}' WITH (FILE_TYPE = 'PARQUET');"
