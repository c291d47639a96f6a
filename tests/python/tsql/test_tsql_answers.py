from __future__ import annotations

import pytest

from hartonomous.rehearsal.answers import AnswerBook
from hartonomous.rehearsal.catalog import Catalog, Column, RehearsalError


@pytest.fixture
def book() -> AnswerBook:
    catalog = Catalog("sqlserver")
    catalog.add_landing()
    catalog.relations["dbo", "vectors"] = "table"
    catalog.columns["dbo", "vectors"] = [
        Column("id", "int"),
        Column("name", "nvarchar(200)"),
        Column("text", "varchar(max)"),
        Column("share", "decimal(10, 2)"),
        Column("embedding", "VECTOR(384)"),
    ]
    catalog.undocumented["dbo", "bare"] = "models/bare.sql"
    return AnswerBook(catalog)


def test_aggregates_over_empty_tables(book):
    answer = book(
        "/* {} */ select count(*) as n, max(a) as m, coalesce(max(b), 0) as z,"
        " isnull(min(c), 'x') as c from t"
    )
    assert [name for name, _ in answer.columns] == ["n", "m", "z", "c"]
    assert answer.rows == [(0, None, 0, "x")]


def test_other_queries_give_no_rows(book):
    answer = book("select a, b from t")
    assert [name for name, _ in answer.columns] == ["a", "b"]
    assert list(answer.rows) == []


def test_statements_give_nothing(book):
    assert book("create table t (a int)") is None


def test_relations_of_a_schema(book):
    sql = """USE [hartonomous]; declare @schema_id int = schema_id('dbo');
    select DB_NAME() as [database], t.name as [name], 'dbo' as [schema],
      'table' as table_type
    from sys.tables as t with (nolock) where t.schema_id = @schema_id"""
    assert book(sql).rows == [("hartonomous", "vectors", "dbo", "table")]
    assert ("hartonomous", "models", "raw", "table") in book(sql.replace("dbo", "raw")).rows


@pytest.mark.parametrize(
    "relation",
    ['"hartonomous"."dbo"."vectors"', "[dbo].[vectors__dbt_tmp]", "dbo.vectors__dbt_temp"],
)
def test_columns_of_a_relation_and_of_its_working_copies(book, relation):
    sql = f"select c.name from sys.columns c where c.object_id = object_id('{relation}')"
    assert book(sql).rows == [
        ("id", "int", 0, 0, 0),
        ("name", "nvarchar", 200, 0, 0),
        ("text", "varchar", -1, 0, 0),
        ("share", "decimal", 0, 10, 2),
        ("embedding", "vector", 384, 0, 0),
    ]


def test_columns_that_no_yml_lists_are_asked_for(book):
    with pytest.raises(RehearsalError, match=r"models/bare\.sql has none in its yml"):
        book("select 1 from sys.columns c where c.object_id = object_id('[dbo].[bare]')")


def test_server_version(book):
    answer = book("select cast(parsename(cast(serverproperty('productversion') as x), 4) as int) v")
    assert answer.rows == [(17,)]


def test_indexes_come_from_what_was_recorded(book):
    statement = 'create unique nonclustered index [dbt_idx_1] on "h"."dbo"."vectors" ([id], [b])'
    book.catalog.add_indexes([f"if 1 = 1 begin {statement} end"])
    sql = "select i.name from sys.indexes i where i.object_id = OBJECT_ID('dbo.vectors')"
    assert book(sql).rows[0][:6] == ("dbt_idx_1", "nonclustered", True, False, False, "id, b")
