"""Land held-out queries of a space, and the exact answers that its searches are measured against.

Queries stand apart from texts: no search finds them. For each, ``raw.reference_neighbors`` keeps
the ten nearest embeddings of the space as NumPy finds them, in float64.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..texts.files import SourceFile, collection_name, describe_file
from ..texts.identity import content_id
from ..texts.readers import open_texts
from ..texts.vectors import VectorReader
from .sink import Sink
from .spaces import Space, find_space, find_spaces
from .texts_landing import Progress, silent
from .texts_models import EncoderOf, TextEncoder, find_embedding_model, torch_encoder
from .texts_references import insert_neighbors, search_space
from .texts_rows import record_batch, save_source_file, vector_array

_CHUNK_QUERIES = 1024  # each chunk reads the space once


class _Query(NamedTuple):
    query_id: str
    text: str
    vector: NDArray[np.float32] | None


@dataclass
class LandedQueries:
    """What a landing of queries did; ``repeated`` rows repeat another row of the file."""

    name: str
    space_id: str
    rows: int = 0
    added: int = 0
    known: int = 0
    repeated: int = 0
    notices: list[str] = field(default_factory=list)


def land_queries(
    sink: Sink,
    path: str | os.PathLike[str],
    *,
    column: str | None = None,
    name: str | None = None,
    model: str | None = None,
    progress: Progress | None = None,
    encoder_of: EncoderOf = torch_encoder,
) -> LandedQueries:
    """Land the texts of a csv, jsonl, parquet or txt file as queries of the model's space.

    ``column``, ``name``, ``model`` and ``encoder_of`` are as with :func:`land_texts`; other columns
    are not kept.
    Queries that are there are skipped, without loading the model. Every transaction holds up to
    1,024 queries with their neighbors; interrupted, the same command goes on.

    Raises:
        InputError: the file, a row or the model is not usable, or no texts are landed with it yet.
        MissingExtraError: sentence-transformers is needed and not installed.
    """
    reader = open_texts(path, column)
    label = collection_name(reader.path, name)
    chosen = find_embedding_model(sink, model)
    spaces = find_spaces(sink, chosen.name)
    if not spaces:
        raise InputError(
            f"no texts are landed with model {chosen.name!r} yet, so there is nothing to ask: "
            "land texts first with `hartonomous ingest texts`"
        )
    file = describe_file(reader.path)
    queries = [_Query(content_id([r.text]), r.text, None) for r in reader.records()]

    @cache
    def encoder() -> TextEncoder:  # only where a query is new
        loaded = encoder_of(sink, chosen)
        if loaded.dimension != spaces[0].dimension:
            raise InputError(
                f"model {chosen.name!r} gives {loaded.dimension} dimensions, its space "
                f"{spaces[0].space_id} has {spaces[0].dimension}: land queries as vectors"
            )
        return loaded

    def embed(texts: list[str]) -> NDArray[np.float32]:
        return encoder().encode(texts)

    notices = [*chosen.notices, *reader.notices]
    return _land(sink, spaces[0], label, file, queries, embed, notices, progress or silent)


def land_query_vectors(
    sink: Sink,
    path: str | os.PathLike[str],
    *,
    vector_column: str,
    column: str | None = None,
    name: str | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> LandedQueries:
    """Land the vectors of a Parquet file as queries of a space, for spaces without a model.

    ``vector_column`` and ``column`` are as with :func:`land_embeddings`; ``model`` names the space
    or what made its vectors, the first space where it is None.

    Raises:
        InputError: there is no such space, its dimension is another, or a row is not usable.
    """
    space = find_space(sink, model)
    reader = VectorReader(path, vector_column, column, "cosine")
    label = collection_name(reader.path, name)
    if reader.dimension != space.dimension:
        raise InputError(
            f"{reader.path}, row 1: the vector has {reader.dimension} dimensions, the space "
            f"{space.space_id} has {space.dimension}"
        )
    file = describe_file(reader.path)
    queries = [
        _Query(_vector_query_id(r.text, r.vector), r.text, r.vector) for r in reader.records()
    ]
    return _land(sink, space, label, file, queries, None, reader.notices, progress or silent)


def _vector_query_id(text: str, vector: NDArray[np.float32]) -> str:
    """Identity of a query that came with its vector: both count, as rows may be named alike."""
    return content_id([text, hashlib.sha256(np.ascontiguousarray(vector).tobytes()).hexdigest()])


def _land(
    sink: Sink,
    space: Space,
    name: str,
    file: SourceFile,
    queries: list[_Query],
    embed: Callable[[list[str]], NDArray[np.float32]] | None,
    notices: Iterable[str],
    progress: Progress,
) -> LandedQueries:
    if not queries:
        raise InputError(f"{file.path} holds no queries: nothing to land")
    known = {
        row[0]
        for row in sink.query(
            "SELECT query_id FROM raw.queries WHERE space_id = ?", [space.space_id]
        )
    }
    distinct = {query.query_id: query for query in queries}
    new = [query for query_id, query in distinct.items() if query_id not in known]
    done = 0
    for chunk in _chunks(new):
        if embed is not None:
            vectors = embed([query.text for query in chunk])
        else:
            vectors = np.stack([query.vector for query in chunk if query.vector is not None])
        neighbors = search_space(sink, space, vectors)
        done += len(chunk)
        with sink.transaction():
            columns = {
                "space_id": [space.space_id] * len(chunk),
                "query_id": [query.query_id for query in chunk],
                "text": [query.text for query in chunk],
                "vector": vector_array(vectors),
            }
            sink.insert("queries", [record_batch("queries", columns)])
            insert_neighbors(sink, space, [query.query_id for query in chunk], neighbors)
            if done == len(new):
                save_source_file(sink, "queries", name, file)
        progress("answering", done, len(new))
    if not new:
        with sink.transaction():
            save_source_file(sink, "queries", name, file)
    return LandedQueries(
        name,
        space.space_id,
        rows=len(queries),
        added=len(new),
        known=len(distinct) - len(new),
        repeated=len(queries) - len(distinct),
        notices=list(notices),
    )


def _chunks(queries: list[_Query]) -> Iterator[list[_Query]]:
    for start in range(0, len(queries), _CHUNK_QUERIES):
        yield queries[start : start + _CHUNK_QUERIES]
