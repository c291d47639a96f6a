"""What a map draws: positions, texts and metadata of a space, all of them or a seeded sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..spaces import BuiltSpace

FIXED_COLUMN = "source"
"""The collection that a text belongs to; every other column is a key of the metadata."""

_PLACED = "isfinite(embedding.x) AND isfinite(embedding.y) AND isfinite(embedding.z)"


@dataclass(frozen=True)
class Points:
    """The points of one map, by ascending id.

    Attributes:
        total: how many the space has; more than ``len(ids)`` where a sample was drawn.
        ids: int64[n], the embeddings' ids.
        positions: float32[n, 3], as they are in the database.
        texts: n texts, each cut to the number of characters asked for.
        rows: n rows of metadata, the collection among them.
    """

    total: int
    ids: NDArray[np.int64]
    positions: NDArray[np.float32]
    texts: list[str]
    rows: list[dict[str, Any]]

    def index_of(self, embedding_id: int) -> int | None:
        """Where an id stands, or None where it is not drawn."""
        at = int(np.searchsorted(self.ids, embedding_id))
        return at if at < len(self.ids) and self.ids[at] == embedding_id else None


def read_points(
    connection: duckdb.DuckDBPyConnection,
    space: BuiltSpace,
    *,
    limit: int,
    seed: int = 0,
    keep: Sequence[int] = (),
    characters: int = 200,
) -> Points:
    """The points of a space, at most ``limit`` of them.

    A sample is drawn by a hash of seed and id: the same seed draws the same points, a larger limit
    draws those and more, and rows that were added since change little.

    Args:
        connection: of the built database.
        space: which space.
        limit: the most points; the sample's size beyond it.
        seed: of the sample.
        keep: ids that are drawn in any case, such as a query's results.
        characters: texts are cut to as many, with an ellipsis as the last.

    Raises:
        InputError: the space has no embedding with a position.
    """
    total = count_points(connection, space)
    table = f"embeddings{space.suffix}"
    sample = (
        ""
        if total <= limit
        else f"""
            AND embedding.embedding_id IN (
                SELECT embedding.embedding_id FROM {table} AS embedding WHERE {_PLACED}
                ORDER BY
                    list_contains(CAST($keep AS INTEGER[]), embedding.embedding_id) DESC,
                    md5(concat_ws('/', CAST($seed AS VARCHAR), embedding.embedding_id)),
                    embedding.embedding_id
                LIMIT $limit
            )"""
    )
    values = {"keep": str([int(i) for i in keep]), "seed": seed, "limit": limit} if sample else {}
    read = connection.execute(
        f"""
        SELECT
            embedding.embedding_id, embedding.x, embedding.y, embedding.z,
            left(embedding.source_text, $characters), embedding.source, embedding.metadata
        FROM {table} AS embedding
        WHERE {_PLACED} {sample}
        ORDER BY embedding.embedding_id
        """,
        {"characters": characters + 1, **values},
    ).fetchall()
    return Points(
        total=total,
        ids=np.array([row[0] for row in read], dtype=np.int64),
        positions=np.array([row[1:4] for row in read], dtype=np.float32),
        texts=[cut(row[4] or "", characters) for row in read],
        rows=[_named(row[5], row[6]) for row in read],
    )


def count_points(connection: duckdb.DuckDBPyConnection, space: BuiltSpace) -> int:
    """How many embeddings of a space have a position.

    Raises:
        InputError: none has.
    """
    found = connection.execute(
        f"SELECT count(*), count(*) FILTER ({_PLACED}) FROM embeddings{space.suffix} AS embedding"
    ).fetchone()
    rows, placed = found or (0, 0)
    if placed == 0:
        raise InputError(
            f"the space {space.space_id} has {rows} embeddings and no position to draw: land texts "
            "with `hartonomous ingest texts FILE`, then run `hartonomous build`"
        )
    return placed


def require_column(connection: duckdb.DuckDBPyConnection, space: BuiltSpace, name: str) -> None:
    """Raise InputError where no text of a space has a column of that name."""
    keys = connection.execute(
        f"SELECT DISTINCT unnest(json_keys(metadata)) FROM embeddings{space.suffix} "
        "WHERE metadata IS NOT NULL"
    ).fetchall()
    known = list(_named("", json.dumps(dict.fromkeys(sorted(key for (key,) in keys)))))
    if name not in known:
        raise InputError(
            f"--color: no text of the space has a column {name!r}; there are {', '.join(known)}"
        )


def cut(text: str, characters: int) -> str:
    """A text of at most so many characters; the last is an ellipsis where something was cut."""
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def _named(source: str | None, metadata: str | None) -> dict[str, Any]:
    """The columns of one text. A key named like the fixed column keeps its value under its path."""
    keys = json.loads(metadata) if metadata else {}
    if FIXED_COLUMN in keys:
        keys[f"metadata.{FIXED_COLUMN}"] = keys.pop(FIXED_COLUMN)
    return {FIXED_COLUMN: source, **keys}
