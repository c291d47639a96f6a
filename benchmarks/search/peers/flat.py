"""Exact search in memory: NumPy's matrix product and faiss IndexFlatIP."""

from __future__ import annotations

import faiss
import numpy as np
from measure import K, Method
from threadpoolctl import threadpool_limits


class NumpyFlat(Method):
    """One matrix-vector product and a partial sort."""

    name = "numpy flat"
    exact = True
    threads = (1, 2)

    def build(self) -> None:
        """Nothing: the vectors are the index."""

    def open(self, threads):
        self._limits = threadpool_limits(threads)

    def close(self):
        if hasattr(self, "_limits"):
            self._limits.restore_original_limits()

    def search(self, query, setting):
        scores = self.data.vectors @ query
        best = np.argpartition(-scores, K)[:K]
        return best[np.argsort(-scores[best])]

    def bytes(self):
        return self.vector_bytes()


class FaissFlat(Method):
    """faiss's own scan; it has no use for a second thread with one query."""

    name = "faiss flat"
    exact = True

    def build(self) -> None:
        """Nothing on disk: adding the rows is a copy."""

    def open(self, threads):
        faiss.omp_set_num_threads(threads)
        self._index = faiss.IndexFlatIP(self.data.dimension)
        self._index.add(self.data.vectors)

    def close(self):
        self._index = None

    def search(self, query, setting):
        return self._index.search(query[None], K)[1][0]

    def bytes(self):
        return self.vector_bytes()


METHODS = [NumpyFlat, FaissFlat]
