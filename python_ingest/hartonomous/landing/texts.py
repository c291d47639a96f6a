"""Land texts: embed them with a landed model, place them in 3-D, keep their other columns."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..projection.reducers import require_method
from ..projection.sample import SAMPLE_ROWS
from ..texts.files import collection_name, describe_file
from ..texts.readers import TextReader, open_texts
from .cells import ensure_cells
from .sink import Sink
from .spaces import choose_space, find_spaces
from .texts_landing import (
    CHUNK_ROWS,
    LandedTexts,
    LandingRow,
    Progress,
    known_texts,
    make_row,
    note_file,
    silent,
    summary,
    survey,
    write_rows,
)
from .texts_models import EncoderOf, find_embedding_model, torch_encoder
from .texts_rows import save_source_file
from .texts_writer import SpaceWriter

METRIC = "cosine"


def land_texts(
    sink: Sink,
    path: str | os.PathLike[str],
    *,
    column: str | None = None,
    name: str | None = None,
    model: str | None = None,
    reducer: str = "umap",
    progress: Progress | None = None,
    encoder_of: EncoderOf = torch_encoder,
    chunk_rows: int = CHUNK_ROWS,
    sample_rows: int = SAMPLE_ROWS,
) -> LandedTexts:
    """Land the texts of a csv, jsonl, parquet or txt file.

    Args:
        sink: where to; its schema must be there (``ensure_schema``).
        path: the file; UTF-8 where it is text.
        column: the column that holds the text; by default ``text``, else the only one of strings.
        name: the collection's name, by default the file's stem: ``raw.texts.source``.
        model: a landed model's name, a folder or a hub id; by default the landed one.
        reducer: ``umap`` or ``pca``, what places a new space in 3-D; a space keeps its reducer.
        progress: told (stage, done, total) while reading and embedding.
        encoder_of: what embeds: sentence-transformers, or
            :func:`hartonomous.inference.encoder.text_encoder`'s choice.
        chunk_rows: rows of a transaction; sample_rows: most rows the reducer is fitted on.

    Texts that the space has are skipped, without loading the model: landing a file again changes
    nothing, landing a longer one adds what is new. Killed at any moment it leaves the database
    complete up to the last chunk, and the same command goes on from there (how: the docstring of
    :mod:`hartonomous.landing.texts_landing`).

    Raises:
        InputError: the file, a row, the model or an option is not usable; nothing was landed.
        MissingExtraError: sentence-transformers or umap-learn is needed and not installed.
    """
    report = progress or silent
    require_method(reducer)
    reader = open_texts(path, column)
    source = collection_name(reader.path, name)
    chosen = find_embedding_model(sink, model)
    spaces = find_spaces(sink, chosen.name, METRIC)
    space = spaces[0] if spaces else None
    stored, embedded = known_texts(sink, source, space)
    file = describe_file(reader.path)

    found = survey(_rows(reader, source), embedded, sample_rows, report)
    if not found.rows:
        raise InputError(f"{reader.path} holds no texts: nothing to land")
    notices = [*chosen.notices, *reader.notices]
    if not found.added and space is not None:
        note_file(sink, "texts", source, file)
        notices += ensure_cells(sink, space, report)
        landed = LandedTexts(
            source, space.space_id, chosen.name, space.dimension, METRIC, notices=notices
        )
        landed.reducer = _method(sink, space.space_id)
        return summary(found, None, landed)

    report("loading the model", 0, None)
    encoder = encoder_of(sink, chosen)
    space = choose_space(sink, chosen.name, chosen.model_id, encoder.dimension, METRIC)
    writer = SpaceWriter(sink, space, reducer, stored, report)
    done = 0

    def embed(chunk: list[LandingRow]) -> NDArray[np.float32]:
        nonlocal done
        start = done
        vectors = encoder.encode(
            [item.row.text for item in chunk],
            lambda count: report("embedding", start + count, found.added),
        )
        done += len(chunk)
        return vectors

    report("embedding", 0, found.added)
    write_rows(
        writer,
        lambda: _rows(reader, source),
        found,
        embedded,
        embed,
        lambda: save_source_file(sink, "texts", source, file),
        chunk_rows,
    )
    notices += [*encoder.notices, *ensure_cells(sink, space, report)]
    landed = LandedTexts(
        source, space.space_id, chosen.name, space.dimension, METRIC, notices=notices
    )
    return summary(found, writer, landed)


def _rows(reader: TextReader, source: str) -> Iterator[LandingRow]:
    for where, text, metadata in reader.records():
        yield LandingRow(where, make_row(reader.path, where, source, text, metadata), None)


def _method(sink: Sink, space_id: str) -> str:
    found = sink.query("SELECT method FROM raw.reducers WHERE space_id = ?", [space_id])
    return str(found[0][0]) if found else ""
