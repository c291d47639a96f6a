"""Texts and their embeddings: those that answers name, or all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...inference_log import text_hash
from ..graph import Edge, Node
from .rows import Connection, has_table, log_files_pattern, model_key, moment, rows

_CHUNK = 5_000

_EMBEDDINGS = """
SELECT embedding.space_id, embedding.embedding_id, space.model_name, space.model_id, {text}
FROM {chosen}
JOIN landing.raw.spaces AS space ON space.space_id = embedding.space_id
JOIN landing.raw.texts AS landed ON landed.text_id = embedding.text_id
"""
_TEXT = "landed.text_id, landed.source, landed.text, landed.metadata, landed.landed_at"


def every(connection: Connection, *, is_built: bool, keeps_texts: bool) -> Iterator[Node | Edge]:
    """All texts and embeddings; a million of them pass by without being held."""
    for text_id, *values in rows(connection, f"SELECT {_TEXT} FROM landing.raw.texts AS landed"):
        yield from _text(text_id, values, keeps_texts)
    statement = _EMBEDDINGS.format(
        text="landed.text_id", chosen="landing.raw.text_embeddings AS embedding"
    )
    for row in rows(connection, statement):
        yield from _embedding(*row)
    if is_built:
        for space_id, table in _cell_tables(connection):
            yield from _cells(connection, space_id, f"SELECT * FROM {table}", [])


def chosen(
    connection: Connection,
    used: Collection[tuple[str, int]],
    *,
    is_built: bool,
    keeps_texts: bool,
) -> Iterator[Node | Edge]:
    """Embeddings by (space id, embedding id), and their texts; unknown ones are passed over."""
    named = "(SELECT unnest($1::VARCHAR[]) AS space_id, unnest($2::INTEGER[]) AS embedding_id)"
    statement = _EMBEDDINGS.format(
        text=_TEXT,
        chosen=f"{named} AS named JOIN landing.raw.text_embeddings AS embedding "
        "ON embedding.space_id = named.space_id AND embedding.embedding_id = named.embedding_id",
    )
    told: set[str] = set()
    for part in _parts(sorted(set(used))):
        keys = [list(column) for column in zip(*part, strict=True)]
        for row in rows(connection, statement, keys):
            space_id, embedding_id, model_name, model_id, text_id, *values = row
            if text_id not in told:
                told.add(text_id)
                yield from _text(text_id, values, keeps_texts)
            yield from _embedding(space_id, embedding_id, model_name, model_id, text_id)
    if not is_built:
        return
    of_space: dict[str, list[int]] = {}
    for space_id, embedding_id in sorted(set(used)):
        of_space.setdefault(space_id, []).append(embedding_id)
    for space_id, table in _cell_tables(connection):
        for part in _parts(of_space.get(space_id, ())):
            wanted = "embedding_id IN (SELECT unnest($2::INTEGER[]))"
            statement = f"SELECT * FROM {table} WHERE {wanted}"
            yield from _cells(connection, space_id, statement, [part])


def by_id(
    connection: Connection, text_ids: Collection[str], *, keeps_texts: bool
) -> Iterator[Node | Edge]:
    """Texts by their ids, as an ensemble's answers name them; unknown ones are passed over."""
    statement = (
        f"SELECT {_TEXT} FROM landing.raw.texts AS landed "
        "WHERE landed.text_id IN (SELECT unnest($1::VARCHAR[]))"
    )
    for part in _parts(sorted(set(text_ids))):
        for text_id, *values in rows(connection, statement, [part]):
            yield from _text(text_id, values, keeps_texts)


def texts_named_in_log(connection: Connection, folder: Path) -> set[str]:
    """Ids of the texts that the ensemble's answers of the log name."""
    pattern = log_files_pattern(folder)
    if pattern is None:
        return set()
    found = connection.execute(
        """
        SELECT DISTINCT unnest(list_concat(
            json_extract_string(results, '$[*].id'),
            json_extract_string(alternatives, '$[*].id')
        )) AS id
        FROM read_json($1, format = 'newline_delimited', ignore_errors = true, columns = {
            method: 'VARCHAR', results: 'JSON', alternatives: 'JSON'
        })
        WHERE method = 'ensemble'
        """,
        [pattern],
    ).fetchall()
    return {text_id for (text_id,) in found if text_id is not None}


def named_in_log(connection: Connection, folder: Path) -> set[tuple[str, int]]:
    """(space id, embedding id) of every result and alternative of the log."""
    pattern = log_files_pattern(folder)
    if pattern is None:
        return set()
    found = connection.execute(
        """
        SELECT DISTINCT space_id, id
        FROM (
            SELECT space_id, unnest(list_concat(
                json_extract_string(results, '$[*].id'),
                json_extract_string(alternatives, '$[*].id')
            )) AS id
            FROM read_json($1, format = 'newline_delimited', ignore_errors = true, columns = {
                space_id: 'VARCHAR', results: 'JSON', alternatives: 'JSON'
            })
            WHERE space_id <> ''
        )
        WHERE try_cast(id AS INTEGER) IS NOT NULL
        """,
        [pattern],
    ).fetchall()
    return {(space_id, int(embedding_id)) for space_id, embedding_id in found}


def _text(text_id: str, values: list[Any], keeps_texts: bool) -> Iterator[Node | Edge]:
    source, text, metadata, landed_at = values
    yield Node(
        "Text",
        text_id,
        {
            "text_id": text_id,
            "text": text if keeps_texts else None,
            "text_hash": text_hash(text),
            "source": source,
            "metadata": metadata if keeps_texts else None,
            "landed_at": moment(landed_at),
        },
    )
    yield Edge("PART_OF", ("Text", text_id), ("Dataset", source))


def _embedding(
    space_id: str, embedding_id: int, model_name: str, model_id: str, text_id: str
) -> Iterator[Node | Edge]:
    this = ("Embedding", f"{space_id}/{embedding_id}")
    yield Node("Embedding", this[1], {"space_id": space_id, "embedding_id": embedding_id})
    yield Edge("EMBEDS", this, ("Text", text_id))
    yield Edge("IN_SPACE", this, ("Space", space_id))
    if model_id:
        yield Edge("GENERATED_BY", this, ("Model", model_key(model_name, model_id)))


def _cell_tables(connection: Connection) -> list[tuple[str, str]]:
    """(space id, table) of every space whose rows stand in cells."""
    if not has_table(connection, "spaces"):
        return []
    spaces = connection.execute(
        "SELECT space_id, suffix FROM built.spaces ORDER BY space_id"
    ).fetchall()
    named = [(space_id, f"cell_codes{suffix}") for space_id, suffix in spaces]
    return [
        (space_id, f'built."{name}"') for space_id, name in named if has_table(connection, name)
    ]


def _cells(
    connection: Connection, space_id: str, codes: str, more: list[Any]
) -> Iterator[Node | Edge]:
    """A row's home cell; a number means one cell, of one training, ever."""
    for embedding_id, training_id, cell in rows(
        connection,
        "SELECT coded.embedding_id, cell.training_id, cell.cell "
        f"FROM ({codes}) AS coded JOIN landing.raw.cells AS cell ON cell.cell = coded.cell "
        "JOIN landing.raw.cell_trainings AS training ON training.training_id = cell.training_id "
        "WHERE training.space_id = $1 AND coded.is_home",
        [space_id, *more],
    ):
        embedding = ("Embedding", f"{space_id}/{embedding_id}")
        yield Edge("IN_CELL", embedding, ("Cell", f"{training_id}/{cell}"))


def _parts(found: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(found), _CHUNK):
        yield list(found[start : start + _CHUNK])
