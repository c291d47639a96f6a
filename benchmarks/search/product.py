"""Hartonomous itself: its SQL callables in a database that it landed and built.

A database lies in FOLDER/built/ROWS/hartonomous/search.duckdb; one that is there already, built,
is measured as it is.
"""

from __future__ import annotations

import time

import numpy as np
import pyarrow.parquet as pq
from measure import K, Method

from hartonomous import Hartonomous
from hartonomous.search import vector_text


class ExactVectorSearch(Method):
    """Every row, in full dimension."""

    name = "hartonomous exact_vector_search"
    exact = True
    threads = (1, 2)
    call = f"exact_vector_search($vector, {K})"

    def _hartonomous(self) -> Hartonomous:
        folder = self.folder.parent / "hartonomous"
        folder.mkdir(parents=True, exist_ok=True)
        return Hartonomous(folder / "search.duckdb")

    def prepare(self):
        hartonomous = self._hartonomous()
        if hartonomous.database.landed.exists():
            return
        file = self.data.file
        if pq.ParquetFile(file).metadata.num_rows != self.data.rows:
            part = hartonomous.database.landed.with_name("rows.parquet")
            pq.write_table(pq.read_table(file).slice(0, self.data.rows), part)
            file = part
        started = time.monotonic()
        # UMAP places points for looking at, and no search method measured here reads them.
        hartonomous.ingest_embeddings(file, vector_column="vector", name="search", reducer="pca")
        # What settings are chosen on; reported are the even queries (measure.py).
        questions = pq.read_table(self.data.file.with_name("queries.parquet"))
        odd = hartonomous.database.landed.with_name("odd_queries.parquet")
        pq.write_table(questions.take(np.arange(1, len(questions), 2)), odd)
        hartonomous.ingest_queries(odd, vector_column="vector")
        print(f"landed in {time.monotonic() - started:.0f} s", flush=True)

    def build(self):
        hartonomous = self._hartonomous()
        if not hartonomous.database.built.exists():
            hartonomous.build()

    def open(self, threads):
        self._context = self._hartonomous().database.connect()
        self._connection = self._context.__enter__()
        self._connection.execute(f"SET threads = {threads}")
        texts = pq.read_table(self.data.file, columns=["text"]).column("text")
        number = {text: row for row, text in enumerate(texts.slice(0, self.data.rows).to_pylist())}
        ids, found = zip(
            *self._connection.execute(
                "SELECT embedding_id, source_text FROM embeddings"
            ).fetchall(),
            strict=True,
        )
        self._rows = np.full(max(ids) + 1, -1, dtype=np.int64)
        self._rows[list(ids)] = [number[text] for text in found]

    @property
    def connection(self):
        """The open database."""
        return self._connection

    def ids_of(self, rows):
        """The ids that the database gave to rows of the data."""
        ids = np.zeros(self.data.rows, dtype=np.int64)
        known = np.flatnonzero(self._rows >= 0)
        ids[self._rows[known]] = known
        return ids[rows]

    def close(self):
        if hasattr(self, "_context"):
            self._context.__exit__(None, None, None)
            del self._context

    def search(self, query, setting):
        found = self._connection.execute(
            f"FROM {self.call}", {"vector": vector_text(query)}
        ).fetchall()
        return [self._rows[row[0]] for row in found]

    def bytes(self):
        return self._hartonomous().database.built.stat().st_size


class VectorSearch(ExactVectorSearch):
    """What everybody calls: the path and the parameters that the build's tuning chose."""

    name = "hartonomous vector_search"
    exact = False
    call = f"vector_search($vector, {K})"


class PreparedVectorSearch(VectorSearch):
    """The same, prepared once, with the vector given as a vector: planned once for all searches.

    Where vector_search goes by the vector index that does not help: DuckDB takes the index only for
    a vector that it knows when it plans.
    """

    name = "hartonomous vector_search, prepared"
    threads = (1,)
    least_rows = 500_000

    def open(self, threads):
        super().open(threads)
        self._connection.execute(f"PREPARE asked AS FROM vector_search($1, {K})")

    def search(self, query, setting):
        dimension = self.data.dimension
        found = self._connection.execute(
            f"EXECUTE asked(CAST('{vector_text(query)}' AS FLOAT[{dimension}]))"
        ).fetchall()
        return [self._rows[row[0]] for row in found]

    def close(self):
        if hasattr(self, "_context"):
            self._connection.execute("DEALLOCATE asked")
        super().close()


class CellSearch(ExactVectorSearch):
    """By cells and codes, whatever the tuning chose."""

    name = "hartonomous cell_search"
    exact = False
    threads = (1,)
    call = f"cell_search($vector, {K})"


class VectorIndexSearch(ExactVectorSearch):
    """The HNSW index of vss, which the project builds up to vector_index_max_rows rows."""

    name = "hartonomous vector_index_search"
    exact = False
    threads = (1,)
    most_rows = 200_000
    call = f"vector_index_search($vector, {K})"


METHODS = [ExactVectorSearch, VectorSearch, PreparedVectorSearch, CellSearch, VectorIndexSearch]
