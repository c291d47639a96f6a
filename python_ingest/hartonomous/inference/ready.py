"""Before a model is run: build what it lacks in the built database.

A model that was just landed has no callables and no weight tables yet, and the names without a
suffix may serve another model than they did (the first texts choose the default embedding model).
So the tables are asked whose they are: the first row of the first attention's output projection
must be the landed one. Nothing is noted anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from ..build import build
from ..database import Database
from ..progress import QUIET, Progress
from .models import RunnableModel, choose_model
from .names import (
    EMBEDDING_CALLABLES,
    LANGUAGE,
    LANGUAGE_CALLABLES,
    TOKENIZER_CALLABLES,
    WEIGHT_TABLES,
)

EMBEDDING = "embedding"
"""The task of the callables that a default embedding model serves; the other one is LANGUAGE."""

_IDENTITY = "inference_attention_outputs"

_known: dict[tuple[str | None, str, tuple[Any, ...]], RunnableModel] = {}
"""Models that this process found ready, for as long as the files stay as they are."""


def _state(database: Database) -> tuple[Any, ...]:
    """What tells whether a file was written to."""
    found: list[Any] = [str(database.landed)]
    for file in (database.landed, database.built):
        stat = file.stat()
        found += [stat.st_ino, stat.st_size, stat.st_mtime_ns]
    return tuple(found)


@contextmanager
def opened(
    database: Database, name: str | None, task: str, progress: Progress = QUIET
) -> Iterator[tuple[duckdb.DuckDBPyConnection, RunnableModel]]:
    """A read-only connection over which a model can be run, built before where needed.

    Args:
        database: where the model is landed.
        name: its name, id or folder; the default one of the task where not given.
        task: ``embedding`` or ``language``: which callables are needed.
        progress: shows a bar while something is built.

    Raises:
        InputError: no such model.
    """
    if database.built.exists():
        key = (name, task, _state(database))
        with database.connect() as connection:
            model = _known.get(key) or choose_model(connection, name, task)
            if key in _known or _is_ready(connection, model, task):
                _known[key] = model
                yield connection, model
                return
    else:
        with database.connect(built=False) as connection:
            model = choose_model(connection, name, task)
    _build(database, model, task, progress)
    with database.connect() as connection:
        yield connection, model


def make_ready(
    database: Database, name: str | None, task: str, progress: Progress = QUIET
) -> RunnableModel:
    """Build what a model lacks, and return it; as :func:`opened`."""
    with opened(database, name, task, progress) as (_, model):
        return model


def _is_ready(connection: duckdb.DuckDBPyConnection, model: RunnableModel, task: str) -> bool:
    """Whether the callables stand in the built file and read this model's weights."""
    callables, weights = _needed(model, task)
    definitions = dict(
        connection.execute(
            "SELECT function_name, macro_definition FROM duckdb_functions() "
            "WHERE database_name = 'built' AND function_name IN (SELECT unnest($1))",
            [callables],
        ).fetchall()
    )
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'built' "
            "AND table_name IN (SELECT unnest($1))",
            [weights],
        ).fetchall()
    }
    if set(callables) != set(definitions) or set(weights) != tables:
        return False
    landed = _landed_row(connection, model)
    built = _built_row(connection, weights[WEIGHT_TABLES.index(_IDENTITY)])
    if built is None:
        # A model that cannot be run has empty tables and callables that refuse, by its name.
        quoted = model.name.replace("'", "''")
        return f"the model {quoted} " in definitions[callables[0]]
    return landed is not None and landed[: len(built)] == built


def _landed_row(
    connection: duckdb.DuckDBPyConnection, model: RunnableModel
) -> tuple[float, ...] | None:
    tensor = connection.execute(
        "SELECT tensor_id FROM landing.raw.model_tensors "
        "WHERE model_id = ? AND role = 'attention_output' AND layer = 0",
        [model.model_id],
    ).fetchone()
    if tensor is None:
        return None
    # By a constant: a join would read the tensor_id of every weight row.
    found = connection.execute(
        "SELECT vector FROM landing.raw.weight_rows "
        "WHERE tensor_id = ? AND row_index = 0 AND chunk_index = 0",
        tensor,
    ).fetchone()
    return tuple(found[0]) if found else None


def _built_row(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[float, ...] | None:
    found = connection.execute(
        f"SELECT chunk_0 FROM {table} WHERE layer = 0 AND output_index = 0"
    ).fetchone()
    return tuple(found[0]) if found else None


def _needed(model: RunnableModel, task: str) -> tuple[list[str], list[str]]:
    """Callables and weight tables of a task; the first callable is one that refuses by name."""
    if task == LANGUAGE:
        own = [f"{name}{model.language}" for name in LANGUAGE_CALLABLES]
        weights = model.language_weights
    else:
        own = [f"{name}{model.embedding}" for name in EMBEDDING_CALLABLES]
        weights = model.embedding_weights
    own += [f"{name}{model.tokenizer}" for name in TOKENIZER_CALLABLES]
    return own, [f"{name}{weights}" for name in WEIGHT_TABLES]


def _build(database: Database, model: RunnableModel, task: str, progress: Progress) -> None:
    """Build the callables and, before them, what they read."""
    callables, weights = _needed(model, task)
    progress.say(f"building what runs {model.name}")
    with progress.stages() as report:
        build(
            database,
            # no tests: they are about tables that this may not build
            command=("run",),
            select=[*(f"+{name}" for name in callables), *weights],
            on_node=lambda number, total: report("building", number, total),
        )
