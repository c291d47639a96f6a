"""DuckDB: its plain exact scan, and the HNSW index of its vss extension.

The extension's file comes from the wheel duckdb-extension-vss, of DuckDB's own version.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import duckdb_extension_vss
import pyarrow as pa
from measure import K, Method

BATCH = 50_000


class DuckdbExact(Method):
    """ORDER BY over every row of FLOAT[d], stored uncompressed."""

    name = "duckdb exact"
    exact = True
    threads = (1, 2)

    def build(self):
        self._connect(self.build_threads, read_only=False)
        dimension = self.data.dimension
        self._connection.execute("SET force_compression = 'uncompressed'")
        self._connection.execute(f"CREATE TABLE items (id INTEGER, embedding FLOAT[{dimension}])")
        for first in range(0, self.data.rows, BATCH):
            rows = self.data.vectors[first : first + BATCH]
            lists = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), dimension)
            ids = pa.array(range(first, first + len(rows)), pa.int32())
            batch = pa.table({"id": ids, "embedding": lists})
            self._connection.register("batch", batch)
            self._connection.execute("INSERT INTO items FROM batch")
            self._connection.unregister("batch")
        self._connection.execute("CHECKPOINT")

    def open(self, threads):
        self._connect(threads, read_only=True)
        # Read once, so that the first query does not pay for the disk.
        self._connection.execute("SELECT max(embedding[1]) FROM items").fetchall()

    def _connect(self, threads: int, read_only: bool) -> None:
        self._connection = duckdb.connect(
            str(self.folder / "items.duckdb"), read_only=read_only, config={"threads": threads}
        )
        self._sql = (
            "SELECT id FROM items ORDER BY "
            f"array_negative_inner_product(embedding, $query::FLOAT[{self.data.dimension}]) "
            f"LIMIT {K}"
        )

    def close(self):
        if hasattr(self, "_connection"):
            self._connection.close()

    def search(self, query, setting):
        # As text: the Python client takes a list of 384 numbers apart in 60 ms.
        text = "[" + ",".join(f"{value:.9g}" for value in query.tolist()) + "]"
        return [row[0] for row in self._connection.execute(self._sql, {"query": text}).fetchall()]

    def bytes(self):
        return (self.folder / "items.duckdb").stat().st_size


class DuckdbHnsw(DuckdbExact):
    """CREATE INDEX ... USING HNSW with the extension's defaults; all of it is held in memory."""

    name = "duckdb HNSW (vss)"
    exact = False
    threads = (1,)
    settings = tuple({"ef": ef} for ef in (16, 32, 64, 128, 256, 512))

    def _connect(self, threads, read_only):
        super()._connect(threads, read_only)
        version = f"v{duckdb.__version__}"
        wheel = Path(duckdb_extension_vss.__file__).parent / "extensions" / version
        self._connection.execute(f"LOAD '{wheel / 'vss.duckdb_extension'}'")
        self._connection.execute("SET hnsw_enable_experimental_persistence = true")

    def prepare(self):
        super().build()

    def build(self):
        self._connection.execute(
            "CREATE INDEX items_hnsw ON items USING HNSW (embedding) WITH (metric = 'ip')"
        )
        self._connection.execute("CHECKPOINT")

    def open(self, threads):
        super().open(threads)
        plan = self._connection.execute(
            "EXPLAIN " + self._sql, {"query": str(self.data.queries[0].tolist())}
        ).fetchall()
        if "HNSW_INDEX_SCAN" not in str(plan):
            raise RuntimeError(f"the HNSW index is not used: {plan}")

    def search(self, query, setting):
        self._connection.execute(f"SET hnsw_ef_search = {setting['ef']}")
        return super().search(query, setting)


METHODS = [DuckdbExact, DuckdbHnsw]
