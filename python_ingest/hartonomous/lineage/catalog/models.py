"""Landed models with their layers and tensors, and the ones whose names they took."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..graph import Edge, Node
from .rows import Connection, log_files_pattern, model_key, moment, rows


def elements(connection: Connection, folder: Path) -> Iterator[Node | Edge]:
    """Model, Layer and Tensor; ``folder`` is the log's, which remembers models that are gone."""
    current: dict[str, str] = {}
    model_ids: dict[str, list[str]] = {}
    names = (
        "model_id, name, architecture, family, parameters, layers, bytes, ingested_at "
        "FROM landing.raw.models"
    )
    for model_id, name, architecture, family, parameters, layers, size, ingested_at in rows(
        connection, f"SELECT {names} ORDER BY ingested_at, name"
    ):
        key = model_key(name, model_id)
        current[name] = model_id
        model_ids.setdefault(model_id, []).append(key)
        yield Node(
            "Model",
            key,
            {
                "name": name,
                "model_id": model_id,
                "architecture": architecture,
                "family": family,
                "parameters": parameters,
                "layers": layers,
                "bytes": size,
                "current": True,
                "ingested_at": moment(ingested_at),
            },
        )
    for model_id, keys in model_ids.items():
        yield from _parts(connection, model_id, keys)
    yield from _replaced(connection, folder, current)


def _parts(connection: Connection, model_id: str, keys: list[str]) -> Iterator[Node | Edge]:
    layers: set[int] = set()
    for name, role, weight_type, layer, *tensor in rows(
        connection,
        """
        SELECT named.tensor_name, named.role, named.weight_type, named.layer, tensor.tensor_id,
            tensor.sha256, tensor.dtype, tensor.shape, tensor.row_count, tensor.width, tensor.bytes
        FROM landing.raw.model_tensors AS named
        JOIN landing.raw.tensors AS tensor ON tensor.tensor_id = named.tensor_id
        WHERE named.model_id = ?
        ORDER BY named.ordinal
        """,
        [model_id],
    ):
        tensor_id, sha256, dtype, shape, row_count, width, size = tensor
        yield Node(
            "Tensor",
            tensor_id,
            {
                "tensor_id": tensor_id,
                "name": name,
                "role": role,
                "weight_type": weight_type,
                "sha256": sha256,
                "dtype": dtype,
                "shape": shape,
                "row_count": row_count,
                "width": width,
                "bytes": size,
            },
        )
        owners = [("Model", key) for key in keys]
        if layer is not None:
            owners = [("Layer", f"{model_id}/{layer}")]
            if layer not in layers:
                layers.add(layer)
                yield Node("Layer", owners[0][1], {"model_id": model_id, "layer": layer})
                for key in keys:
                    yield Edge("HAS_LAYER", ("Model", key), owners[0])
        for owner in owners:
            properties = {"name": name, "role": role, "weight_type": weight_type}
            yield Edge("HAS_TENSOR", owner, ("Tensor", tensor_id), properties)


def _replaced(
    connection: Connection, folder: Path, current: dict[str, str]
) -> Iterator[Node | Edge]:
    """A removed model leaves no row: that it answered under its name, the log says."""
    pattern = log_files_pattern(folder)
    if pattern is None:
        return
    used = connection.execute(
        """
        SELECT name, model_id, max(created_at) AS last_used
        FROM (
            SELECT created_at, unnest(models) AS name, unnest(model_ids) AS model_id
            FROM read_json($1, format = 'newline_delimited', ignore_errors = true, columns = {
                created_at: 'VARCHAR', models: 'VARCHAR[]', model_ids: 'VARCHAR[]'
            })
            WHERE len(models) = len(model_ids)
        )
        WHERE name IS NOT NULL AND model_id IS NOT NULL
        GROUP BY name, model_id
        ORDER BY name, last_used DESC, model_id
        """,
        [pattern],
    ).fetchall()
    newer = dict(current)
    for name, model_id, _ in used:
        if model_id == current.get(name):
            continue
        key = model_key(name, model_id)
        yield Node("Model", key, {"name": name, "model_id": model_id, "current": False})
        if name in newer:
            yield Edge("REPLACED", ("Model", model_key(name, newer[name])), ("Model", key))
        newer[name] = model_id
