"""Forgetting in a database that was built: it goes from every table, and searches go on."""

from __future__ import annotations

import pytest
from small_database import digest

from database_copies import copy_database
from hartonomous import forget
from hartonomous.lineage.from_catalog import from_catalog

SECRET = "Plants make sugar from water, carbon dioxide and light."
QUESTION = "How do plants turn sunlight into food?"


@pytest.fixture(scope="module")
def forgotten(demo, tmp_path_factory):
    copied = copy_database(demo, tmp_path_factory.mktemp("forget"))
    copied.search(QUESTION, top_k=3)
    copied.search(SECRET, method="exact", top_k=1)
    return copied, copied.embed(SECRET), forget.forget_text(copied.database, text=SECRET)


def test_no_value_and_no_byte_is_left(forgotten):
    copied, vector, done = forgotten
    assert (done.texts, done.embeddings, done.found) == (1, 1, [])
    files = [copied.database.landed, copied.database.built]
    files += list(copied.database.inference_folder.iterdir())
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path
        assert vector.tobytes() not in path.read_bytes(), path
    with copied.database.connect() as connection:
        columns = connection.execute(
            "SELECT database_name, schema_name, table_name, column_name FROM duckdb_columns() "
            "WHERE data_type IN ('VARCHAR', 'JSON') AND NOT internal "
            "AND database_name IN ('landing', 'built')"
        ).fetchall()
        assert len(columns) > 100
        for database, schema, table, column in columns:
            if table == "inferences":  # the log of the database that it was copied from
                continue
            found = connection.execute(
                f'SELECT count(*) FROM {database}."{schema}"."{table}" WHERE "{column}" = $1',
                [SECRET],
            ).fetchone()
            assert found == (0,), (database, table, column)


def test_other_texts_stay_and_every_search_goes_on(forgotten, demo):
    copied, _, _ = forgotten
    with copied.database.connect() as connection, demo.database.connect() as other:
        for table in ("embeddings", "lexical_texts", "landmarks"):
            (left,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert (left + 1,) == other.execute(f"SELECT count(*) FROM {table}").fetchone(), table
    for method in copied.methods:
        if method != "cells":  # the demo's space has none
            assert SECRET not in [row.text for row in copied.search(QUESTION, method=method)]
    assert SECRET not in [row.text for row in copied.ensemble_search(QUESTION)]
    assert forget.verify(copied.database, digest=digest(SECRET)) == []


def test_the_catalogue_of_the_graph_lacks_it(forgotten):
    copied, _, _ = forgotten
    for element in from_catalog(copied.database, embeddings="all"):
        assert SECRET not in str(element)
