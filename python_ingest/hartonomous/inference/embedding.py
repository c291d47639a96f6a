"""Texts to vectors by the model's own SQL callables: embed for one, embed_table for many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..database import Database
from ..errors import InputError
from ..progress import QUIET, Progress
from .audit import log
from .calls import require_text, rows, run
from .models import RunnableModel
from .ready import EMBEDDING, opened

BATCH_TEXTS = 256
"""Texts of one statement."""

_BATCH_CHARACTERS = 64_000
"""Characters of one statement, unless one text alone has more: memory grows with the tokens."""

_TABLE = "hartonomous_texts"


def embed(
    database: Database, text: str, *, model: str | None = None, progress: Progress = QUIET
) -> tuple[RunnableModel, NDArray[np.float32]]:
    """The vector of a text, float32[hidden_size], and the model that made it; lands an inference.

    Args:
        database: where the model is landed; what the model lacks is built first.
        text: cut to its beginning where it is longer than the model reads.
        model: a landed model's name or id; the default embedding model where not given.
        progress: shows what is built.

    Raises:
        InputError: no such model, an empty text, or a model that does not embed in SQL.
    """
    require_text(text, "text")
    with opened(database, model, EMBEDDING, progress) as (connection, chosen):
        started = time.perf_counter()
        vector = embed_one(connection, chosen, text)
        log(database, "embed", "sql", chosen, text, {"dimension": len(vector)}, started)
    return chosen, vector


def embed_many(
    database: Database,
    texts: Sequence[str],
    *,
    model: str | None = None,
    progress: Progress = QUIET,
) -> tuple[RunnableModel, NDArray[np.float32]]:
    """Vectors (n, hidden_size) float32 of texts, in their order; lands one inference.

    Arguments and errors are as with :func:`embed`.
    """
    for number, text in enumerate(texts, start=1):
        require_text(text, f"text {number}")
    with opened(database, model, EMBEDDING, progress) as (connection, chosen):
        started = time.perf_counter()
        with progress.bar("embedding", len(texts), "texts") as advance:
            vectors = embed_texts(connection, chosen, texts, advance)
        settings = {"texts": len(texts)}
        log(database, "embed", "sql", chosen, f"({len(texts)} texts)", settings, started)
    return chosen, vectors


def embed_one(
    connection: duckdb.DuckDBPyConnection, model: RunnableModel, text: str
) -> NDArray[np.float32]:
    """The vector of a text over an open connection; InputError where the model refuses."""
    found = rows(connection, f"SELECT embedding FROM embed{model.embedding}($1)", [text])
    if not found:
        raise InputError(f"{model.name} reads no token in {text[:40]!r}: there is no vector of it")
    return _checked(np.array([found[0][0]], dtype=np.float32), model)[0]


def embed_texts(
    connection: duckdb.DuckDBPyConnection,
    model: RunnableModel,
    texts: Sequence[str],
    advance: Callable[[int], object] = lambda count: None,
) -> NDArray[np.float32]:
    """Vectors (n, dimension) float32 of texts over an open connection.

    ``advance`` is called with how many texts were done since its last call. A text that is there
    twice is embedded once. InputError where the model refuses or reads no token in a text.
    """
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    vectors: dict[str, NDArray[np.float32]] = {}
    counts = {text: 0 for text in distinct}
    for text in texts:
        counts[text] += 1
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} (text VARCHAR)")
    try:
        # From the longest on, so that a bar that was too hopeful gets better, not worse.
        for batch in _batches(distinct[::-1]):
            connection.execute(f"DELETE FROM {_TABLE}")
            connection.execute(f"INSERT INTO {_TABLE} SELECT unnest($1::VARCHAR[])", [batch])
            table = run(
                connection,
                f"SELECT text, embedding FROM embed_table{model.embedding}('{_TABLE}', 'text')",
            ).to_arrow_table()
            if table.num_rows:
                values = table.column("embedding").combine_chunks().flatten().to_numpy()
                found = _checked(values.reshape(table.num_rows, -1), model)
                vectors.update(zip(table.column("text").to_pylist(), found, strict=True))
            missing = next((text for text in batch if text not in vectors), None)
            if missing is not None:
                raise InputError(
                    f"{model.name} reads no token in {missing[:40]!r}: there is no vector of it"
                )
            advance(sum(counts[text] for text in batch))
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_TABLE}")
    if not texts:
        return np.empty((0, 0), dtype=np.float32)
    return np.stack([vectors[text] for text in texts])


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        full = len(batch) == BATCH_TEXTS or characters + len(text) > _BATCH_CHARACTERS
        if batch and full:
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def _checked(vectors: NDArray[np.float32], model: RunnableModel) -> NDArray[np.float32]:
    if not np.isfinite(vectors).all():
        raise InputError(f"{model.name} gives NaN or infinity: it cannot embed these texts")
    return vectors
