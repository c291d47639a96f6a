"""The SQL Server sink against a connection that records."""

from __future__ import annotations

import json
import re

import numpy as np
import pyarrow as pa
import pytest

from hartonomous.errors import DatabaseBusyError, InputError
from hartonomous.landing.schema import TABLES
from hartonomous.landing.sqlserver_connection import connection_string, connector, redact
from hartonomous.landing.sqlserver_rows import parse_vector, vector_text
from hartonomous.landing.sqlserver_sink import SQLServerSink
from hartonomous.landing.tsql_schema import WEIGHT_CHUNK_WIDTH, sqlserver_statements
from hartonomous.rehearsal.check import check


class Server:
    """Keeps what every connection does, in one list of (connection, verb, ...)."""

    def __init__(self, answers=None):
        self.events = []
        self.answers = answers or {}
        self.opened = 0

    def connect(self):
        self.opened += 1
        return Connection(self, self.opened)

    def sql(self, connection=None):
        return [e[2] for e in self.events if e[1] == "execute" and connection in (None, e[0])]

    def index(self, verb, pattern=""):
        return next(i for i, e in enumerate(self.events) if e[1] == verb and pattern in str(e[2:]))


class Connection:
    def __init__(self, server, number):
        self.server, self.number, self._autocommit = server, number, True

    @property
    def autocommit(self):
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value):
        self._autocommit = value
        self.server.events.append((self.number, "autocommit", value))

    def cursor(self):
        return Cursor(self.server, self.number)

    def commit(self):
        self.server.events.append((self.number, "commit"))

    def rollback(self):
        self.server.events.append((self.number, "rollback"))

    def close(self):
        self.server.events.append((self.number, "close"))


class Cursor:
    rowcount = 3

    def __init__(self, server, number):
        self.server, self.number, self.rows, self.description = server, number, [], None

    def execute(self, sql, parameters=()):
        self.server.events.append((self.number, "execute", sql, tuple(parameters)))
        for pattern, (names, rows) in self.server.answers.items():
            if pattern in sql:
                if isinstance(rows, Exception):
                    raise rows
                self.description = [(name,) for name in names]
                self.rows = list(rows)
        return self

    def bulkcopy(self, table, data, **options):
        rows = list(data)
        assert all(isinstance(row, tuple) for row in rows)
        self.server.events.append((self.number, "bulkcopy", table, rows, options))

    def fetchall(self):
        return self.rows

    def fetchmany(self, size):
        taken, self.rows = self.rows[:size], self.rows[size:]
        return taken

    def close(self):
        pass


LOCK = "sp_getapplock"


def batch(table, rows):
    return pa.RecordBatch.from_pylist(rows, schema=TABLES[table].arrow_schema)


def weight_batch(width, rows=1):
    values = np.arange(width * rows, dtype=np.float32).reshape(rows, width) / 7
    rows = [
        {"tensor_id": "t" * 64, "row_index": i, "chunk_index": 0, "vector": row.tolist()}
        for i, row in enumerate(values)
    ]
    return batch("weight_rows", rows), values


def test_rows_go_by_a_staging_table_into_one_transaction():
    server = Server()
    sink = SQLServerSink(connect=server.connect)
    data, _ = weight_batch(4, rows=2)
    with sink.transaction():
        assert sink.insert("weight_rows", [data]) == 3
    steps = [
        server.index("autocommit", "False"),
        server.index("execute", LOCK),
        server.index("execute", "CREATE TABLE [raw].[weight_rows__landing_"),
        server.index("bulkcopy"),
        server.index("execute", "INSERT INTO [raw].[weight_rows]"),
        server.index("execute", "DROP TABLE IF EXISTS [raw].[weight_rows__landing_"),
        server.index("commit"),
        server.index("autocommit", "True"),
    ]
    assert steps == sorted(steps)
    by_connection = {server.events[i][0] for i in (steps[2], steps[3], steps[5])}
    assert by_connection == {2}, "staging is no part of the transaction"
    assert server.events[steps[4]][0] == 1


