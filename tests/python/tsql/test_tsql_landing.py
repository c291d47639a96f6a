"""The landing DDL of SQL Server and of Fabric Warehouse."""

from __future__ import annotations

import re

import pytest

from hartonomous.errors import InputError
from hartonomous.landing.fabric_ddl import copy_into, fabric_columns, fabric_statements
from hartonomous.landing.schema import TABLES
from hartonomous.landing.tsql_schema import column_type, key_length, sqlserver_statements
from hartonomous.rehearsal.check import check


def write(path, statements):
    path.write_text("".join(f"{statement}\nGO\n" for statement in statements))
    return path


@pytest.mark.parametrize("grammar", ["sql2025", "azure", "fabric-sqldb"])
def test_sql_server_accepts_the_ddl(checker, tmp_path, grammar):
    path = write(tmp_path / "landing.sql", sqlserver_statements())
    assert check(checker, path, grammar).errors == []


def test_fabric_warehouse_accepts_the_ddl(checker, tmp_path):
    copy = copy_into("texts", "https://onelake.dfs.fabric.microsoft.com/w/l/Files/texts/*.parquet")
    path = write(tmp_path / "landing.sql", [*fabric_statements(), copy])
    assert check(checker, path, "fabric-dw").errors == []


def test_the_checker_sees_every_landing_table(checker, tmp_path):
    reads = [f"SELECT [{c}] FROM raw.[{t.name}]" for t in TABLES.values() for c in t.columns]
    path = write(tmp_path / "landing.sql", [*sqlserver_statements(), *reads])
    assert check(checker, path, "sql2025").errors == []
    path = write(path, [*sqlserver_statements(), "SELECT nothing_of_that_name FROM raw.texts"])
    assert check(checker, path, "sql2025").errors != []


def test_keys_fit_into_a_clustered_index():
    sizes = {"int": 4, "bigint": 8}
    for table in TABLES.values():
        width = 0
        for name in table.key:
            kind = column_type(table, name)
            length = re.fullmatch(r"(n?)varchar\((\d+)\)", kind)
            width += int(length[2]) * (2 if length[1] else 1) if length else sizes[kind]
        assert width <= 900, f"{table.name}: {width} bytes"


def test_hashes_are_wide_enough():
    assert key_length(TABLES["models"], "model_id") == 64
    assert key_length(TABLES["source_files"], "sha256") == 64


def test_fabric_keeps_names_and_columns_but_vectors():
    columns = fabric_columns()
    assert set(TABLES) <= set(columns)
    assert set(columns) - set(TABLES) == {
        "cells_values",
        "text_embeddings_values",
        "landmarks_values",
        "queries_values",
    }
    assert [name for name, _ in columns["weight_rows"]] == [
        "tensor_id",
        "row_index",
        "dim",
        "value",
    ]
    for table in TABLES.values():
        if "vector" not in table.columns.values():
            assert [name for name, _ in columns[table.name]] == list(table.columns)


def test_no_type_that_fabric_lacks():
    types = {kind for columns in fabric_columns().values() for _, kind in columns}
    assert not any(re.match("nvarchar|json|vector|datetime2$", kind, re.I) for kind in types)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.blob.core.windows.net/c/f.parquet?sv=1&sig=secret",
        "https://x/c/f.parquet' ) ; DROP TABLE raw.texts --",
        "http://x/c/f.parquet",
        "/tmp/f.parquet",
    ],
)
def test_copy_into_takes_plain_addresses_only(url):
    with pytest.raises(InputError) as caught:
        copy_into("texts", url)
    assert "secret" not in str(caught.value)


def test_copy_into_knows_its_tables():
    with pytest.raises(InputError, match="no landing table"):
        copy_into("texts]; DROP TABLE x", "https://x/c/f.parquet")
