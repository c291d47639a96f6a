"""Land vectors that were made elsewhere, from Parquet."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..projection.reducers import require_method
from ..projection.sample import SAMPLE_ROWS
from ..texts.files import collection_name, describe_file
from ..texts.vectors import VectorReader
from .cells import ensure_cells
from .sink import Sink
from .spaces import Space, choose_space
from .texts_landing import (
    CHUNK_ROWS,
    LandedTexts,
    LandingRow,
    Progress,
    key_of,
    known_texts,
    make_row,
    note_file,
    silent,
    summary,
    survey,
    write_rows,
)
from .texts_rows import matrix_of, save_source_file
from .texts_writer import SpaceWriter


def land_embeddings(
    sink: Sink,
    path: str | os.PathLike[str],
    *,
    vector_column: str,
    column: str | None = None,
    name: str | None = None,
    model_name: str | None = None,
    reducer: str = "umap",
    metric: str = "cosine",
    progress: Progress | None = None,
    chunk_rows: int = CHUNK_ROWS,
    sample_rows: int = SAMPLE_ROWS,
) -> LandedTexts:
    """Land the vectors of a Parquet file, with their texts and other columns.

    Args:
        sink: where to; its schema must be there (``ensure_schema``).
        path: the .parquet file, read in batches of a few MiB.
        vector_column: a column of lists of half, single or double precision numbers, all of one
            length up to 4,096; kept as float32, never rescaled.
        column: the column of texts; by default ``text``, else none where there is a column
            ``id``, else the only one of strings. Without texts, a row's text is its ``id``, else
            its number in the file from 1.
        name: the collection's name, by default the file's stem: ``raw.texts.source``.
        model_name: what made the vectors, by default the collection's name. With the dimension
            and the metric it makes the space; a landed model's name joins that model's space.
        reducer: ``umap`` or ``pca``, what places a new space in 3-D; a space keeps its reducer.
        metric: ``cosine``, ``euclidean`` or ``dot``.
        progress: told (stage, done, total) while reading and writing.
        chunk_rows: rows of a transaction; sample_rows: most rows the reducer is fitted on.

    Landing again, interruption and completion are as with :func:`land_texts`.

    Raises:
        InputError: the file, a row or an option is not usable, the space has another dimension,
            or a text is there with another vector; nothing was landed.
        MissingExtraError: umap-learn is needed and not installed.
    """
    report = progress or silent
    require_method(reducer)
    reader = VectorReader(path, vector_column, column, metric)
    source = collection_name(reader.path, name)
    model = collection_name(reader.path, model_name) if model_name is not None else source
    models = sink.query("SELECT model_id FROM raw.models WHERE name = ?", [model])
    model_id = str(models[0][0]) if models else ""
    try:
        space = choose_space(sink, model, model_id, reader.dimension, metric)
    except InputError as error:
        raise InputError(f"{reader.path}, row 1: {error}") from error
    stored, embedded = known_texts(sink, source, space)
    file = describe_file(reader.path)

    landed_before = _vector_digests(sink, source, space) if embedded else {}
    found = survey(_checked(reader, source, landed_before), embedded, sample_rows, report)
    writer = SpaceWriter(sink, space, reducer, stored, report)
    done = 0

    def vectors_of(chunk: list[LandingRow]) -> NDArray[np.float32]:
        nonlocal done
        report("writing", done, found.added)
        done += len(chunk)
        return np.stack([item.vector for item in chunk if item.vector is not None])

    if found.added:
        write_rows(
            writer,
            lambda: _rows(reader, source),
            found,
            embedded,
            vectors_of,
            lambda: save_source_file(sink, "embeddings", source, file),
            chunk_rows,
        )
        report("writing", done, found.added)
    else:
        note_file(sink, "embeddings", source, file)
    notices = [*reader.notices, *ensure_cells(sink, space, report)]
    landed = LandedTexts(source, space.space_id, model, space.dimension, metric, notices=notices)
    return summary(found, writer, landed)


def _rows(reader: VectorReader, source: str) -> Iterator[LandingRow]:
    for where, text, metadata, vector in reader.records():
        yield LandingRow(where, make_row(reader.path, where, source, text, metadata), vector)


def _checked(
    reader: VectorReader, source: str, landed_before: dict[bytes, bytes]
) -> Iterator[LandingRow]:
    """The rows; InputError where a text comes with a vector that differs from the one it has."""
    vectors = dict(landed_before)
    for item in _rows(reader, source):
        assert item.vector is not None
        key, digest = key_of(item.row.text_id), _digest(item.vector)
        if vectors.setdefault(key, digest) != digest:
            before = "landed before" if key in landed_before else "of an earlier row"
            raise InputError(
                f"{reader.path}, {item.where}: text {item.row.text[:40]!r} has another vector than "
                f"the same text {before}: a text has one vector in a space; tell texts apart by a "
                "further column, or land under another --name"
            )
        yield item


def _vector_digests(sink: Sink, source: str, space: Space) -> dict[bytes, bytes]:
    digests: dict[bytes, bytes] = {}
    for batch in sink.stream(
        "SELECT t.text_id, e.vector FROM raw.texts t JOIN raw.text_embeddings e "
        "ON e.text_id = t.text_id WHERE e.space_id = ? AND t.source = ?",
        [space.space_id, source],
    ):
        vectors = matrix_of(batch.column(1), space.dimension)
        for text_id, vector in zip(batch.column(0).to_pylist(), vectors, strict=True):
            digests[key_of(text_id)] = _digest(vector)
    return digests


def _digest(vector: NDArray[np.float32]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(vector).tobytes(), digest_size=8).digest()
