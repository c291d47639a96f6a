"""Taking a text out of the landed tables."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from ..database import Database
from ..landing.texts_removal import plan_removal, remove_planned
from .tables import open_to_write, rewrite

ALIAS = "landing"


@dataclass
class Landed:
    """A text as it is landed: under how many ids, in which spaces, from which files."""

    text_ids: list[str] = field(default_factory=list)
    embeddings: list[str] = field(default_factory=list)
    """space id/embedding id."""
    vectors: list[list[float]] = field(default_factory=list)
    queries: int = 0
    """Held-out queries that ask it."""
    files: list[str] = field(default_factory=list)
    """Paths of files that it came from: landed again, they would bring it back."""

    def __bool__(self) -> bool:
        return bool(self.text_ids or self.queries)

    def remember(self, tombstone: Mapping[str, Any]) -> None:
        """Add what an earlier run, which was killed, knew of the same text."""
        for own, before in (
            (self.text_ids, tombstone.get("text_ids")),
            (self.embeddings, tombstone.get("embeddings")),
        ):
            own.extend(key for key in before or () if key not in own)
        self.queries = max(self.queries, int(tombstone.get("queries") or 0))


def find_landed(database: Database, digest: str) -> Landed:
    """Where the landed tables hold the text of a hash."""
    landed = Landed()
    with database.reader() as reader:
        texts = reader.query(
            "SELECT t.text_id, t.source FROM raw.texts AS t WHERE sha256(t.text) = ? ORDER BY 1",
            [digest],
        )
        landed.text_ids = [text_id for text_id, _ in texts]
        for text_id in landed.text_ids:
            for space_id, embedding_id, vector in reader.query(
                "SELECT space_id, embedding_id, vector FROM raw.text_embeddings "
                "WHERE text_id = ? ORDER BY 1, 2",
                [text_id],
            ):
                landed.embeddings.append(f"{space_id}/{embedding_id}")
                landed.vectors.append(vector)
        for (vector,) in reader.query(
            "SELECT vector FROM raw.queries WHERE sha256(text) = ?", [digest]
        ):
            landed.queries += 1
            landed.vectors.append(vector)
        sources = sorted({source for _, source in texts})
        landed.files = [
            path
            for kind, name, path in reader.query(
                "SELECT kind, name, path FROM raw.source_files "
                "WHERE kind IN ('texts', 'embeddings', 'queries') ORDER BY path"
            )
            if (name in sources if kind != "queries" else landed.queries)
        ]
    return landed


def remove_landed(database: Database, digest: str, landed: Landed) -> None:
    """Delete it, with its embeddings, positions, queries and landmarks, in one transaction.

    Then the file is written anew, so that no byte of it is left there.
    """
    with closing(database.sink(must_exist=True)) as sink:
        removal = plan_removal(sink, "sha256(t.text) = ?", [digest])
        with sink.transaction():
            for space_id, query_id in sink.query(
                "SELECT space_id, query_id FROM raw.queries WHERE sha256(text) = ?", [digest]
            ):
                keys = [space_id, query_id]
                sink.delete("reference_neighbors", "space_id = ? AND query_id = ?", keys)
                sink.delete("queries", "space_id = ? AND query_id = ?", keys)
            # A landmark is a text's vector, by which others are placed: the others stay.
            for vector in landed.vectors:
                sink.delete("landmarks", "vector = CAST(? AS FLOAT[])", [vector])
            sink.delete("inferences", "sha256(query_text) = ?", [digest])
            remove_planned(sink, removal)
    rewrite(open_to_write(database.landed, ALIAS), database.landed, ALIAS)
