"""Random models of every family, made by transformers, against their own state dicts."""

from __future__ import annotations

import numpy as np
import pytest

from hartonomous.families import OTHER, recognize
from hartonomous.families.bert import BERT
from hartonomous.families.gpt2 import GPT2
from hartonomous.families.llama import LLAMA
from hartonomous.landing.model import land_model

SIZES = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 40,
}


@pytest.fixture(scope="module")
def save(tmp_path_factory):
    """Makes a model with random weights from a seed; returns its folder and state dict."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    def make(model: str, config: str, dtype=None, **settings):
        torch.manual_seed(11)
        made = getattr(transformers, model)(getattr(transformers, config)(**settings))
        with torch.no_grad():  # norms and biases are ones and zeros otherwise
            for parameter in made.parameters():
                parameter.normal_()
        if dtype:
            made = made.to(getattr(torch, dtype))
        folder = tmp_path_factory.mktemp("models") / model
        made.save_pretrained(folder)
        state = {name: value.float().numpy() for name, value in made.state_dict().items()}
        return folder, state, sum(parameter.numel() for parameter in made.parameters())

    return make


@pytest.fixture
def rows_of(sink, matrix):
    """The rows of a model by role and layer."""

    def read(model_id: str, role: str, layer: int | None = None) -> np.ndarray:
        ((name,),) = sink.query(
            "SELECT tensor_name FROM raw.model_tensors WHERE model_id = ? AND role = ? AND "
            "COALESCE(layer, -1) = ?",
            [model_id, role, -1 if layer is None else layer],
        )
        return matrix(model_id, name)

    return read


def test_gpt2_is_transposed_and_split(sink, save, rows_of):
    folder, state, parameters = save(
        *("GPT2LMHeadModel", "GPT2Config"), n_embd=16, n_layer=2, n_head=4, vocab_size=40
    )
    landed = land_model(sink, str(folder))
    assert (landed.family, landed.parameters) == ("gpt2", parameters)
    for layer in range(2):
        prefix = f"transformer.h.{layer}."
        fused = state[prefix + "attn.c_attn.weight"].T
        bias = state[prefix + "attn.c_attn.bias"]
        for part, name in enumerate(("query", "key", "value")):
            cut = slice(16 * part, 16 * part + 16)
            np.testing.assert_array_equal(
                rows_of(landed.model_id, f"attention_{name}", layer), fused[cut]
            )
            np.testing.assert_array_equal(
                rows_of(landed.model_id, f"attention_{name}_bias", layer), bias[None, cut]
            )
        for role, name in (
            ("attention_output", "attn.c_proj"),
            ("feed_forward_up", "mlp.c_fc"),
            ("feed_forward_down", "mlp.c_proj"),
        ):
            weight = state[f"{prefix}{name}.weight"]
            np.testing.assert_array_equal(rows_of(landed.model_id, role, layer), weight.T)
            np.testing.assert_array_equal(
                rows_of(landed.model_id, role + "_bias", layer), state[f"{prefix}{name}.bias"][None]
            )
        for role, name in (("attention_norm", "ln_1"), ("feed_forward_norm", "ln_2")):
            np.testing.assert_array_equal(
                rows_of(landed.model_id, role, layer), state[f"{prefix}{name}.weight"][None]
            )
    np.testing.assert_array_equal(
        rows_of(landed.model_id, "embedding_token"), state["transformer.wte.weight"]
    )
    np.testing.assert_array_equal(rows_of(landed.model_id, "head"), state["lm_head.weight"])
    # The head is the embedding, under its own name.
    tied = sink.query(
        "SELECT tensor_name, file_tensor_name FROM raw.model_tensors WHERE tensor_id = "
        "(SELECT tensor_id FROM raw.model_tensors WHERE role = 'head') ORDER BY tensor_name"
    )
    assert tied == [
        ("lm_head.weight", "transformer.wte.weight"),
        ("transformer.wte.weight", "transformer.wte.weight"),
    ]
    assert rows_of(landed.model_id, "final_norm_bias").shape == (1, 16)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_llama_with_grouped_heads(sink, save, rows_of, dtype):
    folder, state, parameters = save(
        *("LlamaForCausalLM", "LlamaConfig", dtype), num_key_value_heads=2, **SIZES
    )
    landed = land_model(sink, str(folder))
    assert (landed.family, landed.parameters) == ("llama", parameters)
    assert landed.bytes == 2 * parameters
    names = {
        "attention_query": "self_attn.q_proj",
        "attention_key": "self_attn.k_proj",
        "attention_value": "self_attn.v_proj",
        "attention_output": "self_attn.o_proj",
        "feed_forward_gate": "mlp.gate_proj",
        "feed_forward_up": "mlp.up_proj",
        "feed_forward_down": "mlp.down_proj",
        "attention_norm": "input_layernorm",
        "feed_forward_norm": "post_attention_layernorm",
    }
    for role, name in names.items():
        np.testing.assert_array_equal(
            rows_of(landed.model_id, role, 1),
            np.atleast_2d(state[f"model.layers.1.{name}.weight"]),
        )
    np.testing.assert_array_equal(rows_of(landed.model_id, "head"), state["lm_head.weight"])
    heads = "attention_heads, key_value_heads, head_size"
    assert sink.query(f"SELECT {heads} FROM raw.models") == [(4, 2, 4)]


@pytest.mark.parametrize(
    ("model", "config", "settings", "other"),
    [
        ("BertForMaskedLM", "BertConfig", SIZES, {"OTHER", "NORM", "BIAS"}),
        ("RobertaForMaskedLM", "RobertaConfig", SIZES, {"OTHER", "NORM", "BIAS"}),
        (
            *("DistilBertModel", "DistilBertConfig"),
            {"dim": 16, "hidden_dim": 24, "n_layers": 2, "n_heads": 4, "vocab_size": 40},
            set(),
        ),
        ("Qwen2ForCausalLM", "Qwen2Config", SIZES | {"num_key_value_heads": 2}, set()),
        ("Qwen3ForCausalLM", "Qwen3Config", SIZES | {"num_key_value_heads": 2}, {"NORM"}),
    ],
)
def test_every_tensor_has_a_role(sink, save, matrix, model, config, settings, other):
    folder, state, _ = save(model, config, **settings)
    landed = land_model(sink, str(folder))
    rows = sink.query("SELECT tensor_name, role, weight_type, layer FROM raw.model_tensors")
    assert {weight_type for _, role, weight_type, _ in rows if role.startswith("other")} <= other
    layers = {}
    for name, role, weight_type, layer in rows:
        assert (".1." in name) == (layer == 1)
        assert name.endswith("bias") == (weight_type == "BIAS")
        np.testing.assert_array_equal(matrix(landed.model_id, name), np.atleast_2d(state[name]))
        if not role.startswith("other"):
            layers.setdefault(layer, set()).add(role)
    assert layers[0] == layers[1]
    query, key, value = "attention_query", "attention_key", "attention_value"
    assert {query, key, value, "feed_forward_up", "feed_forward_down"} <= layers[0]


def roles(family, *names):
    return [(part.role, part.layer) for name in names for part in family.parts(name)]


@pytest.mark.parametrize("prefix", ["", "bert.", "0.auto_model.", "roberta.", "auto_model."])
def test_prefixes_of_wrappers_do_not_matter(prefix):
    assert roles(
        BERT,
        f"{prefix}embeddings.word_embeddings.weight",
        f"{prefix}encoder.layer.11.attention.self.key.weight",
        f"{prefix}encoder.layer.3.output.LayerNorm.beta",
        f"{prefix}pooler.dense.weight",
    ) == [
        ("embedding_token", None),
        ("attention_key", 11),
        ("feed_forward_norm_bias", 3),
        ("pooler", None),
    ]


def test_old_checkpoints_of_gpt2_and_llama_carry_buffers():
    assert roles(GPT2, "h.0.attn.bias", "transformer.h.5.attn.masked_bias") == [
        ("buffer", 0),
        ("buffer", 5),
    ]
    assert roles(LLAMA, "model.layers.2.self_attn.rotary_emb.inv_freq") == [("buffer", 2)]


@pytest.mark.parametrize(
    ("config", "names", "family"),
    [
        ({"model_type": "mistral"}, [], LLAMA),
        ({"model_type": "xlm-roberta"}, [], BERT),
        ({"model_type": "gpt_neox"}, ["h.0.attn.c_attn.weight", "wte.weight"], OTHER),
        ({"model_type": ["gpt2"]}, [], OTHER),
        ({}, ["h.0.attn.c_attn.weight", "wte.weight"], GPT2),
        (
            {},
            ["embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight"],
            BERT,
        ),
        ({}, ["wte.weight"], OTHER),
    ],
)
def test_recognition(config, names, family):
    assert recognize(config, names) is family


def test_a_fused_tensor_that_is_no_multiple_of_three_is_refused(sink, write_model):
    from hartonomous.errors import InputError

    tensors = {"h.0.attn.c_attn.weight": np.ones((4, 13), dtype="<f4")}
    folder = write_model("odd", tensors, {"model_type": "gpt2"})
    with pytest.raises(InputError, match="multiple of 3"):
        land_model(sink, str(folder))


def test_missing_layers_are_told(sink, write_model):
    tensors = {"h.0.ln_1.weight": np.ones(4, dtype="<f4")}
    folder = write_model("short", tensors, {"model_type": "gpt2", "n_layer": 12})
    assert any("12 layers" in warning for warning in land_model(sink, str(folder)).warnings)
