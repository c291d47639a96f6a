"""The tables as a graph: what was landed, what was built of it. Pure: it only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..database import Database
from ..errors import InputError
from ..inference_log import HASH, served
from .catalog import cells, models, runs, sources, students, texts
from .graph import Edge, Node

ALL, USED = "all", "used"


def from_catalog(
    database: Database,
    *,
    embeddings: str = USED,
    used: Collection[tuple[str, int]] | None = None,
    used_texts: Collection[str] | None = None,
) -> Iterator[Node | Edge]:
    """Nodes and edges of the landed and built tables, read a batch at a time.

    Texts are left out where the log keeps only hashes (the var log_texts).

    Args:
        database: landed; what was not built yet is left out.
        embeddings: those that answers name (``used``), or ``all``.
        used: (space id, embedding id) of those; None: the log is asked.
        used_texts: ids of the texts that an ensemble's answers name; None: the log is asked.

    Raises:
        InputError: nothing is landed, or another process holds the database.
    """
    if embeddings not in (ALL, USED):
        raise InputError(f"embeddings are {ALL} or {USED}; it got {embeddings!r}")
    is_built = database.built.exists()
    with database.connect(built=is_built) as connection:
        keeps_texts = served(database, connection).log_texts != HASH if is_built else True
        folder = database.inference_folder
        yield from sources.elements(connection)
        yield from models.elements(connection, folder)
        yield from cells.elements(connection)
        if is_built:
            yield from runs.elements(connection)
            yield from students.built(connection)
        yield from students.landed(connection)
        if embeddings == ALL:
            yield from texts.every(connection, is_built=is_built, keeps_texts=keeps_texts)
        else:
            yield from texts.chosen(
                connection,
                texts.named_in_log(connection, folder) if used is None else used,
                is_built=is_built,
                keeps_texts=keeps_texts,
            )
            yield from texts.by_id(
                connection,
                texts.texts_named_in_log(connection, folder) if used_texts is None else used_texts,
                keeps_texts=keeps_texts,
            )