def test_every_connection_undoes_whole_transactions():
    server = Server()
    sink = SQLServerSink(connect=server.connect)
    sink.insert("weight_rows", [weight_batch(4)[0]])
    assert server.sql(1)[0] == server.sql(2)[0] == "SET XACT_ABORT ON;"


def test_weight_rows_are_cut_into_padded_chunks():
    server = Server()
    width = WEIGHT_CHUNK_WIDTH * 2 + 3
    data, values = weight_batch(width, rows=2)
    SQLServerSink(connect=server.connect).insert("weight_rows", [data])
    rows = server.events[server.index("bulkcopy")][3]
    assert [(row[1], row[2]) for row in rows] == [(i, c) for i in range(2) for c in range(3)]
    for i in range(2):
        parts = [np.array(json.loads(row[3]), dtype=np.float32) for row in rows if row[1] == i]
        assert {len(part) for part in parts} == {WEIGHT_CHUNK_WIDTH}
        joined = np.concatenate(parts)
        assert np.array_equal(joined[:width], values[i])
        assert not joined[width:].any()


def test_float32_comes_back_exactly():
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2**32, 20_000, dtype=np.uint32)
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    text = vector_text(values)
    assert np.array_equal(np.array(parse_vector(text), dtype=np.float32), values)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_vectors_without_a_number_are_refused(bad):
    with pytest.raises(InputError, match="NaN or infinity"):
        vector_text(np.array([1, bad], dtype=np.float32))


def test_a_value_never_stands_in_sql_text():
    server = Server()
    sink = SQLServerSink(connect=server.connect)
    evil = "'); DROP TABLE raw.texts; --"
    row = dict.fromkeys(TABLES["texts"].columns, evil) | {"landed_at": None, "text_id": "a" * 64}
    sink.insert("texts", [batch("texts", [row])])
    sink.query("SELECT text FROM raw.texts WHERE source = ?", [evil])
    sink.delete("texts", "source = ?", [evil])
    assert not any("DROP TABLE raw.texts" in sql for sql in server.sql())
    parameters = [e[3] for e in server.events if e[1] == "execute" and e[3]]
    assert parameters == [(evil,), (evil,)]
    assert server.events[server.index("bulkcopy")][3][0][1] == evil


def test_an_error_rolls_back_and_drops_the_staging_table():
    server = Server({"INSERT INTO": ([], RuntimeError("violation of primary key"))})
    sink = SQLServerSink(connect=server.connect)
    with pytest.raises(RuntimeError), sink.transaction():
        sink.insert("weight_rows", [weight_batch(4)[0]])
    verbs = [event[1] for event in server.events]
    assert "rollback" in verbs
    assert "commit" not in verbs
    assert any("DROP TABLE IF EXISTS [raw].[weight_rows__landing_" in sql for sql in server.sql())
    assert server.events[-1] == (1, "autocommit", True)


def test_nested_transactions_join_the_outer_one():
    server = Server()
    sink = SQLServerSink(connect=server.connect)
    with sink.transaction(), sink.transaction():
        sink.delete("texts", "text_id = ?", ["x"])
    assert [event[1] for event in server.events].count("commit") == 1
    assert sum(LOCK in sql for sql in server.sql()) == 1


def test_a_second_writer_is_told_to_wait():
    server = Server({LOCK: (["taken"], [(-1,)])})
    with (
        pytest.raises(DatabaseBusyError, match="another process"),
        SQLServerSink(connect=server.connect).transaction(),
    ):
        pytest.fail("the lock was not taken")
    assert "rollback" in [event[1] for event in server.events]


def test_no_rows_no_statement():
    server = Server()
    sink = SQLServerSink(connect=server.connect)
    assert sink.insert("texts", []) == 0
    assert server.sql() == ["SET XACT_ABORT ON;"]


