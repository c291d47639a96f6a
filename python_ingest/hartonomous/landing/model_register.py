"""The last step of a landing: the rows that make a model exist, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import InputError
from ..readers.json_file import canonical_json
from .model_content import ModelContent
from .model_tokenizer import land_tokenizer
from .model_write import TensorToLand
from .schema import TABLES
from .sink import Sink

_BATCH = 4_096


def refuse_used_name(sink: Sink, name: str, model_id: str) -> None:
    """Raise InputError when another model has the name."""
    found = sink.query("SELECT model_id FROM raw.models WHERE name = ?", [name])
    if found and found[0][0] != model_id:
        raise InputError(
            f"the name {name!r} is used by a model with other content ({found[0][0][:12]}...): "
            f"remove it first (hartonomous remove model {name}), or choose another with --name"
        )


def is_landed(sink: Sink, model_id: str, name: str | None = None) -> bool:
    """Whether the model is there: under any name, or under the given one."""
    if name is None:
        rows = sink.query("SELECT COUNT(*) FROM raw.models WHERE model_id = ?", [model_id])
    else:
        rows = sink.query(
            "SELECT COUNT(*) FROM raw.models WHERE model_id = ? AND name = ?", [model_id, name]
        )
    return bool(rows[0][0])


def register(
    sink: Sink,
    model: dict[str, Any],
    content: ModelContent,
    tensors: list[TensorToLand],
    digests: dict[Path, tuple[str, int]],
    now: datetime,
) -> None:
    """Land tokenizer, tensor names, graph, files and the model's own row together.

    Args:
        sink: holds the tensors already.
        model: the values of ``raw.models`` but ``config`` and ``ingested_at``.
        content: what the model's files hold.
        tensors: its tensors.
        digests: (SHA-256, bytes) of its files.
        now: time of landing, UTC without zone.
    """
    model_id = model["model_id"]
    with sink.transaction():
        if not is_landed(sink, model_id):
            if content.tokenizer is not None:
                land_tokenizer(sink, content.tokenizer)
            sink.insert("model_tensors", _batches("model_tensors", _names(model_id, tensors)))
            if content.nodes:
                sink.insert("graph_nodes", _batches("graph_nodes", _nodes(model_id, content)))
        files = [
            {
                "kind": "model",
                "name": model["name"],
                "path": str(path.absolute()),
                "sha256": sha256,
                "bytes": size,
                "landed_at": now,
            }
            for path, (sha256, size) in digests.items()
        ]
        sink.insert("source_files", _batches("source_files", files))
        row = model | {"config": canonical_json(content.settings), "ingested_at": now}
        sink.insert("models", _batches("models", [row]))


def _names(model_id: str, tensors: list[TensorToLand]) -> list[dict[str, Any]]:
    return [
        {
            "model_id": model_id,
            "tensor_name": tensor.planned.name,
            "file_tensor_name": tensor.planned.stored.name,
            "tensor_id": tensor.tensor_id,
            "role": tensor.planned.role,
            "weight_type": tensor.planned.weight_type,
            "layer": tensor.planned.layer,
            "ordinal": ordinal,
        }
        for ordinal, tensor in enumerate(tensors)
    ]


def _nodes(model_id: str, content: ModelContent) -> list[dict[str, Any]]:
    return [
        {"model_id": model_id, "node_index": index, **vars(node)}
        for index, node in enumerate(content.nodes)
    ]


def _batches(table: str, rows: list[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    schema = TABLES[table].arrow_schema
    for start in range(0, len(rows), _BATCH):
        yield pa.RecordBatch.from_pylist(rows[start : start + _BATCH], schema=schema)
