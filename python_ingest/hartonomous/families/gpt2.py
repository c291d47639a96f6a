"""GPT-2. Its linear layers are Conv1D: input x output, with query, key and value in one.

Names as in transformers, models/gpt2/modeling_gpt2.py.
"""

from __future__ import annotations

from .base import FUSED_QUERY_KEY_VALUE, Family

_WEIGHT = r"\.(?:weight|(?P<bias>bias))"
_LAYER = r"h\.(?P<layer>\d{1,6})\."

GPT2 = Family(
    name="gpt2",
    model_types=frozenset({"gpt2"}),
    prefix=r"(?:transformer\.)?",
    rules=(
        (r"wte\.weight", "embedding_token"),
        (r"wpe\.weight", "embedding_position"),
        (_LAYER + r"ln_1" + _WEIGHT, "attention_norm"),
        (_LAYER + r"attn\.c_attn" + _WEIGHT, FUSED_QUERY_KEY_VALUE),
        (_LAYER + r"attn\.c_proj" + _WEIGHT, "attention_output"),
        # the causal mask, which older checkpoints carry as float
        (_LAYER + r"attn\.(?:bias|masked_bias)", "buffer"),
        (_LAYER + r"ln_2" + _WEIGHT, "feed_forward_norm"),
        (_LAYER + r"mlp\.c_fc" + _WEIGHT, "feed_forward_up"),
        (_LAYER + r"mlp\.c_proj" + _WEIGHT, "feed_forward_down"),
        (r"ln_f" + _WEIGHT, "final_norm"),
        (r"lm_head" + _WEIGHT, "head"),
    ),
    landmarks=(r"(?:^|\.)wte\.weight$", r"(?:^|\.)h\.\d+\.attn\.c_attn\.weight$"),
    columns_are_neurons=frozenset(
        {FUSED_QUERY_KEY_VALUE, "attention_output", "feed_forward_up", "feed_forward_down"}
    ),
    keys={
        "layers": ("n_layer", "num_hidden_layers"),
        "hidden_size": ("n_embd", "hidden_size"),
        "attention_heads": ("n_head", "num_attention_heads"),
        "vocabulary_size": ("vocab_size",),
    },
    tied_head="lm_head.weight",
    tied_by_default=True,
)
