"""The course of a landing that texts and ready-made vectors share: check all, then write in parts.

1. A first pass reads the whole file and raises at the first row that is not usable, before
   anything is written; it finds out which rows are new and draws the reducer's sample.
2. Where the space is new, the sample is written first: one transaction that holds the space, its
   reducer with landmarks, and the sample's texts, embeddings and positions.
3. The other new rows follow in file order, a chunk of a few thousand in a transaction each.

Each transaction leaves a complete state: every embedding has its text, its position and its place
among the reference neighbors. So a process that is killed loses at most the chunk it was at, and
the same command goes on behind the last one: rows that are there are skipped. The draw depends on
the rows alone, chunks follow the file's order: an interrupted landing ends like one that was not.
The file itself is noted in ``raw.source_files`` in the last transaction, when all of it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..projection.sample import SAMPLE_ROWS, Sample
from ..texts.files import SourceFile
from ..texts.identity import canonical_json, content_id
from .sink import Sink
from .spaces import Space
from .texts_rows import save_source_file
from .texts_writer import SpaceWriter, TextRow

CHUNK_ROWS = 2048
"""Rows of a transaction after the sample."""

Progress = Callable[[str, int, int | None], None]
"""Told (stage, done, total); total is None where it is not known."""

_REPORT_ROWS = 1000


class LandingRow(NamedTuple):
    """A row on its way: where it stands in the file, the row, its vector where it came with one."""

    where: str
    row: TextRow
    vector: NDArray[np.float32] | None


@dataclass
class LandedTexts:
    """What a landing did.

    ``rows`` are the file's; of them ``added`` are new, ``known`` were there before, ``repeated``
    repeat another row of the file. ``reducer`` is the method that places the space.
    """

    source: str
    space_id: str
    model_name: str
    dimension: int
    metric: str
    rows: int = 0
    added: int = 0
    known: int = 0
    repeated: int = 0
    reducer: str = ""
    notices: list[str] = field(default_factory=list)


@dataclass
class Survey:
    """What the first pass found; ``sample`` holds the keys of the rows drawn for the reducer."""

    rows: int = 0
    added: int = 0
    known: int = 0
    repeated: int = 0
    sample: set[bytes] = field(default_factory=set)


def silent(stage: str, done: int, total: int | None) -> None:
    """The progress of who does not ask for any."""


def key_of(text_id: str) -> bytes:
    """The first half of a text's id: what sets of a million texts keep of each."""
    return bytes.fromhex(text_id[:32])


def make_row(path: Any, where: str, source: str, text: str, metadata: dict[str, Any]) -> TextRow:
    """The row of a text; InputError where its metadata has no JSON form."""
    try:
        canonical = canonical_json(metadata)
        return TextRow(content_id([source, text, metadata]), source, text, canonical)
    except ValueError as error:
        raise InputError(f"{path}, {where}: the other columns cannot be kept: {error}") from error


def known_texts(sink: Sink, source: str, space: Space | None) -> tuple[set[str], set[bytes]]:
    """(ids of the collection's texts that are landed, keys of those embedded in the space)."""
    stored: set[str] = set()
    embedded: set[bytes] = set()
    sql = (
        "SELECT t.text_id, e.embedding_id FROM raw.texts t LEFT JOIN raw.text_embeddings e "
        "ON e.text_id = t.text_id AND e.space_id = ? WHERE t.source = ?"
    )
    for batch in sink.stream(sql, [space.space_id if space else "", source]):
        for text_id, embedding_id in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            stored.add(text_id)
            if embedding_id is not None:
                embedded.add(key_of(text_id))
    return stored, embedded


def survey(
    rows: Iterable[LandingRow],
    embedded: set[bytes],
    sample_rows: int = SAMPLE_ROWS,
    progress: Progress = silent,
) -> Survey:
    """Read every row once; InputError where there is none."""
    result = Survey()
    sample = Sample(sample_rows)
    seen: set[bytes] = set()
    for item in rows:
        result.rows += 1
        key = key_of(item.row.text_id)
        if key in seen:
            result.repeated += 1
        elif key in embedded:
            result.known += 1
        else:
            result.added += 1
            sample.offer(key)
        seen.add(key)
        if result.rows % _REPORT_ROWS == 0:
            progress("reading", result.rows, None)
    progress("reading", result.rows, result.rows)
    result.sample = sample.keys()
    return result


def write_rows(
    writer: SpaceWriter,
    rows: Callable[[], Iterable[LandingRow]],
    found: Survey,
    embedded: set[bytes],
    vectors_of: Callable[[list[LandingRow]], NDArray[np.float32]],
    finish: Callable[[], object],
    chunk_rows: int = CHUNK_ROWS,
) -> None:
    """Write what the survey found new; ``finish`` runs in the last transaction.

    ``rows`` reads the file anew; ``vectors_of`` gives a chunk's vectors (m, dimension).
    """
    left = found.added
    done = set(embedded)

    def write(chunk: list[LandingRow]) -> None:
        nonlocal left
        left -= len(chunk)
        vectors = vectors_of(chunk)
        writer.write([item.row for item in chunk], vectors, finish if left <= 0 else None)
        done.update(key_of(item.row.text_id) for item in chunk)

    if writer.reducer is None:
        drawn = [i for i in _new(rows(), done) if key_of(i.row.text_id) in found.sample]
        write(drawn)
    if left > 0:
        chunk: list[LandingRow] = []
        # write() adds to `done` only what was yielded before, which is never yielded again
        for item in _new(rows(), done):
            chunk.append(item)
            if len(chunk) == chunk_rows:
                write(chunk)
                chunk = []
        if chunk:
            write(chunk)


def _new(rows: Iterable[LandingRow], done: set[bytes]) -> Iterator[LandingRow]:
    """The rows that are not done, each text once."""
    seen: set[bytes] = set()
    for item in rows:
        key = key_of(item.row.text_id)
        if key not in done and key not in seen:
            seen.add(key)
            yield item


def note_file(sink: Sink, kind: str, name: str, file: SourceFile) -> None:
    """Note a file that holds nothing new."""
    with sink.transaction():
        save_source_file(sink, kind, name, file)


def summary(found: Survey, writer: SpaceWriter | None, landed: LandedTexts) -> LandedTexts:
    """Fill in what the landing did."""
    landed.rows, landed.added = found.rows, found.added
    landed.known, landed.repeated = found.known, found.repeated
    if writer is not None:
        landed.reducer = writer.reducer.method if writer.reducer else ""
        landed.notices += writer.notices
    if found.repeated:
        landed.notices.append(
            f"{found.repeated} rows repeat another row of the file and were landed once"
        )
    return landed
