"""BERT and the encoders with its layers: RoBERTa, DistilBERT, MPNet, ELECTRA.

Names as in transformers, models/bert/modeling_bert.py and its siblings; ``gamma`` and ``beta``
stand in checkpoints of TensorFlow's time.
"""

from __future__ import annotations

from .base import Family

_WEIGHT = r"\.(?:weight|(?P<bias>bias))"
_NORM = r"\.(?:weight|gamma|(?P<bias>bias|beta))"
_LAYER = r"encoder\.layer\.(?P<layer>\d{1,6})\."
_DISTIL = r"transformer\.layer\.(?P<layer>\d{1,6})\."

BERT = Family(
    name="bert",
    model_types=frozenset(
        {"bert", "roberta", "xlm-roberta", "camembert", "distilbert", "mpnet", "electra"}
    ),
    prefix=r"(?:0\.)?(?:auto_model\.)?(?:(?:bert|roberta|distilbert|mpnet|electra)\.)?",
    rules=(
        (r"embeddings\.word_embeddings\.weight", "embedding_token"),
        (r"embeddings\.position_embeddings\.weight", "embedding_position"),
        (r"embeddings\.token_type_embeddings\.weight", "embedding_type"),
        (r"embeddings\.LayerNorm" + _NORM, "embedding_norm"),
        (r"embeddings\.(?:position_ids|token_type_ids)", "buffer"),
        # BERT, RoBERTa, ELECTRA
        (_LAYER + r"attention\.self\.query" + _WEIGHT, "attention_query"),
        (_LAYER + r"attention\.self\.key" + _WEIGHT, "attention_key"),
        (_LAYER + r"attention\.self\.value" + _WEIGHT, "attention_value"),
        (_LAYER + r"attention\.output\.dense" + _WEIGHT, "attention_output"),
        (_LAYER + r"attention\.output\.LayerNorm" + _NORM, "attention_norm"),
        (_LAYER + r"intermediate\.dense" + _WEIGHT, "feed_forward_up"),
        (_LAYER + r"output\.dense" + _WEIGHT, "feed_forward_down"),
        (_LAYER + r"output\.LayerNorm" + _NORM, "feed_forward_norm"),
        # MPNet's attention
        (_LAYER + r"attention\.attn\.q" + _WEIGHT, "attention_query"),
        (_LAYER + r"attention\.attn\.k" + _WEIGHT, "attention_key"),
        (_LAYER + r"attention\.attn\.v" + _WEIGHT, "attention_value"),
        (_LAYER + r"attention\.attn\.o" + _WEIGHT, "attention_output"),
        (_LAYER + r"attention\.LayerNorm" + _NORM, "attention_norm"),
        # DistilBERT
        (_DISTIL + r"attention\.q_lin" + _WEIGHT, "attention_query"),
        (_DISTIL + r"attention\.k_lin" + _WEIGHT, "attention_key"),
        (_DISTIL + r"attention\.v_lin" + _WEIGHT, "attention_value"),
        (_DISTIL + r"attention\.out_lin" + _WEIGHT, "attention_output"),
        (_DISTIL + r"sa_layer_norm" + _NORM, "attention_norm"),
        (_DISTIL + r"ffn\.lin1" + _WEIGHT, "feed_forward_up"),
        (_DISTIL + r"ffn\.lin2" + _WEIGHT, "feed_forward_down"),
        (_DISTIL + r"output_layer_norm" + _NORM, "feed_forward_norm"),
        # what stands on top
        (r"pooler\.dense" + _WEIGHT, "pooler"),
        (r"(?:cls\.predictions|lm_head)\.decoder" + _WEIGHT, "head"),
        (r"(?:cls\.predictions|lm_head)\.(?P<bias>bias)", "head"),
        (r"vocab_projector" + _WEIGHT, "head"),
        (r"(?:cls\.predictions\.transform\.LayerNorm|lm_head\.layer_norm)" + _NORM, "normalizer"),
        (r"vocab_layer_norm" + _NORM, "normalizer"),
    ),
    landmarks=(
        r"embeddings\.word_embeddings\.weight$",
        r"(?:attention\.self\.query|attention\.attn\.q|attention\.q_lin)\.",
    ),
    keys={
        "layers": ("num_hidden_layers", "n_layers"),
        "hidden_size": ("hidden_size", "dim"),
        "attention_heads": ("num_attention_heads", "n_heads"),
        "vocabulary_size": ("vocab_size",),
    },
)
