"""Keep ``raw.reference_neighbors`` true while embeddings and queries come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..texts.neighbors import Neighbors
from .sink import Sink
from .spaces import Space
from .texts_rows import matrix_of, record_batch

_EMBEDDINGS = "SELECT embedding_id, vector FROM raw.text_embeddings WHERE space_id = ?"


class References:
    """The exact nearest neighbors of a space's held-out queries, as landed so far."""

    def __init__(self, sink: Sink, space: Space) -> None:
        self._sink = sink
        self._space = space
        self.query_ids, queries = load_queries(sink, space)
        self.neighbors = Neighbors(queries)
        self._changed = False
        self._load()

    def _load(self) -> None:
        index = {query_id: i for i, query_id in enumerate(self.query_ids)}
        found: dict[int, tuple[list[int], list[float]]] = {}
        for batch in self._sink.stream(
            "SELECT query_id, embedding_id, distance FROM raw.reference_neighbors "
            "WHERE space_id = ? ORDER BY query_id, rank",
            [self._space.space_id],
        ):
            for query_id, embedding_id, distance in zip(
                *(column.to_pylist() for column in batch.columns), strict=True
            ):
                ids, distances = found.setdefault(index[query_id], ([], []))
                ids.append(embedding_id)
                distances.append(distance)
        for query, (ids, distances) in found.items():
            self.neighbors.set(query, ids, distances)

    def offer(self, ids: NDArray[np.integer], vectors: NDArray[np.float32]) -> None:
        """Take embeddings that are about to be added into account."""
        self._changed |= bool(self.neighbors.offer(ids, vectors))

    def save(self) -> None:
        """Write what changed; call it inside the transaction that adds the embeddings."""
        if self._changed:
            self._sink.delete("reference_neighbors", "space_id = ?", [self._space.space_id])
            insert_neighbors(self._sink, self._space, self.query_ids, self.neighbors)
            self._changed = False


def load_queries(sink: Sink, space: Space) -> tuple[list[str], NDArray[np.float32]]:
    """(query ids, vectors (q, dimension)) of a space's held-out queries, by id."""
    query_ids: list[str] = []
    parts = [np.empty((0, space.dimension), dtype=np.float32)]
    for batch in sink.stream(
        "SELECT query_id, vector FROM raw.queries WHERE space_id = ? ORDER BY query_id",
        [space.space_id],
    ):
        query_ids += batch.column(0).to_pylist()
        parts.append(matrix_of(batch.column(1), space.dimension))
    return query_ids, np.concatenate(parts)


def search_space(
    sink: Sink,
    space: Space,
    queries: NDArray[np.float32],
    without: NDArray[np.integer] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Neighbors:
    """The neighbors of queries (q, dimension) among all landed embeddings of the space.

    ``without`` names embeddings to leave out. Reads the space once, in batches; ``progress`` is
    told how many embeddings were read.
    """
    neighbors = Neighbors(queries)
    read = 0
    for batch in sink.stream(_EMBEDDINGS, [space.space_id]):
        ids = batch.column(0).to_numpy(zero_copy_only=False)
        vectors = matrix_of(batch.column(1), space.dimension)
        read += len(ids)
        if without is not None:
            kept = ~np.isin(ids, without)
            ids, vectors = ids[kept], vectors[kept]
        neighbors.offer(ids, vectors)
        if progress is not None:
            progress(read)
    return neighbors


def insert_neighbors(
    sink: Sink, space: Space, query_ids: Sequence[str], neighbors: Neighbors
) -> None:
    """Write the neighbors of queries as rows; rows of these queries must not be there."""
    ranks = np.broadcast_to(np.arange(1, neighbors.ids.shape[1] + 1), neighbors.ids.shape)
    there = neighbors.ids >= 0
    queries = np.nonzero(there)[0]
    if not len(queries):
        return
    columns = {
        "space_id": [space.space_id] * len(queries),
        "query_id": [query_ids[i] for i in queries],
        "rank": ranks[there].astype(np.int32),
        "embedding_id": neighbors.ids[there].astype(np.int32),
        "distance": neighbors.distances[there],
    }
    sink.insert("reference_neighbors", [record_batch("reference_neighbors", columns)])
