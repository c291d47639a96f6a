"""Remove a collection of texts, with all that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .cells import remove_trainings
from .sink import Sink
from .spaces import Space, list_spaces
from .texts_references import insert_neighbors, load_queries, search_space
from .texts_rows import now, record_batch

_OF_SOURCE = (
    "SELECT e.embedding_id FROM raw.text_embeddings e JOIN raw.texts t ON t.text_id = e.text_id "
    "WHERE e.space_id = ? AND t.source = ?"
)
_SPACE_TABLES = (
    "reference_neighbors",
    "queries",
    "positions",
    "text_embeddings",
    "removed_embeddings",
    "search_timings",
    "reducers",
    "spaces",
)


@dataclass(frozen=True)
class RemovedTexts:
    """What a removal did; ``spaces`` are those that disappeared with their last text."""

    source: str
    texts: int
    embeddings: int
    spaces: tuple[str, ...]


def remove_texts(sink: Sink, name: str) -> RemovedTexts:
    """Remove the texts of a collection, in one transaction.

    Their embeddings and positions go from every space, and the reference neighbors of the
    held-out queries are found anew where they were among them. A space that has nothing left
    disappears with its reducer, landmarks, cells and queries. In a space that stays, the fitted
    reducer stays as it is, landmarks of removed texts (their vectors, not their words) included;
    so do its cells. Searches leave the removed texts out from now on, the built tables after the
    next build.

    Raises:
        InputError: there is no such collection; the message lists those there are.
    """
    sources = [row[0] for row in sink.query("SELECT DISTINCT source FROM raw.texts")]
    if name not in sources:
        listed = ", ".join(sorted(sources)) or "none"
        raise InputError(f"no texts are landed under the name {name!r} (there are: {listed})")

    # All that reads much is done first, the transaction only writes.
    emptied: list[Space] = []
    gone: list[tuple[Space, NDArray[np.int64]]] = []
    replaced = []
    embeddings = 0
    for space in list_spaces(sink):
        removed = _embeddings_of(sink, space, name)
        embeddings += len(removed)
        if not len(removed):
            continue
        total = sink.query(
            "SELECT COUNT(*) FROM raw.text_embeddings WHERE space_id = ?", [space.space_id]
        )[0][0]
        if total == len(removed):
            emptied.append(space)
            continue
        gone.append((space, removed))
        touched = _queries_that_lose(sink, space, name)
        query_ids, queries = load_queries(sink, space)
        affected = [i for i, query_id in enumerate(query_ids) if query_id in touched]
        if affected:
            found = search_space(sink, space, queries[affected], without=removed)
            replaced.append((space, [query_ids[i] for i in affected], found))

    with sink.transaction():
        for space, query_ids, found in replaced:
            for query_id in query_ids:
                sink.delete(
                    "reference_neighbors",
                    "space_id = ? AND query_id = ?",
                    [space.space_id, query_id],
                )
            insert_neighbors(sink, space, query_ids, found)
        for space, removed in gone:
            _note_removed(sink, space, removed)
        for space in emptied:
            _remove_space(sink, space)
        for space in list_spaces(sink):
            sink.delete(
                "positions",
                f"space_id = ? AND embedding_id IN ({_OF_SOURCE})",
                [space.space_id, space.space_id, name],
            )
        sink.delete(
            "text_embeddings",
            "text_id IN (SELECT t.text_id FROM raw.texts t WHERE t.source = ?)",
            [name],
        )
        texts = sink.delete("texts", "source = ?", [name])
        sink.delete("source_files", "kind IN ('texts', 'embeddings') AND name = ?", [name])
        if not sink.query("SELECT COUNT(*) FROM raw.queries")[0][0]:
            sink.delete("source_files", "kind = 'queries'")
    return RemovedTexts(name, texts, embeddings, tuple(space.space_id for space in emptied))


def _embeddings_of(sink: Sink, space: Space, source: str) -> NDArray[np.int64]:
    parts = [np.empty(0, dtype=np.int64)]
    for batch in sink.stream(_OF_SOURCE, [space.space_id, source]):
        parts.append(batch.column(0).to_numpy(zero_copy_only=False).astype(np.int64))
    return np.concatenate(parts)


def _queries_that_lose(sink: Sink, space: Space, source: str) -> set[str]:
    """The held-out queries that have a text of the collection among their neighbors."""
    rows = sink.query(
        "SELECT DISTINCT query_id FROM raw.reference_neighbors "
        f"WHERE space_id = ? AND embedding_id IN ({_OF_SOURCE})",
        [space.space_id, space.space_id, source],
    )
    return {row[0] for row in rows}


def _note_removed(sink: Sink, space: Space, removed: NDArray[np.int64]) -> None:
    """Tell searches of what was built before; ``hartonomous build`` takes the notes away."""
    columns = {
        "space_id": [space.space_id] * len(removed),
        "embedding_id": removed.astype(np.int32),
        "removed_at": [now()] * len(removed),
    }
    sink.insert("removed_embeddings", [record_batch("removed_embeddings", columns)])


def _remove_space(sink: Sink, space: Space) -> None:
    remove_trainings(sink, space.space_id)
    sink.delete(
        "landmarks",
        "reducer_id IN (SELECT r.reducer_id FROM raw.reducers r WHERE r.space_id = ?)",
        [space.space_id],
    )
    for table in _SPACE_TABLES:
        sink.delete(table, "space_id = ?", [space.space_id])
