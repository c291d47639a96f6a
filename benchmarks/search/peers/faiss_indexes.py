"""Approximate search with faiss: inverted lists, and sign bits with an exact second look."""

from __future__ import annotations

import faiss
import numpy as np
from measure import K, Method


class FaissIvf(Method):
    """IndexIVFFlat with 4 sqrt(n) lists, as faiss's guide proposes."""

    name = "faiss IVF-flat"
    settings = tuple({"probes": probes} for probes in (4, 8, 16, 32, 64, 128, 256, 512))

    def build(self):
        faiss.omp_set_num_threads(self.build_threads)
        lists = max(1, round(4 * self.data.rows**0.5))
        quantizer = faiss.IndexFlatIP(self.data.dimension)
        index = faiss.IndexIVFFlat(
            quantizer, self.data.dimension, lists, faiss.METRIC_INNER_PRODUCT
        )
        # 64 points a list train as well as the default 256 and cost a quarter.
        index.cp.max_points_per_centroid = 64
        index.train(self.data.vectors)
        index.add(self.data.vectors)
        faiss.write_index(index, str(self.folder / "index"))

    def open(self, threads):
        faiss.omp_set_num_threads(threads)
        self._index = faiss.read_index(str(self.folder / "index"))

    def close(self):
        self._index = None

    def search(self, query, setting):
        self._index.nprobe = setting["probes"]
        return self._index.search(query[None], K)[1][0]

    def bytes(self):
        return (self.folder / "index").stat().st_size


class FaissBinary(Method):
    """IndexBinaryFlat over sign bits; the candidates are ranked again by inner product."""

    name = "faiss binary + rerank"
    settings = tuple({"candidates": n} for n in (50, 100, 200, 400, 800, 1600))

    def build(self):
        index = faiss.IndexBinaryFlat(self.data.dimension)
        index.add(_bits(self.data.vectors))
        faiss.write_index_binary(index, str(self.folder / "index"))

    def open(self, threads):
        faiss.omp_set_num_threads(threads)
        self._index = faiss.read_index_binary(str(self.folder / "index"))

    def close(self):
        self._index = None

    def search(self, query, setting):
        candidates = self._index.search(_bits(query[None]), setting["candidates"])[1][0]
        return reranked(self.data.vectors, query, candidates)

    def bytes(self):
        return (self.folder / "index").stat().st_size + self.vector_bytes()


def _bits(vectors):
    return np.packbits(vectors > 0, axis=1)


def reranked(vectors, query, candidates):
    """The K of the candidates with the largest inner product, largest first."""
    scores = vectors[candidates] @ query
    return candidates[np.argsort(-scores)[:K]]


METHODS = [FaissIvf, FaissBinary]
