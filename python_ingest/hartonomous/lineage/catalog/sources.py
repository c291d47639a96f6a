"""Files that were landed, and the tables and collections that they became."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from ...landing.schema import SCHEMA
from ..graph import Edge, Node
from .rows import Connection, model_key, moment, rows

_TABLES = {
    "model": (
        "models",
        "tensors",
        "model_tensors",
        "weight_rows",
        "graph_nodes",
        "tokenizers",
        "tokens",
        "tokenizer_rules",
        "tokenizer_characters",
        "tokenizer_merges",
        "tokenizer_added_tokens",
        "token_positions",
    ),
    "texts": ("texts", "spaces", "text_embeddings", "positions", "reducers", "landmarks"),
    "embeddings": ("texts", "spaces", "text_embeddings", "positions", "reducers", "landmarks"),
    "queries": ("queries", "reference_neighbors"),
}
"""What a file of each kind is landed into."""
_WEIGHTS = (".safetensors", ".onnx", ".bin", ".pt")


def file_key(path: str, sha256: str) -> str:
    """The key of a SourceFile: its own name and its content."""
    return f"{PurePath(path.replace(chr(92), '/')).name}@{sha256}"


def elements(connection: Connection) -> Iterator[Node | Edge]:
    """SourceFile, LandedTable and Dataset, and what is derived from which file."""
    filled: dict[str, set[str]] = {}
    models: dict[str, list[str]] = {}
    for name, model_id in rows(connection, "SELECT name, model_id FROM landing.raw.models"):
        models.setdefault(name, []).append(model_id)
    weights: dict[str, list[str]] = {}
    for kind, name, path, sha256, size, landed_at in rows(
        connection,
        "SELECT kind, name, path, sha256, bytes, landed_at FROM landing.raw.source_files "
        "ORDER BY kind, name, path, sha256",
    ):
        key = file_key(path, sha256)
        this = ("SourceFile", key)
        yield Node(
            "SourceFile",
            key,
            {
                "name": key.rsplit("@", 1)[0],
                "path": path,
                "kind": kind,
                "sha256": sha256,
                "bytes": size,
                "landed_at": moment(landed_at),
            },
        )
        for table in _TABLES.get(kind, ()):
            filled.setdefault(table, set()).add(key)
        if kind == "model":
            for model_id in models.get(name, ()):
                yield Edge("DERIVED_FROM", ("Model", model_key(name, model_id)), this)
                if path.lower().endswith(_WEIGHTS):
                    weights.setdefault(model_id, []).append(key)
        elif kind in _TABLES:
            yield Node("Dataset", name, {"name": name})
            yield Edge("DERIVED_FROM", ("Dataset", name), this)
    yield from _tables(connection, filled)
    yield from _datasets(connection)
    for model_id, files in weights.items():
        # Of several files nobody noted which one a tensor came from: the model names them all.
        if len(set(files)) == 1:
            for (tensor_id,) in rows(
                connection,
                "SELECT DISTINCT tensor_id FROM landing.raw.model_tensors WHERE model_id = ? "
                "ORDER BY tensor_id",
                [model_id],
            ):
                yield Edge("DERIVED_FROM", ("Tensor", tensor_id), ("SourceFile", files[0]))


def _tables(connection: Connection, filled: dict[str, set[str]]) -> Iterator[Node | Edge]:
    for name, count in rows(
        connection,
        "SELECT table_name, estimated_size FROM duckdb_tables() "
        "WHERE database_name = 'landing' AND schema_name = ? ORDER BY table_name",
        [SCHEMA],
    ):
        key = f"{SCHEMA}.{name}"
        yield Node("LandedTable", key, {"name": key, "rows": count})
        for file in sorted(filled.get(name, ())):
            yield Edge("DERIVED_FROM", ("LandedTable", key), ("SourceFile", file))


def _datasets(connection: Connection) -> Iterator[Node | Edge]:
    for source, count, landed_at in rows(
        connection,
        "SELECT source, count(*), max(landed_at) FROM landing.raw.texts GROUP BY ALL ORDER BY 1",
    ):
        properties = {"name": source, "texts": count, "landed_at": moment(landed_at)}
        yield Node("Dataset", source, properties)
