"""pgvector: exact scan, IVFFlat, HNSW, and one bit a dimension with an exact second look.

All four share one table. Each index has a distance of its own, so that the planner cannot take the
other; unit vectors rank alike by each.
"""

from __future__ import annotations

import struct

import numpy as np
from measure import K, Method
from pgvector.psycopg import register_vector

from .postgres import Server

BATCH = 20_000


class PgvectorExact(Method):
    """A sequential scan; with two threads the leader and one worker."""

    name = "pgvector exact"
    exact = True
    threads = (1, 2)
    statement = f"SELECT id FROM items ORDER BY embedding <#> %s LIMIT {K}"
    planner = "SET enable_indexscan = off"
    uses = "Seq Scan"

    def prepare(self):
        self._start()
        found = self._connection.execute("SELECT to_regclass('items_loaded')").fetchone()
        if found[0] is None:
            self._load()

    def build(self):
        self._connection.execute("VACUUM ANALYZE items")

    def _start(self) -> None:
        self._server = Server(self.folder.parent / "pgvector cluster")
        self._connection = self._server.start()
        self._connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        register_vector(self._connection)

    def _load(self) -> None:
        self._connection.execute("DROP TABLE IF EXISTS items")
        self._connection.execute(
            f"CREATE TABLE items (id int PRIMARY KEY, embedding vector({self.data.dimension}))"
        )
        with self._connection.cursor().copy("COPY items FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0))
            for first in range(0, self.data.rows, BATCH):
                copy.write(_tuples(first, self.data.vectors[first : first + BATCH]))
            copy.write(struct.pack(">h", -1))
        # Its presence says that loading came to its end.
        self._connection.execute("CREATE TABLE items_loaded ()")

    def open(self, threads):
        self._start()
        for setting in (
            self.planner,
            f"SET max_parallel_workers_per_gather = {threads - 1}",
            "SET min_parallel_table_scan_size = 0",
            "SET parallel_setup_cost = 0",
            "SET parallel_tuple_cost = 0",
        ):
            self._connection.execute(setting)
        plan = self._connection.execute(
            "EXPLAIN " + self.statement, self._values(self.data.queries[0], self.settings[0])
        ).fetchall()
        if self.uses not in str(plan):
            raise RuntimeError(f"{self.name}: the plan lacks {self.uses}: {plan}")

    def close(self):
        if hasattr(self, "_connection"):
            self._connection.close()
        if hasattr(self, "_server"):
            self._server.stop()

    def _values(self, query, setting) -> tuple:
        return (query,)

    def search(self, query, setting):
        found = self._connection.execute(
            self.statement, self._values(query, setting), prepare=True, binary=True
        )
        return [row[0] for row in found]

    def _size(self, relation: str) -> int:
        sql = "SELECT pg_total_relation_size(%s::regclass)"
        return self._connection.execute(sql, [relation]).fetchone()[0]

    def bytes(self):
        sql = "SELECT pg_table_size('items')"
        return self._connection.execute(sql).fetchone()[0]


class PgvectorIvfFlat(PgvectorExact):
    """n / 1,000 lists, as its README proposes, or sqrt(n) where that is more."""

    name = "pgvector IVFFlat"
    exact = False
    threads = (1,)
    settings = tuple({"probes": probes} for probes in (1, 2, 4, 8, 16, 32, 64, 128))
    planner = "SET enable_seqscan = off"
    uses = "items_ivfflat"

    def build(self):
        lists = round(max(self.data.rows / 1000, self.data.rows**0.5))
        self._connection.execute("DROP INDEX IF EXISTS items_ivfflat")
        self._connection.execute(
            "CREATE INDEX items_ivfflat ON items USING ivfflat (embedding vector_ip_ops) "
            f"WITH (lists = {lists})"
        )

    def search(self, query, setting):
        self._set("ivfflat.probes", setting["probes"])
        return super().search(query, setting)

    def _set(self, name: str, value: int) -> None:
        """Once a change, for a statement of its own costs a round trip."""
        if getattr(self, "_current", None) != (self._connection, value):
            self._connection.execute(f"SET {name} = {value}")
            self._current = (self._connection, value)

    def bytes(self):
        return super().bytes() + self._size("items_ivfflat")


class PgvectorHnsw(PgvectorIvfFlat):
    """The defaults: 16 links, 64 considered while building."""

    name = "pgvector HNSW"
    settings = tuple({"ef": ef} for ef in (20, 40, 100, 200, 400))
    statement = f"SELECT id FROM items ORDER BY embedding <-> %s LIMIT {K}"
    uses = "items_hnsw"

    def build(self):
        self._connection.execute("DROP INDEX IF EXISTS items_hnsw")
        self._connection.execute(
            "CREATE INDEX items_hnsw ON items USING hnsw (embedding vector_l2_ops)"
        )

    def search(self, query, setting):
        self._set("hnsw.ef_search", setting["ef"])
        return PgvectorExact.search(self, query, setting)

    def bytes(self):
        return PgvectorExact.bytes(self) + self._size("items_hnsw")


class PgvectorBits(PgvectorExact):
    """A table of bit strings, scanned; its candidates are ranked again by the vectors."""

    name = "pgvector bits + rerank"
    exact = False
    threads = (1, 2)
    settings = tuple({"candidates": n} for n in (50, 100, 200, 400, 800, 1600))
    planner = "SET enable_indexscan = on"
    uses = "Scan on codes"
    statement = (
        "WITH candidate AS MATERIALIZED (SELECT id FROM codes ORDER BY "
        "code <~> binary_quantize(%(query)s::vector) LIMIT %(candidates)s) "
        "SELECT items.id FROM candidate JOIN items USING (id) "
        f"ORDER BY embedding <#> %(query)s LIMIT {K}"
    )

    def build(self):
        self._connection.execute("DROP TABLE IF EXISTS codes")
        self._connection.execute(
            "CREATE TABLE codes AS SELECT id, "
            f"binary_quantize(embedding)::bit({self.data.dimension}) AS code FROM items"
        )
        self._connection.execute("VACUUM ANALYZE codes")

    def _values(self, query, setting):
        return {"query": query, "candidates": setting["candidates"]}

    def bytes(self):
        return super().bytes() + self._size("codes") + self._size("items_pkey")


def _tuples(first: int, rows) -> bytes:
    """Rows as PostgreSQL's binary COPY format has them: (id, vector)."""
    dimension = rows.shape[1]
    records = np.empty(
        len(rows),
        dtype=[
            ("fields", ">i2"),
            ("id_bytes", ">i4"),
            ("id", ">i4"),
            ("vector_bytes", ">i4"),
            ("dimension", ">i2"),
            ("unused", ">i2"),
            ("values", ">f4", dimension),
        ],
    )
    records["fields"], records["id_bytes"] = 2, 4
    records["id"] = np.arange(first, first + len(rows))
    records["vector_bytes"], records["dimension"] = 4 + 4 * dimension, dimension
    records["unused"], records["values"] = 0, rows
    return records.tobytes()


METHODS = [PgvectorExact, PgvectorIvfFlat, PgvectorHnsw, PgvectorBits]
