"""What is in a database: models, their layers and weight rows."""

from __future__ import annotations

import json
from typing import Any

import duckdb

from .database import Database, as_dicts
from .errors import InputError

WEIGHT_TYPES = (
    "Q",
    "K",
    "V",
    "O",
    "UP",
    "GATE",
    "DOWN",
    "NORM",
    "BIAS",
    "EMBEDDING",
    "HEAD",
    "OTHER",
)


def models(database: Database) -> list[dict[str, Any]]:
    """Landed models, and students where the database is built; in landing order.

    Everything but ``ingested_at`` depends on content alone.
    """
    with database.connect(built=False) as connection:
        try:
            found = as_dicts(
                connection.execute(
                    """
                    SELECT m.name, m.model_id AS id, m.architecture, m.family, m.format,
                        m.parameters, m.layers, count(t.tensor_name) AS tensors, m.hidden_size,
                        m.attention_heads, m.vocabulary_size, m.bytes, m.ingested_at,
                        NULL AS parent
                    FROM landing.raw.models AS m
                    LEFT JOIN landing.raw.model_tensors AS t ON t.model_id = m.model_id
                    GROUP BY ALL ORDER BY m.ingested_at, m.name
                    """
                )
            )
        except duckdb.CatalogException as error:
            raise InputError(
                f"{database.landed} holds no landing tables: `hartonomous init` makes them"
            ) from error
    for model in found:
        model["ingested_at"] = model["ingested_at"].isoformat()
    return found + (_students(database) if database.built.exists() else [])


def _students(database: Database) -> list[dict[str, Any]]:
    with database.connect() as connection:
        try:
            # a student owns no weights: its bytes are none
            found = as_dicts(
                connection.execute(
                    """
                    SELECT s.name, s.model_id AS id, s.architecture, s.family, s.format,
                        s.nonzero_parameters AS parameters, s.layers,
                        count(t.tensor_name) AS tensors, s.hidden_size, s.attention_heads,
                        s.vocabulary_size, 0 AS bytes, s.ingested_at, p.name AS parent
                    FROM models AS s
                    JOIN stg_distinct_models AS p ON p.model_id = s.parent_model_id
                    LEFT JOIN tensors AS t ON t.model_id = s.model_id
                    GROUP BY ALL ORDER BY s.name
                    """
                )
            )
        except duckdb.CatalogException:  # a build that stopped before the catalogue
            return []
    for student in found:
        student["ingested_at"] = student["ingested_at"].isoformat()
    return found


def require_model(database: Database, name: str) -> dict[str, Any]:
    """The model of a name or id. InputError, with the names that there are, where none is."""
    known = models(database)
    for model in known:
        if name in (model["name"], model["id"]):
            return model
    names = ", ".join(model["name"] for model in known) or "none yet: `hartonomous ingest model`"
    raise InputError(f"no model is called {name!r}; there are: {names}")


def tensors(database: Database, model: dict[str, Any]) -> list[dict[str, Any]]:
    """The tensors of a model, in file order: name, role, layer, shape, dtype, sha256."""
    with database.connect() as connection:
        found = as_dicts(
            connection.execute(
                "SELECT tensor_name AS name, role, weight_type, layer, shape, dtype, sha256 "
                "FROM tensors WHERE model_id = ? ORDER BY layer NULLS FIRST, tensor_name",
                [model["id"]],
            )
        )
    for tensor in found:
        tensor["shape"] = json.loads(tensor["shape"])
    return found


def weight_rows(
    database: Database,
    model: dict[str, Any],
    *,
    layer: int,
    weight_type: str = "Q",
    head: int | None = None,
    limit: int | None = 10,
    with_vectors: bool = False,
) -> list[dict[str, Any]]:
    """The most important weight rows of a layer: query_model_weights, from Python.

    Raises:
        InputError: a layer or weight type that the model does not have.
    """
    if weight_type not in WEIGHT_TYPES:
        raise InputError(f"unknown weight type {weight_type!r}; use {', '.join(WEIGHT_TYPES)}")
    layers = model["layers"] or 0
    if not 0 <= layer < layers:
        raise InputError(f"{model['name']} has layers 0 to {layers - 1}; --layer was {layer}")
    names = ["tensor_name", "weight_type", "layer", "head", "row_index", "l2_norm", "importance"]
    if with_vectors:
        names.append("vector")
    with database.connect() as connection:
        rows = connection.execute(
            f"SELECT {', '.join(names)} FROM query_model_weights($model, $layer, $weight_type) "
            "WHERE ($head IS NULL OR head = $head) LIMIT $limit",
            {
                "model": model["name"],
                "layer": layer,
                "weight_type": weight_type,
                "head": head,
                "limit": limit if limit is not None else 2**31,
            },
        ).fetchall()
    if not rows:
        where = f"head {head} of " if head is not None else ""
        raise InputError(
            f"{model['name']} has no {weight_type} rows in {where}layer {layer}: "
            f"`hartonomous inspect {model['name']}` lists its tensors"
        )
    return [dict(zip(names, row, strict=True)) for row in rows]
