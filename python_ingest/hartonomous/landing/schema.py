"""The landing tables: the contract between Python and SQL.

One list of tables with logical column types serves every engine's DDL, the Arrow schemas that
sinks write, and a test that holds ``models/sources.yml`` against it.

Keys are content hashes: landing the same content twice finds its keys and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

SCHEMA = "raw"
"""Schema of the landing tables on every engine."""

# logical type -> Arrow type. `key` is a short text that may stand in a key (SQL Server limits key
# columns to 900 bytes), `json` is JSON text, `vector` a list of float32 of any length.
ARROW_TYPES: dict[str, pa.DataType] = {
    "key": pa.string(),
    "text": pa.string(),
    "json": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "vector": pa.list_(pa.float32()),
}


@dataclass(frozen=True)
class Table:
    """A landing table: its columns by logical type, and the columns that identify a row."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    @property
    def arrow_schema(self) -> pa.Schema:
        """What batches of this table look like."""
        return pa.schema([(name, ARROW_TYPES[kind]) for name, kind in self.columns.items()])


_TABLES = [
    # -- models -----------------------------------------------------------------------------
    Table(
        "models",
        {
            "model_id": "key",
            "name": "key",
            "architecture": "key",
            "family": "key",
            "format": "key",
            "config": "json",
            "tokenizer_id": "key",
            "parameters": "bigint",
            "layers": "int",
            "hidden_size": "int",
            "attention_heads": "int",
            "key_value_heads": "int",
            "head_size": "int",
            "vocabulary_size": "int",
            "bytes": "bigint",
            "ingested_at": "timestamp",
        },
        ("model_id", "name"),
    ),
    Table(
        "tensors",
        {
            "tensor_id": "key",
            "sha256": "key",
            "dtype": "key",
            "shape": "json",
            "row_count": "bigint",
            "width": "bigint",
            "bytes": "bigint",
            "has_rows": "bool",
        },
        ("tensor_id",),
    ),
    Table(
        "model_tensors",
        {
            "model_id": "key",
            "tensor_name": "key",
            "file_tensor_name": "key",
            "tensor_id": "key",
            "role": "key",
            "weight_type": "key",
            "layer": "int",
            "ordinal": "int",
        },
        ("model_id", "tensor_name"),
    ),
    Table(
        "weight_rows",
        {"tensor_id": "key", "row_index": "int", "chunk_index": "int", "vector": "vector"},
        ("tensor_id", "row_index", "chunk_index"),
    ),
    Table(
        "graph_nodes",
        {
            "model_id": "key",
            "node_index": "int",
            "name": "text",
            "op_type": "key",
            "inputs": "json",
            "outputs": "json",
            "attributes": "json",
        },
        ("model_id", "node_index"),
    ),
    Table(
        "tokenizers",
        {"tokenizer_id": "key", "kind": "key", "definition": "json"},
        ("tokenizer_id",),
    ),
    Table(
        "tokens",
        {"tokenizer_id": "key", "token_id": "int", "token": "text", "is_special": "bool"},
        ("tokenizer_id", "token_id"),
    ),
    # What tokenizing in SQL needs, made of the definition (hartonomous.landing.tokenizer_rules).
    Table(
        "tokenizer_rules",
        {"tokenizer_id": "key", "algorithm": "key", "refusal": "text", "settings": "json"},
        ("tokenizer_id",),
    ),
    Table(
        "tokenizer_characters",
        {
            "tokenizer_id": "key",
            "first_codepoint": "int",
            "last_codepoint": "int",
            "normalized": "text",
            "pretokenized": "text",
            "combining_class": "int",
            "composed_from": "text",
        },
        ("tokenizer_id", "first_codepoint"),
    ),
    Table(
        "tokenizer_merges",
        {
            "tokenizer_id": "key",
            "rank": "int",
            "left_id": "int",
            "right_id": "int",
            "merged_id": "int",
            "makes_word": "bool",
            "is_early": "bool",
        },
        ("tokenizer_id", "rank"),
    ),
    Table(
        "tokenizer_added_tokens",
        {
            "tokenizer_id": "key",
            "ordinal": "int",
            "token_id": "int",
            "content": "text",
            "pattern": "text",
            "spelled": "text",
            "is_single_word": "bool",
            "strips_left": "bool",
            "strips_right": "bool",
            "is_normalized": "bool",
            "is_special": "bool",
            "is_in_vocabulary": "bool",
        },
        ("tokenizer_id", "ordinal"),
    ),
    Table(
        "token_positions",
        {"tensor_id": "key", "row_index": "int", "x": "float", "y": "float", "z": "float"},
        ("tensor_id", "row_index"),
    ),
    # -- texts and embeddings ---------------------------------------------------------------
    Table(
        "spaces",
        {
            "space_id": "key",
            "model_name": "key",
            "model_id": "key",
            "dimension": "int",
            "metric": "key",
            "last_embedding_id": "int",
            "created_at": "timestamp",
        },
        ("space_id",),
    ),
    Table(
        "texts",
        {
            "text_id": "key",
            "source": "key",
            "text": "text",
            "metadata": "json",
            "landed_at": "timestamp",
        },
        ("text_id",),
    ),
    Table(
        "text_embeddings",
        {"space_id": "key", "embedding_id": "int", "text_id": "key", "vector": "vector"},
        ("space_id", "embedding_id"),
    ),
    Table(
        "positions",
        {
            "space_id": "key",
            "embedding_id": "int",
            "reducer_id": "key",
            "x": "float",
            "y": "float",
            "z": "float",
        },
        ("space_id", "embedding_id"),
    ),
    Table(
        "reducers",
        {
            "reducer_id": "key",
            "space_id": "key",
            "method": "key",
            "parameters": "json",
            "fitted_rows": "int",
            "created_at": "timestamp",
        },
        ("reducer_id",),
    ),
    Table(
        "landmarks",
        {
            "reducer_id": "key",
            "landmark_index": "int",
            "vector": "vector",
            "x": "float",
            "y": "float",
            "z": "float",
        },
        ("reducer_id", "landmark_index"),
    ),
    Table(
        "queries",
        {"space_id": "key", "query_id": "key", "text": "text", "vector": "vector"},
        ("space_id", "query_id"),
    ),
    Table(
        "reference_neighbors",
        {
            "space_id": "key",
            "query_id": "key",
            "rank": "int",
            "embedding_id": "int",
            "distance": "double",
        },
        ("space_id", "query_id", "rank"),
    ),
    # -- cells and codes (hartonomous.landing.cells) ---------------------------------------------
    # One training a space, landed whole: what the next build serves.
    Table(
        "cell_trainings",
        {
            "training_id": "key",
            "space_id": "key",
            "first_cell": "int",
            "cells": "int",
            "cell_groups": "int",
            "coding": "key",
            "bits": "int",
            "coding_kept": "double",
            "sample_rows": "int",
            "space_rows": "bigint",
            "trained_to": "int",
            "seed": "int",
            "created_at": "timestamp",
        },
        ("training_id",),
    ),
    Table(
        "cell_groups",
        {"training_id": "key", "cell_group": "int", "vector": "vector"},
        ("training_id", "cell_group"),
    ),
    Table(
        "cells",
        {"training_id": "key", "cell": "int", "cell_group": "int", "vector": "vector"},
        ("training_id", "cell"),
    ),
    Table(
        "code_bits",
        {"training_id": "key", "bit": "int", "dimension": "int", "threshold": "float"},
        ("training_id", "bit"),
    ),
    Table(
        "code_rotations",
        {"training_id": "key", "dimension": "int", "vector": "vector"},
        ("training_id", "dimension"),
    ),
    # Embeddings that left since they were built: searches leave them out at once.
    Table(
        "removed_embeddings",
        {"space_id": "key", "embedding_id": "int", "removed_at": "timestamp"},
        ("space_id", "embedding_id"),
    ),
    # Milliseconds that `hartonomous tune` measured for settings of vector_search.
    Table(
        "search_timings",
        {
            "space_id": "key",
            "path": "key",
            "probes": "int",
            "candidates": "int",
            "queries": "int",
            "p50_ms": "double",
            "p95_ms": "double",
            "measured_at": "timestamp",
        },
        ("space_id", "path", "probes", "candidates"),
    ),
    # -- what was asked -------------------------------------------------------------------------
    # On DuckDB, which has one writer, this table stays empty: inferences are JSON lines in a folder
    # beside the database (hartonomous.inference_log), in these columns.
    Table(
        "inferences",
        {
            "inference_id": "key",
            "created_at": "timestamp",
            "caller": "key",
            "task": "key",
            "method": "key",
            "space_id": "key",
            "models": "json",
            "query_hash": "key",
            "query_text": "text",
            "settings": "json",
            "duration_ms": "double",
            "confidence": "double",
            "results": "json",
            "alternatives": "json",
            "recall_estimate": "double",
            "model_ids": "json",
            "students": "json",
            "run_id": "key",
        },
        ("inference_id",),
    ),
    # Students that were extracted at run time (T-SQL: sp_ExtractStudentModel). Students of the dbt
    # project are dbt models and are not landed.
    Table(
        "students",
        {
            "student_id": "key",
            "name": "key",
            "parent_model_id": "key",
            "layers": "json",
            "importance_threshold": "double",
            "created_at": "timestamp",
        },
        ("student_id",),
    ),
    Table(
        "student_rows",
        {
            "student_id": "key",
            "tensor_id": "key",
            "tensor_name": "key",
            "parent_tensor_name": "key",
            "layer": "int",
            "parent_layer": "int",
            "row_index": "int",
            "is_kept": "bool",
        },
        ("student_id", "tensor_name", "row_index"),
    ),
    # -- where it came from -------------------------------------------------------------------
    Table(
        "source_files",
        {
            "kind": "key",
            "name": "key",
            "path": "text",
            "sha256": "key",
            "bytes": "bigint",
            "landed_at": "timestamp",
        },
        ("kind", "name", "sha256"),
    ),
]

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}
