"""A tiny BERT, and safetensors files byte by byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

HIDDEN, WIDE, TOKENS = 8, 16, 20
DTYPES = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64", "uint8": "U8"}
CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": HIDDEN,
    "intermediate_size": WIDE,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "vocab_size": TOKENS,
}
TOKENIZER = {
    "version": "1.0",
    "added_tokens": [{"id": 0, "content": "[PAD]", "special": True}],
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "vocab": {"[PAD]": 0, "[UNK]": 1, **{f"token{i}": i for i in range(2, TOKENS)}},
    },
}


def bert_tensors(seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights of a BERT of two layers."""
    generator = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return generator.standard_normal(shape).astype("<f4")

    tensors = {
        "embeddings.position_ids": np.arange(4, dtype="<i8").reshape(1, 4),
        "embeddings.word_embeddings.weight": draw(TOKENS, HIDDEN),
        "embeddings.LayerNorm.weight": draw(HIDDEN),
        "embeddings.LayerNorm.bias": draw(HIDDEN),
    }
    for layer in range(2):
        prefix = f"encoder.layer.{layer}."
        for name, rows, width in (
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", WIDE, HIDDEN),
            ("output.dense", HIDDEN, WIDE),
        ):
            tensors[f"{prefix}{name}.weight"] = draw(rows, width)
            tensors[f"{prefix}{name}.bias"] = draw(rows)
    return tensors


def write_safetensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    header: dict[str, Any] = {}
    position = 0
    for name, array in tensors.items():
        header[name] = {
            "dtype": DTYPES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": [position, position + array.nbytes],
        }
        position += array.nbytes
    text = json.dumps(header).encode()
    data = b"".join(array.tobytes() for array in tensors.values())
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
