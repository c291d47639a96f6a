"""Models of a few dimensions with random weights, by transformers and as they are landed.

The feed-forward is wider than one chunk of 512, and 3 heads of 4 share no width with a chunk.
"""

from __future__ import annotations

import re

import numpy as np
import torch
import transformers

VOCABULARY = 40
POSITIONS = 80
END = 1


def bert():
    config = transformers.BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=520,
        max_position_embeddings=POSITIONS,
        hidden_act="gelu",
    )
    return transformers.BertModel(config, add_pooling_layer=False)


def gpt2():
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=12,
        n_layer=2,
        n_head=3,
        n_inner=520,
        n_positions=POSITIONS,
        bos_token_id=END,
        eos_token_id=END,
    )
    return transformers.GPT2LMHeadModel(config)


def llama():
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=6,
        intermediate_size=520,
        tie_word_embeddings=False,
        max_position_embeddings=POSITIONS,
        bos_token_id=END,
        eos_token_id=END,
        pad_token_id=END,
    )
    return transformers.LlamaForCausalLM(config)


def seeded(make):
    """The model with weights large enough that no score is near another."""
    torch.manual_seed(7)
    model = make().eval().float()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * (0.35 if parameter.dim() > 1 else 1.0))
    return model


def tensors(model):
    """(layer, role, matrix) of a model's weights, one row an output neuron."""
    weights = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    kind = model.config.model_type
    if kind == "gpt2":
        for name in [name for name in weights if ".c_attn." in name]:
            parts = np.split(weights.pop(name), 3, axis=-1)
            for part, values in zip("qkv", parts, strict=True):
                weights[name.replace("c_attn", f"c_attn_{part}")] = values
    names = ROLES[kind]
    for name, values in weights.items():
        layer = re.search(r"\.(\d+)\.", name)
        stem, ending = name.rsplit(".", 1)
        for pattern, role in names.items():
            if re.search(pattern + r"\Z", stem):
                values = values.T if kind == "gpt2" and values.ndim == 2 and layer else values
                role += "_bias" if ending == "bias" else ""
                yield (int(layer[1]) if layer else None), role, np.atleast_2d(values)


ROLES = {
    "bert": {
        r"word_embeddings": "embedding_token", r"position_embeddings": "embedding_position",
        r"token_type_embeddings": "embedding_type", r"embeddings\.LayerNorm": "embedding_norm",
        r"self\.query": "attention_query", r"self\.key": "attention_key",
        r"self\.value": "attention_value", r"attention\.output\.dense": "attention_output",
        r"attention\.output\.LayerNorm": "attention_norm",
        r"intermediate\.dense": "feed_forward_up", r"\d\.output\.dense": "feed_forward_down",
        r"\d\.output\.LayerNorm": "feed_forward_norm",
    },
    "gpt2": {
        r"wte": "embedding_token", r"wpe": "embedding_position", r"lm_head": "head",
        r"c_attn_q": "attention_query", r"c_attn_k": "attention_key",
        r"c_attn_v": "attention_value", r"attn\.c_proj": "attention_output",
        r"ln_1": "attention_norm", r"ln_2": "feed_forward_norm",
        r"c_fc": "feed_forward_up", r"mlp\.c_proj": "feed_forward_down", r"ln_f": "final_norm",
    },
    "llama": {
        r"embed_tokens": "embedding_token", r"lm_head": "head", r"q_proj": "attention_query",
        r"k_proj": "attention_key", r"v_proj": "attention_value", r"o_proj": "attention_output",
        r"input_layernorm": "attention_norm", r"post_attention_layernorm": "feed_forward_norm",
        r"up_proj": "feed_forward_up", r"gate_proj": "feed_forward_gate",
        r"down_proj": "feed_forward_down", r"model\.norm": "final_norm",
    },
}  # fmt: skip


def landed(model):
    """The fields of LandedModel."""
    config = model.config
    wide = {"bert": "intermediate_size", "gpt2": "n_inner", "llama": "intermediate_size"}
    return {
        "name": f"tiny_{config.model_type}",
        "family": config.model_type,
        "layers": config.num_hidden_layers,
        "hidden_size": config.hidden_size,
        "heads": config.num_attention_heads,
        "key_value_heads": getattr(config, "num_key_value_heads", 0),
        "head_size": getattr(config, "head_dim", 0),
        "feed_forward_size": getattr(config, wide[config.model_type]),
        "vocabulary_size": config.vocab_size,
        "positions": POSITIONS,
        "config": config.to_dict(),
        "sentence_transformers": {"modules": [{"type": "x.Normalize"}]},
    }
