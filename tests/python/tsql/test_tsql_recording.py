from __future__ import annotations

import datetime as dt
import decimal

import pytest

from hartonomous.rehearsal.recording import Answer, Recorder, RecordingConnection
from hartonomous.rehearsal.select_list import column_name, is_aggregate, outer_select


def test_parameters_are_written_as_literals():
    recorder = Recorder()
    recorder.record(
        "insert into t values (?, ?, ?, ?, ?, ?, '?', [?], /* ? */ ?) -- ?",
        [1, "it's", None, True, decimal.Decimal("1.50"), dt.date(2026, 1, 2), b"\x01"],
    )
    assert recorder.batches == [
        "insert into t values (1, N'it''s', NULL, 1, 1.50, N'2026-01-02', '?', [?], /* ? */ 0x01)"
        " -- ?"
    ]


def test_a_question_mark_stays_without_parameters():
    recorder = Recorder()
    recorder.record("select '?' as a, ? as b")
    assert recorder.batches == ["select '?' as a, ? as b"]


def test_fabric_has_no_national_strings():
    assert Recorder(national_strings=False).literal("a'b") == "'a''b'"


def test_batches_are_separated_by_go(tmp_path):
    recorder = Recorder()
    recorder.record("select 1\n")
    recorder.record("select 2")
    recorder.write(tmp_path / "out" / "x.sql")
    assert (tmp_path / "out" / "x.sql").read_text() == "select 1\nGO\nselect 2\nGO\n"


def test_cursor_gives_the_answer_in_pieces():
    recorder = Recorder(lambda _sql: Answer([("n", int)], [(1,), (2,), (3,)]))
    cursor = RecordingConnection(recorder).cursor().execute("select n from t")
    assert [column[0] for column in cursor.description] == ["n"]
    assert cursor.fetchone() == (1,)
    assert cursor.fetchmany(1) == [(2,)]
    assert cursor.fetchall() == [(3,)]
    assert cursor.fetchone() is None


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select a, b.c, f(x, y) as d, 'from, x' as [e f] from t", ["a", "c", "d", "e f"]),
        ("USE [h]; select top (5) a from t", ["a"]),
        ("select distinct x as y from (select a, b from c) as d", ["y"]),
        ("with q as (select 1 as z) select q.z as one from q", ["one"]),
        ("declare @a int = 1; select @a as a", ["a"]),
        ("declare @a int; select @a = 1; select 2 as b", ["b"]),
        ("/* select no */ -- select no\nselect yes from t", ["yes"]),
    ],
)
def test_column_names_of_a_select(sql, names):
    items, _ = outer_select(sql)
    assert [column_name(item, i) for i, item in enumerate(items)] == names


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t select a from b",
        "select a into t from b",
        "create table t (a int)",
        "exec sp_rename 'a', 'b'",
        "delete from t where a in (select a from b)",
    ],
)
def test_statements_without_rows(sql):
    assert outer_select(sql) is None


@pytest.mark.parametrize(
    ("sql", "aggregates"),
    [
        ("select count(*) as n from t", True),
        ("select max(a) as m, 1 as b from t", True),
        ("select a, count(*) as n from t group by a", False),
        ("select count(*) over (order by a) as n from t", False),
        ("select account from t", False),
    ],
)
def test_one_row_over_no_rows(sql, aggregates):
    assert is_aggregate(*outer_select(sql)) is aggregates
