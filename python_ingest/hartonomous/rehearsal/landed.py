"""What the pretended database holds, so that what needs it is rehearsed: models, a trained space.

Their tables are empty; what macros ask when they compose statements is answered from here: of a
landed model its configuration, the shapes of its tensors, its tokenizer's rules; of a space how it
was trained. The first model embeds, the first with a language-model head predicts tokens.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class LandedModel:
    """A model of family bert, gpt2 or llama by its sizes; ``config`` is that of its config.json."""

    name: str
    family: str
    layers: int
    hidden_size: int
    heads: int
    feed_forward_size: int
    vocabulary_size: int
    positions: int
    key_value_heads: int = 0
    """0: as many as heads."""
    head_size: int = 0
    """0: the hidden size divided by the heads."""
    config: dict[str, Any] = field(default_factory=dict)
    sentence_transformers: dict[str, Any] = field(default_factory=dict)

    @property
    def model_id(self) -> str:
        """A key as long as the real ones, which are hashes."""
        return self.name.encode().hex().ljust(64, "0")

    @property
    def tokenizer_id(self) -> str:
        """Likewise."""
        return self.model_id[::-1]

    def row(self) -> Row:
        """What model_settings selects of raw.models."""
        config = {"config": self.config, "sentence_transformers": self.sentence_transformers}
        key_value_heads = self.key_value_heads or self.heads
        head_size = self.head_size or self.hidden_size // self.heads
        sizes = (self.layers, self.hidden_size, self.heads, key_value_heads, head_size)
        keys = (self.model_id, self.family, json.dumps(config), self.tokenizer_id)
        return (*keys, *sizes, self.vocabulary_size, self.family)

    def roles(self) -> list[Row]:
        """Role, tensors, rows and width of the tensors that the family has."""
        head_size = self.head_size or self.hidden_size // self.heads
        queries = self.heads * head_size
        keys = (self.key_value_heads or self.heads) * head_size
        wide = self.feed_forward_size
        each = {
            "attention_query": (queries, self.hidden_size),
            "attention_key": (keys, self.hidden_size),
            "attention_value": (keys, self.hidden_size),
            "attention_output": (self.hidden_size, queries),
            "attention_norm": (1, self.hidden_size),
            "feed_forward_up": (wide, self.hidden_size),
            "feed_forward_down": (self.hidden_size, wide),
            "feed_forward_norm": (1, self.hidden_size),
        }
        once = {"embedding_token": (self.vocabulary_size, self.hidden_size)}
        if self.family == "bert":
            once |= {"embedding_norm": (1, self.hidden_size)}
            once |= {"embedding_type": (2, self.hidden_size)}
        else:
            once |= {"final_norm": (1, self.hidden_size)}
            once |= {"head": (self.vocabulary_size, self.hidden_size)}
        if self.family == "llama":
            each |= {"feed_forward_gate": (wide, self.hidden_size)}
        else:
            once |= {"embedding_position": (self.positions, self.hidden_size)}
        rows = [(role, self.layers, *shape) for role, shape in each.items()]
        return rows + [(role, 1, *shape) for role, shape in once.items()]


MODELS = [
    LandedModel(
        "rehearsed_bert",
        "bert",
        layers=6,
        hidden_size=384,
        heads=12,
        feed_forward_size=1536,
        vocabulary_size=30522,
        positions=512,
        config={"model_type": "bert", "intermediate_size": 1536, "hidden_act": "gelu"},
        sentence_transformers={
            "modules": [{"type": f"sentence_transformers.models.{name}"} for name in ("Normalize",)]
        },
    ),
    LandedModel(
        "rehearsed_gpt2",
        "gpt2",
        layers=12,
        hidden_size=768,
        heads=12,
        feed_forward_size=3072,
        vocabulary_size=50257,
        positions=1024,
        config={"model_type": "gpt2", "eos_token_id": 50256},
    ),
]
"""all-MiniLM-L6-v2 and GPT-2 by their sizes."""


def embedding_models() -> list[Row]:
    """The name of the model that embeds."""
    return [(model.name,) for model in MODELS[:1]]


def language_models() -> list[Row]:
    """The name of the model that predicts tokens."""
    return [(model.name,) for model in MODELS if model.family != "bert"][:1]


def model_named(name: str) -> list[Row]:
    """A model's row of raw.models, none where it is not landed."""
    return [model.row() for model in MODELS if model.name == name]


def roles_of(model_id: str) -> list[Row]:
    """A model's tensors by role."""
    return [row for model in MODELS if model.model_id == model_id for row in model.roles()]


