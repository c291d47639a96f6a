"""HNSW of usearch: float32, and eight-bit integers with an exact second look."""

from __future__ import annotations

import numpy as np
from measure import K, Method
from usearch.index import Index

from .faiss_indexes import reranked


class UsearchHnsw(Method):
    """Its defaults: 16 links, 128 considered while building. One query runs on one thread."""

    name = "usearch HNSW f32"
    kind = "f32"
    settings = tuple({"ef": ef} for ef in (16, 32, 64, 128, 256, 512))

    def build(self):
        index = Index(ndim=self.data.dimension, metric="ip", dtype=self.kind)
        index.add(np.arange(self.data.rows), self.data.vectors, threads=self.build_threads)
        index.save(str(self.folder / "index"))

    def open(self, threads):
        self._index = Index.restore(str(self.folder / "index"))

    def close(self):
        self._index = None

    def search(self, query, setting):
        self._index.expansion_search = setting["ef"]
        return self._index.search(query, K, threads=1).keys

    def bytes(self):
        return (self.folder / "index").stat().st_size


class UsearchInt8(UsearchHnsw):
    """The graph holds eight bits a dimension; candidates are ranked again by the float vectors."""

    name = "usearch HNSW i8 + rerank"
    kind = "i8"
    settings = tuple({"ef": ef, "candidates": ef} for ef in (16, 32, 64, 128, 256, 512))

    def search(self, query, setting):
        self._index.expansion_search = setting["ef"]
        candidates = self._index.search(query, setting["candidates"], threads=1).keys
        return reranked(self.data.vectors, query, candidates.astype(np.int64))

    def bytes(self):
        return super().bytes() + self.vector_bytes()


METHODS = [UsearchHnsw, UsearchInt8]
