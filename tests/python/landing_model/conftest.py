"""A tiny model in a folder, and a database to land it in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny_models import CONFIG, TOKENIZER, bert_tensors, write_safetensors

from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.schema import TABLES


@pytest.fixture
def write_model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model's folder; ``tensors``, ``config`` and ``tokenizer`` are a tiny BERT's."""

    def write(name: str = "tiny", tensors=None, config=CONFIG, tokenizer=TOKENIZER) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        write_safetensors(folder / "model.safetensors", tensors or bert_tensors())
        if config is not None:
            (folder / "config.json").write_text(json.dumps(config))
        if tokenizer is not None:
            (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
        return folder

    return write


@pytest.fixture
def tiny(write_model) -> Path:
    return write_model()


@pytest.fixture
def sink(tmp_path: Path):
    """An empty database."""
    opened = DuckDBSink(tmp_path / "test.duckdb")
    opened.ensure_schema()
    yield opened
    opened.close()


@pytest.fixture
def counts(sink) -> Callable[[], dict[str, int]]:
    """Rows by table."""
    return lambda: {name: sink.query(f"SELECT COUNT(*) FROM raw.{name}")[0][0] for name in TABLES}


@pytest.fixture
def matrix(sink) -> Callable[[str, str], np.ndarray]:
    """The weight rows of a model's tensor, as landed, in order."""

    def read(model_id: str, tensor_name: str) -> np.ndarray:
        rows = sink.query(
            "SELECT w.row_index, w.vector FROM raw.weight_rows w JOIN raw.model_tensors m "
            "ON m.tensor_id = w.tensor_id WHERE m.model_id = ? AND m.tensor_name = ? "
            "ORDER BY w.row_index",
            [model_id, tensor_name],
        )
        assert [row[0] for row in rows] == list(range(len(rows)))
        return np.array([row[1] for row in rows], dtype=np.float32)

    return read
