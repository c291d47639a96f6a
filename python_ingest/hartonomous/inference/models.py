"""Which landed model a call runs, and under which names its callables and weight tables stand.

The default models are chosen as macros/inference/models_to_run.sql chooses them; a test holds the
two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from .. import project as dbt_project
from ..errors import InputError
from ..project import Defaults
from .names import LANGUAGE


@dataclass(frozen=True)
class RunnableModel:
    """A landed model and the suffixes of what runs it, each '' or beginning with ``_``.

    ``embedding`` and ``language`` are those of the callables, ``embedding_weights`` and
    ``language_weights`` those of the weight tables that the callables read, ``tokenizer`` that of
    tokenize and detokenize. ``slug`` is the model's own suffix, without ``_``.
    """

    name: str
    model_id: str
    slug: str
    embedding: str
    embedding_weights: str
    language: str
    language_weights: str
    tokenizer: str


@dataclass(frozen=True)
class DefaultModels:
    """Names of the models that callables without a suffix serve, '' where there is none."""

    embedding: str
    language: str


def default_models(connection: duckdb.DuckDBPyConnection, defaults: Defaults) -> DefaultModels:
    """The default models of a database that is attached as ``landing``.

    The embedding one: the var; else that of the default space, where it is landed; else the first
    that embeds. The language one: the var; else the first with a head over causal attention.
    """
    return DefaultModels(
        defaults.embedding_model
        or _first(
            connection,
            """
            SELECT model.name FROM landing.raw.models AS model
            LEFT JOIN landing.raw.spaces AS space
                ON space.model_id = model.model_id AND space.space_id = coalesce(
                    nullif($1, ''),
                    (SELECT space_id FROM landing.raw.spaces ORDER BY created_at, space_id LIMIT 1)
                )
            WHERE space.space_id IS NOT NULL OR model.family = 'bert'
                OR model.config LIKE '%"modules"%'
            ORDER BY space.space_id IS NULL, model.ingested_at, model.name LIMIT 1
            """,
            [defaults.space],
        ),
        defaults.language_model
        or _first(
            connection,
            """
            SELECT model.name FROM landing.raw.models AS model
            WHERE model.family IN ('gpt2', 'llama') AND EXISTS (
                SELECT 1 FROM landing.raw.model_tensors AS head
                WHERE head.model_id = model.model_id AND head.role = 'head'
            )
            ORDER BY model.ingested_at, model.name LIMIT 1
            """,
        ),
    )


def _first(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[str] = ()
) -> str:
    row = connection.execute(statement, list(parameters)).fetchone()
    return str(row[0]) if row else ""


def runnable_models(
    landed: Iterable[tuple[str, str]], chosen: DefaultModels
) -> list[RunnableModel]:
    """Every landed model with its suffixes.

    Args:
        landed: (name, model_id), the default model first.
        chosen: the default models.
    """
    models = list(landed)
    slugs = dbt_project.model_slugs(name for name, _ in models)
    found = []
    for name, model_id in models:
        own = f"_{slugs[name]}"
        embeds, speaks = name == chosen.embedding, name == chosen.language
        weights = "" if embeds else f"_{LANGUAGE}" if speaks else own
        found.append(
            RunnableModel(
                name=name,
                model_id=model_id,
                slug=slugs[name],
                embedding=weights,
                embedding_weights=weights,
                language="" if speaks else own,
                language_weights=f"_{LANGUAGE}" if speaks else weights,
                tokenizer=f"_{LANGUAGE}" if speaks else own,
            )
        )
    return found


def landed_models(
    connection: duckdb.DuckDBPyConnection, defaults: Defaults
) -> list[tuple[str, str]]:
    """(name, model_id) of every model landed, the default one first, in the order of landing.

    Raises:
        InputError: the database holds no landing tables.
    """
    try:
        return connection.execute(
            "SELECT name, model_id FROM landing.raw.models ORDER BY name <> ?, ingested_at, name",
            [defaults.model],
        ).fetchall()
    except duckdb.CatalogException as error:
        raise InputError(
            "the database holds no landing tables: `hartonomous init` makes them"
        ) from error


def choose_model(
    connection: duckdb.DuckDBPyConnection, name: str | None, task: str
) -> RunnableModel:
    """The model that a call names, else the default one of its task.

    Args:
        connection: with the database attached as ``landing``.
        name: a landed model's name or id, or a folder that is named like one.
        task: ``embedding`` or ``language``.

    Raises:
        InputError: no such model is landed, or none can do this by default.
    """
    defaults = dbt_project.defaults(dbt_project.locate())
    landed = landed_models(connection, defaults)
    chosen = default_models(connection, defaults)
    models = runnable_models(landed, chosen)
    names = ", ".join(model.name for model in models)
    if not models:
        raise InputError("no model was landed: `hartonomous ingest model FOLDER` lands one")
    if name is not None:
        folder = Path(name).resolve().name if Path(name).is_dir() else None
        for wanted in (name, folder):
            for model in models:
                if wanted in (model.name, model.model_id):
                    return model
        raise InputError(f"no model is called {name!r}; there are: {names}")
    default = chosen.language if task == LANGUAGE else chosen.embedding
    for model in models:
        if model.name == default:
            return model
    var = f"default_{task}_model"
    if default:
        raise InputError(f"the var {var} names {default!r}, which is not landed; there are {names}")
    does = "predicts tokens" if task == LANGUAGE else "embeds texts by its own configuration"
    raise InputError(f"no landed model {does} (landed: {names}): land one, or choose with --model")
