"""Write texts with their vectors and positions into one space, a complete state at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..project import umap_max_rows
from ..projection.landmarks import place_by_landmarks
from ..projection.reducers import Reducer, fit_reducer, require_method
from ..texts.identity import canonical_json, content_id
from .sink import Sink
from .spaces import Space, save_space, with_last_id
from .texts_references import References
from .texts_rows import matrix_of, now, record_batch, vector_array


class TextRow(NamedTuple):
    """A row of ``raw.texts``; ``metadata`` is canonical JSON."""

    text_id: str
    source: str
    text: str
    metadata: str


class SpaceWriter:
    """Adds embedded texts to a space.

    Each :meth:`write` is one transaction after which the database is complete: every embedding
    in it has its text, its position and its place among the reference neighbors of the held-out
    queries. The first one into a new space fits the reducer on its rows and writes the space
    itself; so a space never stands without a reducer. Everything that takes time (fitting,
    placing, comparing) is done before the transaction is opened.

    ``stored`` holds the ids of texts that ``raw.texts`` has already, by way of another space.
    ``progress`` is told when the reducer is fitted.
    """

    def __init__(
        self,
        sink: Sink,
        space: Space,
        method: str,
        stored: set[str] | None = None,
        progress: Callable[[str, int, int | None], None] | None = None,
    ) -> None:
        require_method(method)
        self._sink = sink
        self.space = space
        self._method = method
        self._stored = stored if stored is not None else set()
        self._progress = progress
        self._references: References | None = None
        self.notices: list[str] = []
        self.reducer_id = ""
        self.reducer: Reducer | None = None
        self._load_reducer()

    def write(
        self,
        rows: Sequence[TextRow],
        vectors: NDArray[np.float32],
        finish: Callable[[], object] | None = None,
    ) -> None:
        """Add rows with their vectors (m, dimension); ``finish`` runs in the same transaction.

        InputError where another process landed into the space since it was opened.
        """
        if vectors.shape != (len(rows), self.space.dimension):
            raise ValueError(f"{len(rows)} rows with vectors of shape {vectors.shape}")
        fitted = self.reducer is None
        if self.reducer is None:
            if self._progress is not None:
                self._progress("fitting the reducer", 0, None)
            self.reducer, positions, notices = fit_reducer(self._method, vectors)
            self.notices += notices
            self.reducer_id = _reducer_id(self.space.space_id, self.reducer)
        elif self._is_too_large_for_umap(len(rows)):
            positions = place_by_landmarks(vectors, self.reducer.landmarks, self.reducer.positions)
        else:
            positions = self.reducer.transform(vectors)
        first = self.space.last_embedding_id + 1
        ids = np.arange(first, first + len(rows), dtype=np.int32)
        if self._references is None:
            self._references = References(self._sink, self.space)
        self._references.offer(ids, vectors)
        after = with_last_id(self.space, int(ids[-1]) if len(ids) else first - 1)
        with self._sink.transaction():
            self._require_unchanged()
            save_space(self._sink, after)
            if fitted:
                self._insert_reducer(self.reducer)
            self._insert_rows(rows, vectors, ids, positions)
            self._references.save()
            if finish is not None:
                finish()
        self.space = after
        self._stored.update(row.text_id for row in rows)

    def _is_too_large_for_umap(self, added: int) -> bool:
        """Whether rows are placed among the landmarks, as queries are, and not by UMAP itself."""
        assert self.reducer is not None
        return (
            self.reducer.method == "umap" and self.space.last_embedding_id + added > umap_max_rows()
        )

    def _require_unchanged(self) -> None:
        found = self._sink.query(
            "SELECT last_embedding_id FROM raw.spaces WHERE space_id = ?", [self.space.space_id]
        )
        last = int(found[0][0]) if found else 0
        if last != self.space.last_embedding_id:
            raise InputError(
                f"another process landed into the space {self.space.space_id} meanwhile: run the "
                "same command again, it continues from there"
            )

    def _insert_rows(
        self,
        rows: Sequence[TextRow],
        vectors: NDArray[np.float32],
        ids: NDArray[np.int32],
        positions: NDArray[np.float32],
    ) -> None:
        new = [row for row in rows if row.text_id not in self._stored]
        landed_at = now()
        if new:
            columns = {
                "text_id": [row.text_id for row in new],
                "source": [row.source for row in new],
                "text": [row.text for row in new],
                "metadata": [row.metadata for row in new],
                "landed_at": [landed_at] * len(new),
            }
            self._sink.insert("texts", [record_batch("texts", columns)])
        embeddings = {
            "space_id": [self.space.space_id] * len(rows),
            "embedding_id": ids,
            "text_id": [row.text_id for row in rows],
            "vector": vector_array(vectors),
        }
        self._sink.insert("text_embeddings", [record_batch("text_embeddings", embeddings)])
        placed = {
            "space_id": [self.space.space_id] * len(rows),
            "embedding_id": ids,
            "reducer_id": [self.reducer_id] * len(rows),
            **{axis: positions[:, i] for i, axis in enumerate("xyz")},
        }
        self._sink.insert("positions", [record_batch("positions", placed)])

    def _insert_reducer(self, reducer: Reducer) -> None:
        row = {
            "reducer_id": [self.reducer_id],
            "space_id": [self.space.space_id],
            "method": [reducer.method],
            "parameters": [canonical_json(reducer.parameters)],
            "fitted_rows": [len(reducer.landmarks)],
            "created_at": [now()],
        }
        self._sink.insert("reducers", [record_batch("reducers", row)])
        count = len(reducer.landmarks)
        landmarks = {
            "reducer_id": [self.reducer_id] * count,
            "landmark_index": np.arange(count, dtype=np.int32),
            "vector": vector_array(reducer.landmarks),
            **{axis: reducer.positions[:, i] for i, axis in enumerate("xyz")},
        }
        self._sink.insert("landmarks", [record_batch("landmarks", landmarks)])

    def _load_reducer(self) -> None:
        found = self._sink.query(
            "SELECT reducer_id, method, parameters FROM raw.reducers WHERE space_id = ?",
            [self.space.space_id],
        )
        if not found:
            return
        self.reducer_id, method, parameters = found[0]
        batches = list(
            self._sink.stream(
                "SELECT vector, x, y, z FROM raw.landmarks WHERE reducer_id = ? "
                "ORDER BY landmark_index",
                [self.reducer_id],
            )
        )
        vectors = np.concatenate([matrix_of(b.column(0), self.space.dimension) for b in batches])
        positions = np.concatenate(
            [
                np.stack([b.column(i).to_numpy(zero_copy_only=False) for i in (1, 2, 3)], axis=1)
                for b in batches
            ]
        )
        self.reducer = Reducer(
            method, json.loads(parameters), vectors, positions.astype(np.float32)
        )
        if method != self._method:
            self.notices.append(
                f"the space {self.space.space_id} is placed by {method}: what is added is too"
            )


def _reducer_id(space_id: str, reducer: Reducer) -> str:
    digests = [
        hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        for array in (reducer.landmarks, reducer.positions)
    ]
    return content_id([space_id, reducer.method, reducer.parameters, *digests])
