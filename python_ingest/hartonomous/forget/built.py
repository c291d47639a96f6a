"""Taking a text out of the tables that were built; searches go on over what is left."""

from __future__ import annotations

from ..database import Database
from .landed import Landed
from .tables import (
    Connection,
    delete_texts,
    delete_vectors,
    open_to_write,
    rewrite,
    tables_with,
)

ALIAS = "built"


def remove_built(database: Database, digest: str, landed: Landed) -> None:
    """Delete every row that holds the text, its vector, or names one of its ids.

    Nothing is left for the next build but to make the callables and reports anew.
    """
    connection = open_to_write(database.built, ALIAS, beside=database.landed)
    try:
        connection.execute("BEGIN")
        vectors = [*landed.vectors, *_vectors(connection, landed)]
        _delete_words(connection, landed)
        for table, _ in tables_with(connection, ALIAS, "text_id"):
            for text_id in landed.text_ids:
                connection.execute(f"DELETE FROM {table} WHERE text_id = ?", [text_id])
        _delete_embeddings(connection, landed)
        delete_vectors(connection, ALIAS, vectors)
        delete_texts(connection, ALIAS, digest)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    rewrite(connection, database.built, ALIAS)


def _vectors(connection: Connection, landed: Landed) -> list[list[float]]:
    """The text's vectors in the spaces' tables: the landed ones may be gone already."""
    vectored = {table for table, _ in tables_with(connection, ALIAS, "embedding")}
    found = []
    for table, _ in tables_with(connection, ALIAS, "text_id"):
        for text_id in landed.text_ids if table in vectored else ():
            rows = connection.execute(
                f"SELECT CAST(embedding AS FLOAT[]) FROM {table} WHERE text_id = ?", [text_id]
            ).fetchall()
            found += [vector for (vector,) in rows]
    return found


def _delete_words(connection: Connection, landed: Landed) -> None:
    """lexical_terms names texts by the number that lexical_texts gives them."""
    numbered = tables_with(connection, ALIAS, "text_number")
    texts = next((table for table, name in numbered if name == "lexical_texts"), None)
    for table, name in numbered:
        if texts is not None and name != "lexical_texts":
            for text_id in landed.text_ids:
                connection.execute(
                    f"DELETE FROM {table} WHERE text_number IN "
                    f"(SELECT text_number FROM {texts} WHERE text_id = ?)",
                    [text_id],
                )


def _delete_embeddings(connection: Connection, landed: Landed) -> None:
    """An embedding's id is one within its space, whose tables carry the space's suffix."""
    suffixes = dict(connection.execute("SELECT space_id, suffix FROM built.spaces").fetchall())
    tables = tables_with(connection, ALIAS, "embedding_id")
    for key in landed.embeddings:
        space_id, embedding_id = key.rsplit("/", 1)
        if space_id not in suffixes:
            continue
        for table, name in tables:
            of = max((own for own in suffixes.values() if name.endswith(own)), key=len)
            if of == suffixes[space_id]:
                connection.execute(
                    f"DELETE FROM {table} WHERE embedding_id = ?", [int(embedding_id)]
                )
