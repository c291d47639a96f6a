"""Removing a model, and what no model names any more."""

from __future__ import annotations

from ..errors import InputError
from .sink import Sink

# Each table of content that models share, with the condition of the rows that none names.
_UNNAMED = {
    "weight_rows": "tensor_id NOT IN (SELECT tensor_id FROM raw.model_tensors)",
    "token_positions": "tensor_id NOT IN (SELECT tensor_id FROM raw.model_tensors)",
    "tensors": "tensor_id NOT IN (SELECT tensor_id FROM raw.model_tensors)",
    "tokenizer_added_tokens": "tokenizer_id NOT IN (SELECT tokenizer_id FROM raw.models)",
    "tokenizer_merges": "tokenizer_id NOT IN (SELECT tokenizer_id FROM raw.models)",
    "tokenizer_characters": "tokenizer_id NOT IN (SELECT tokenizer_id FROM raw.models)",
    "tokenizer_rules": "tokenizer_id NOT IN (SELECT tokenizer_id FROM raw.models)",
    "tokens": "tokenizer_id NOT IN (SELECT tokenizer_id FROM raw.models)",
    "tokenizers": "tokenizer_id NOT IN (SELECT tokenizer_id FROM raw.models)",
}


def remove_model(sink: Sink, name: str) -> dict[str, int]:
    """Remove a model by name; what another model or another name shares stays.

    Returns:
        Rows deleted by table.

    Raises:
        InputError: no model has the name.
    """
    sink.ensure_schema()
    found = sink.query("SELECT model_id FROM raw.models WHERE name = ?", [name])
    if not found:
        known = [row[0] for row in sink.query("SELECT name FROM raw.models ORDER BY name")]
        there = f"there are: {', '.join(known)}" if known else "there is none"
        raise InputError(f"no model is named {name!r}; {there}")
    model_id = found[0][0]
    deleted: dict[str, int] = {}
    with sink.transaction():
        deleted["models"] = sink.delete("models", "name = ?", [name])
        deleted["source_files"] = sink.delete("source_files", "kind = 'model' AND name = ?", [name])
        left = sink.query("SELECT COUNT(*) FROM raw.models WHERE model_id = ?", [model_id])
        if not left[0][0]:
            for table in ("model_tensors", "graph_nodes"):
                deleted[table] = sink.delete(table, "model_id = ?", [model_id])
        deleted.update(collect_garbage(sink))
    return deleted


def collect_garbage(sink: Sink) -> dict[str, int]:
    """Delete tensors, token positions and tokenizers that no model names.

    They are what a landing that was cut short leaves until it is completed. Harmless at any time
    but while a model is being landed.

    Returns:
        Rows deleted by table.
    """
    with sink.transaction():
        return {table: sink.delete(table, where) for table, where in _UNNAMED.items()}
