"""Names of the callables and weight tables that every runnable model has."""

from __future__ import annotations

EMBEDDING_CALLABLES = ("embed", "embed_table", "hidden_states", "attention_map")
LANGUAGE_CALLABLES = (
    "next_tokens",
    "score",
    "generate",
    "generate_beam",
    "logit_lens",
    "run_tokens",
    "choose_token",
)
TOKENIZER_CALLABLES = ("tokenize", "detokenize")
WEIGHT_TABLES = (
    "inference_token_embeddings",
    "inference_position_embeddings",
    "inference_rotations",
    "inference_attention_inputs",
    "inference_attention_outputs",
    "inference_feed_forward_inputs",
    "inference_feed_forward_outputs",
    "inference_norms",
    "inference_heads",
)

LANGUAGE = "language"
"""Suffix of the default language model's weight tables, whose callables carry none."""
