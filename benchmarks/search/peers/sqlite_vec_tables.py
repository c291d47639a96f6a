"""The sqlite-vec extension: exact search, and one bit a dimension with an exact second look.

SQLite comes with apsw, whose build loads extensions; the sqlite3 of many Pythons does not.
"""

from __future__ import annotations

import apsw
import sqlite_vec
from measure import K, Method

BATCH = 10_000


class SqliteVecExact(Method):
    """A vec0 table of float vectors."""

    name = "sqlite-vec exact"
    exact = True
    tables = ("CREATE VIRTUAL TABLE items USING vec0(embedding float[{dimension}])",)
    inserts = ("INSERT INTO items (rowid, embedding) VALUES (?1, ?2)",)
    statement = "SELECT rowid FROM items WHERE embedding MATCH ?1 AND k = ?2 ORDER BY distance"

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.folder / "items.sqlite"))
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())
        # The whole table stays in memory, as the other methods' data does.
        connection.execute(f"PRAGMA cache_size = -{4 * 1024 * 1024}")
        connection.execute("PRAGMA mmap_size = 8589934592")
        return connection

    def build(self):
        connection = self._connect()
        connection.execute("PRAGMA journal_mode = off; PRAGMA synchronous = off")
        for table in self.tables:
            connection.execute(table.format(dimension=self.data.dimension))
        for first in range(0, self.data.rows, BATCH):
            block = self.data.vectors[first : first + BATCH]
            rows = [(first + number, row.tobytes()) for number, row in enumerate(block)]
            with connection:
                for insert in self.inserts:
                    connection.executemany(insert, rows)
        connection.close()

    def open(self, threads):
        self._connection = self._connect()

    def close(self):
        if hasattr(self, "_connection"):
            self._connection.close()

    def search(self, query, setting):
        values = (query.tobytes(), K, *setting.values())
        return [row[0] for row in self._connection.execute(self.statement, values)]

    def bytes(self):
        return (self.folder / "items.sqlite").stat().st_size


class SqliteVecBits(SqliteVecExact):
    """The extension's binary quantization, over plain tables.

    A vec0 table of codes, which the extension's guide proposes, takes time in proportion to the
    candidates: 16, 65 and 450 ms for 50, 200 and 1,600 of 100,000, where this takes 33 to 44.
    """

    name = "sqlite-vec bits + rerank"
    exact = False
    settings = tuple({"candidates": n} for n in (50, 100, 200, 400, 800, 1600))
    tables = (
        "CREATE TABLE codes (id INTEGER PRIMARY KEY, code BLOB)",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, embedding BLOB)",
    )
    inserts = (
        "INSERT INTO codes VALUES (?1, vec_quantize_binary(?2))",
        "INSERT INTO items VALUES (?1, ?2)",
    )
    statement = (
        "WITH candidate AS MATERIALIZED (SELECT id FROM codes "
        "ORDER BY vec_distance_hamming(vec_bit(code), vec_quantize_binary(?1)) LIMIT ?3) "
        "SELECT id FROM candidate JOIN items USING (id) "
        "ORDER BY vec_distance_L2(embedding, ?1) LIMIT ?2"
    )


METHODS = [SqliteVecExact, SqliteVecBits]