def space_models() -> list[Row]:
    """Id and name of the model whose vectors the default space holds."""
    return [(model.model_id, model.name) for model in MODELS[:1]]


TRAINING: dict[str, Any] = {
    "training_id": "b" * 64,
    "first_cell": 8192,
    "cells": 632,
    "cell_groups": 25,
    "coding": "sign",
    "bits": 384,
    "space_rows": 100_000,
    "trained_to": 100_000,
}
"""The training of the default space: with so many cells, rows are compared with groups first."""

THRESHOLDS: list[float] = []
"""The thresholds of its code's bits; the coding `sign` has none."""


_OF_OTHER_METRICS = {"cell_codes": {"norm"}, "tuning_queries": {"norm", "full_weight"}}


def has_column(model: str, column: str) -> bool:
    """Whether a model has a column in the default space, whose metric is cosine."""
    return column not in _OF_OTHER_METRICS.get(model, ())


def training(columns: list[str]) -> list[Row]:
    """What was trained of the default space, in the columns that are asked for."""
    return [tuple(TRAINING.get(column) for column in columns)]


def thresholds() -> list[Row]:
    """The thresholds of the code's bits, in the order of the bits."""
    return [(threshold,) for threshold in THRESHOLDS]


def tokenizer_of(name: str) -> list[Row]:
    """The key of a model's tokenizer, none where the model is not landed."""
    return [(model.tokenizer_id,) for model in MODELS if model.name == name]


def tokenizer_rules(tokenizer_id: str) -> list[Row]:
    """Algorithm, refusal and settings of a tokenizer: WordPiece for bert, else byte-level BPE."""
    algorithms = {"bert": ("wordpiece", WORDPIECE)}
    rules = [
        algorithms.get(model.family, ("byte_level_bpe", BYTE_LEVEL))
        for model in MODELS
        if model.tokenizer_id == tokenizer_id
    ]
    return [(algorithm, "", json.dumps(settings)) for algorithm, settings in rules]


def added_tokens(tokenizer_id: str, columns: list[str]) -> list[Row]:
    """A special token that is cut out of the text, in the columns that are asked for."""
    token = {
        "token_id": 100,
        "content": "<|endoftext|>",
        "pattern": re.escape("<|endoftext|>"),
        "is_single_word": False,
        "strips_left": False,
        "strips_right": False,
        "is_normalized": False,
        "is_special": True,
        "is_in_vocabulary": True,
    }
    if all(model.tokenizer_id != tokenizer_id for model in MODELS):
        return []
    return [tuple(token.get(column) for column in columns)]


WORDPIECE: dict[str, Any] = {
    "before": [101],
    "after": [102],
    "max_tokens": None,
    "decoder": "wordpiece",
    "decoder_prefix": "##",
    "decoder_cleanup": True,
    "unknown_id": 100,
    "continuing_prefix": "##",
    "longest_word": 100,
    "longest_piece": 18,
    "kept_marks": "\\x{1B44}\\x{1BAA}",
    "usual": "\\x09-\\x0A\\x0D -~",
    "isolated": "!-/:-@\\x5B-`{-~",
    "mapped_from": [9, 10, 13, *range(65, 91)],
    "mapped_to": "   abcdefghijklmnopqrstuvwxyz",
}
"""What hartonomous.landing.tokenizer_rules makes of BERT's tokenizer.json, some marks left out."""

BYTE_LEVEL: dict[str, Any] = {
    "before": [],
    "after": [],
    "max_tokens": None,
    "decoder": "byte_level",
    "split": "gpt2",
    "pattern": "'(?:[stmd]|re|ve|ll)| ?(?:[A-Za-z][^\\x00-\\x7F]?)+| ?(?:[0-9][^\\x00-\\x7F]?)+"
    "| ?(?:[\\x00-\\x08\\x0E-\\x1F!-/:-@\\[-`{-\\x7F][^\\x00-\\x7F]?)+"
    "|(?:[\\t-\\r ][^\\x00-\\x7F\u00b7]?)+",
    "early_end": "((?:[\\t-\\r ][^\\x00-\\x7F\u00b7]?))"
    "((?:[\\t-\\r ][^\\x00-\\x7F\u00b7]?)[\\x00-\\x08\\x0E-\\x1F!-\\x7F])",
    "add_prefix_space": False,
    "composes": False,
    "barriers": "",
    "ignore_merges": False,
    "has_early_merges": False,
    "longest_piece": 128,
}
"""Likewise of GPT-2's."""