def test_a_key_that_is_too_long_is_refused_before_anything_is_sent():
    server = Server()
    row = {"space_id": "s" * 201, "query_id": "q", "text": "t", "vector": [1.0]}
    with pytest.raises(InputError, match=r"queries\.space_id takes 200 characters"):
        SQLServerSink(connect=server.connect).insert("queries", [batch("queries", [row])])
    assert server.sql() == ["SET XACT_ABORT ON;"]


def test_a_stream_reads_vectors_in_pieces():
    rows = [(i, f"[{i},0.5]") for i in range(5)]
    server = Server({"FROM raw.queries": (["rank", "vector"], rows)})
    sink = SQLServerSink(connect=server.connect)
    batches = list(sink.stream("SELECT rank, vector FROM raw.queries", rows=2))
    assert [b.num_rows for b in batches] == [2, 2, 1]
    assert batches[0].schema.field("vector").type == pa.list_(pa.float32())
    assert batches[2].to_pydict() == {"rank": [4], "vector": [[4.0, 0.5]]}
    assert server.events[-1] == (2, "close")


def test_the_schema_is_made_by_the_shared_ddl():
    server = Server()
    SQLServerSink(connect=server.connect).ensure_schema()
    assert server.sql()[1:-1] == sqlserver_statements()


def test_what_the_sink_sends_is_t_sql(checker, tmp_path):
    server = Server()
    sink = SQLServerSink(connect=server.connect)
    sink.ensure_schema()
    for table in TABLES.values():
        values = {"vector": [1.0, 2.0], "json": "{}", "bool": True, "timestamp": None}
        row = {
            name: values.get(kind, 1 if kind in ("int", "bigint", "float", "double") else "x")
            for name, kind in table.columns.items()
        }
        sink.insert(table.name, [batch(table.name, [row])])
    sink.delete("texts", "text_id = ?", ["x"])
    path = tmp_path / "sink.sql"
    path.write_text("".join(f"{re.sub('[?]', 'NULL', sql)}\nGO\n" for sql in server.sql()))
    assert check(checker, path, "sql2025").errors == []


ENVIRONMENT = {
    "HARTONOMOUS_SQLSERVER_HOST": "db.example",
    "HARTONOMOUS_SQLSERVER_DATABASE": "hartonomous",
    "HARTONOMOUS_SQLSERVER_USER": "loader",
    "HARTONOMOUS_SQLSERVER_PASSWORD": "a;b}c=d",
}


def test_the_connection_string_quotes_its_values():
    assert connection_string(ENVIRONMENT) == (
        "Server={db.example,1433};Database={hartonomous};Encrypt={yes};"
        "TrustServerCertificate={no};UID={loader};PWD={a;b}}c=d}"
    )


def test_entra_needs_no_password():
    source = {k: v for k, v in ENVIRONMENT.items() if not k.endswith(("USER", "PASSWORD"))}
    source["HARTONOMOUS_SQLSERVER_AUTHENTICATION"] = "ActiveDirectoryDefault"
    assert connection_string(source).endswith("Authentication={ActiveDirectoryDefault}")


def test_what_is_missing_is_named_and_no_value_is():
    source = {k: v for k, v in ENVIRONMENT.items() if not k.endswith("HOST")}
    with pytest.raises(InputError, match="HARTONOMOUS_SQLSERVER_HOST") as caught:
        connection_string(source)
    assert "a;b" not in str(caught.value)


def test_drivers_that_quote_the_password_are_not_quoted():
    text = connection_string(ENVIRONMENT)
    for message in (f"cannot parse {text}", "bad PWD {a;b}}c=d}", "login a;b}c=d for loader"):
        said = redact(message, text)
        assert "a;b" not in said
        assert "c=d" not in said
        assert "loader" not in said


def test_a_failing_connection_keeps_the_secret(monkeypatch):
    driver = pytest.importorskip("mssql_python")

    def fail(text, **_):
        raise RuntimeError(f"no route for {text}")

    monkeypatch.setattr(driver, "connect", fail)
    with pytest.raises(InputError) as caught:
        connector(connection_string(ENVIRONMENT))()
    assert "a;b" not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
