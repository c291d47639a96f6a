"""Remove texts, a collection or single ones, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..texts.neighbors import Neighbors
from .cells import remove_trainings
from .sink import Sink
from .spaces import Space, list_spaces
from .texts_references import insert_neighbors, load_queries, search_space
from .texts_rows import now, record_batch

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

    removal = plan_removal(sink, "t.source = ?", [name])
    with sink.transaction():
        texts = remove_planned(sink, removal)
        sink.delete("source_files", "kind IN ('texts', 'embeddings') AND name = ?", [name])
        if not sink.query("SELECT COUNT(*) FROM raw.queries")[0][0]:
            sink.delete("source_files", "kind = 'queries'")
    emptied = tuple(space.space_id for space in removal.emptied)
    return RemovedTexts(name, texts, removal.embeddings, emptied)


@dataclass
class Removal:
    """What is to be removed: texts of ``raw.texts`` as ``t`` by a condition, and what they touch.

    ``gone`` are the embeddings that leave a space that stays, by space; ``emptied`` the spaces that
    lose their last one; ``replaced`` the held-out queries that get other neighbors.
    """

    condition: str
    parameters: list[Any]
    embeddings: int = 0
    emptied: list[Space] = field(default_factory=list)
    gone: list[tuple[Space, NDArray[np.int64]]] = field(default_factory=list)
    replaced: list[tuple[Space, list[str], Neighbors]] = field(default_factory=list)


def plan_removal(sink: Sink, condition: str, parameters: Sequence[Any]) -> Removal:
    """Read all that a removal needs, so that its transaction only writes.

    Args:
        sink: the landing tables.
        condition: of ``raw.texts AS t``, with a ``?`` for each parameter.
        parameters: their values.
    """
    removal = Removal(condition, list(parameters))
    for space in list_spaces(sink):
        removed = _embeddings_of(sink, space, removal)
        removal.embeddings += len(removed)
        if not len(removed):
            continue
        total = sink.query(
            "SELECT COUNT(*) FROM raw.text_embeddings WHERE space_id = ?", [space.space_id]
        )[0][0]
        if total == len(removed):
            removal.emptied.append(space)
            continue
        removal.gone.append((space, removed))
        touched = _queries_that_lose(sink, space, removal)
        query_ids, queries = load_queries(sink, space)
        affected = [i for i, query_id in enumerate(query_ids) if query_id in touched]
        if affected:
            found = search_space(sink, space, queries[affected], without=removed)
            removal.replaced.append((space, [query_ids[i] for i in affected], found))
    return removal


def remove_planned(sink: Sink, removal: Removal) -> int:
    """Do it, inside the caller's transaction; the number of texts that went."""
    for space, query_ids, found in removal.replaced:
        for query_id in query_ids:
            sink.delete(
                "reference_neighbors", "space_id = ? AND query_id = ?", [space.space_id, query_id]
            )
        insert_neighbors(sink, space, query_ids, found)
    for space, removed in removal.gone:
        _note_removed(sink, space, removed)
    for space in removal.emptied:
        _remove_space(sink, space)
    for space in list_spaces(sink):
        sink.delete(
            "positions",
            f"space_id = ? AND embedding_id IN ({_of(removal)})",
            [space.space_id, space.space_id, *removal.parameters],
        )
    sink.delete(
        "text_embeddings",
        f"text_id IN (SELECT t.text_id FROM raw.texts t WHERE {removal.condition})",
        removal.parameters,
    )
    return sink.delete(
        "texts",
        f"text_id IN (SELECT t.text_id FROM raw.texts t WHERE {removal.condition})",
        removal.parameters,
    )


def _of(removal: Removal) -> str:
    """Ids of a space's embeddings that go; its parameters: the space, then the removal's."""
    return (
        "SELECT e.embedding_id FROM raw.text_embeddings e "
        "JOIN raw.texts t ON t.text_id = e.text_id "
        f"WHERE e.space_id = ? AND {removal.condition}"
    )


def _embeddings_of(sink: Sink, space: Space, removal: Removal) -> NDArray[np.int64]:
    parts = [np.empty(0, dtype=np.int64)]
    for batch in sink.stream(_of(removal), [space.space_id, *removal.parameters]):
        parts.append(batch.column(0).to_numpy(zero_copy_only=False).astype(np.int64))
    return np.concatenate(parts)


def _queries_that_lose(sink: Sink, space: Space, removal: Removal) -> set[str]:
    """The held-out queries that have a text that goes among their neighbors."""
    rows = sink.query(
        "SELECT DISTINCT query_id FROM raw.reference_neighbors "
        f"WHERE space_id = ? AND embedding_id IN ({_of(removal)})",
        [space.space_id, space.space_id, *removal.parameters],
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
