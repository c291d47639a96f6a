"""Llama and the decoders with its layers: Mistral, Qwen 2 and 3, SmolLM (which calls itself llama).

Names as in transformers, models/llama/modeling_llama.py and its siblings.
"""

from __future__ import annotations

from .base import Family

_WEIGHT = r"\.(?:weight|(?P<bias>bias))"
_LAYER = r"layers\.(?P<layer>\d{1,6})\."

LLAMA = Family(
    name="llama",
    model_types=frozenset({"llama", "mistral", "qwen2", "qwen3"}),
    prefix=r"(?:model\.)?",
    rules=(
        (r"embed_tokens\.weight", "embedding_token"),
        (_LAYER + r"input_layernorm\.weight", "attention_norm"),
        (_LAYER + r"self_attn\.q_proj" + _WEIGHT, "attention_query"),
        (_LAYER + r"self_attn\.k_proj" + _WEIGHT, "attention_key"),
        (_LAYER + r"self_attn\.v_proj" + _WEIGHT, "attention_value"),
        (_LAYER + r"self_attn\.o_proj" + _WEIGHT, "attention_output"),
        # Qwen 3 normalizes each head of query and key
        (_LAYER + r"self_attn\.(?:q_norm|k_norm)\.weight", "normalizer"),
        # inverse frequencies, which older checkpoints carry
        (r"(?:" + _LAYER + r"self_attn\.)?rotary_emb\.(?:inv_freq|\w+_cached)", "buffer"),
        (_LAYER + r"post_attention_layernorm\.weight", "feed_forward_norm"),
        (_LAYER + r"mlp\.gate_proj" + _WEIGHT, "feed_forward_gate"),
        (_LAYER + r"mlp\.up_proj" + _WEIGHT, "feed_forward_up"),
        (_LAYER + r"mlp\.down_proj" + _WEIGHT, "feed_forward_down"),
        (r"norm\.weight", "final_norm"),
        (r"lm_head" + _WEIGHT, "head"),
    ),
    landmarks=(r"embed_tokens\.weight$", r"self_attn\.q_proj\.weight$", r"mlp\.gate_proj\.weight$"),
    keys={
        "layers": ("num_hidden_layers",),
        "hidden_size": ("hidden_size",),
        "attention_heads": ("num_attention_heads",),
        "key_value_heads": ("num_key_value_heads",),
        "head_size": ("head_dim",),
        "vocabulary_size": ("vocab_size",),
    },
    tied_head="lm_head.weight",
)
