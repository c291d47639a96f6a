"""Random-weight models of many shapes, from a seed, with small tokenizers of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers.decoders import ByteLevel as ByteLevelDecoder

SENTENCES = [
    "The keeper of the lighthouse writes down every ship that passes in the night.",
    "A small bird with a red breast sings before the sun has risen over the hill.",
    "Numbers like 3, 14 and 159 don't frighten those who've counted to 1000 twice.",
    "Où est la bibliothèque? Sie liegt zwischen dem Fluss und der alten Straße.",
]


@dataclass(frozen=True)
class Shape:
    """One model: its name, its transformers class and the arguments of its config."""

    name: str
    kind: str
    arguments: dict[str, Any]

    @property
    def is_causal(self) -> bool:
        return self.kind in ("gpt2", "llama", "mistral", "qwen2")


_CLASSES = {
    "bert": (transformers.BertConfig, transformers.BertModel),
    "roberta": (transformers.RobertaConfig, transformers.RobertaModel),
    "distilbert": (transformers.DistilBertConfig, transformers.DistilBertModel),
    "gpt2": (transformers.GPT2Config, transformers.GPT2LMHeadModel),
    "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
    "mistral": (transformers.MistralConfig, transformers.MistralForCausalLM),
    "qwen2": (transformers.Qwen2Config, transformers.Qwen2ForCausalLM),
}

# What every family must show at least once, whatever is drawn.
FIXED = [
    Shape(
        "wide-feed-forward",
        "bert",
        {
            "hidden_size": 40,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 2200,
            "max_position_embeddings": 64,
        },
    ),
    Shape(
        "offset-positions",
        "roberta",
        {
            "hidden_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
            "intermediate_size": 50,
            "max_position_embeddings": 66,
            "type_vocab_size": 1,
        },
    ),
    Shape("distilled", "distilbert", {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48}),
    Shape(
        "conv1d",
        "gpt2",
        {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_inner": 100, "n_positions": 96},
    ),
    Shape(
        "own-head-size",
        "llama",
        {
            "hidden_size": 36,
            "intermediate_size": 150,
            "num_hidden_layers": 2,
            "num_attention_heads": 6,
            "num_key_value_heads": 2,
            "head_dim": 10,
            "tie_word_embeddings": False,
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 10000.0,
                "factor": 4.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
            "max_position_embeddings": 128,
        },
    ),
    Shape(
        "shared-keys",
        "qwen2",
        {
            "hidden_size": 40,
            "intermediate_size": 130,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 1,
            "tie_word_embeddings": True,
            "max_position_embeddings": 128,
        },
    ),
]


def _drawn(kind: str) -> st.SearchStrategy[Shape]:
    """A random shape of a kind: sizes that no kernel was tuned for, primes among them."""

    @st.composite
    def shape(draw: st.DrawFn) -> Shape:
        heads = draw(st.sampled_from([1, 2, 3, 4, 6]))
        size = draw(st.sampled_from([4, 6, 8, 14, 22]))
        layers = draw(st.integers(1, 4))
        inner = draw(st.integers(5, 300))
        if kind == "gpt2":
            arguments = {
                "n_embd": heads * size,
                "n_layer": layers,
                "n_head": heads,
                "n_inner": inner,
                "n_positions": draw(st.integers(90, 120)),
                "activation_function": draw(st.sampled_from(["gelu_new", "gelu", "relu"])),
                "tie_word_embeddings": draw(st.booleans()),
            }
        elif kind == "bert":
            arguments = {
                "hidden_size": heads * size,
                "num_hidden_layers": layers,
                "num_attention_heads": heads,
                "intermediate_size": inner,
                "hidden_act": draw(st.sampled_from(["gelu", "gelu_new", "relu"])),
                "max_position_embeddings": draw(st.integers(64, 90)),
            }
        else:
            arguments = {
                "hidden_size": draw(st.sampled_from([heads * size, 30, 132])),
                "intermediate_size": inner,
                "num_hidden_layers": layers,
                "num_attention_heads": heads,
                "num_key_value_heads": draw(
                    st.sampled_from([n for n in (1, 2, 3, 6) if heads % n == 0])
                ),
                "head_dim": size,
                "tie_word_embeddings": draw(st.booleans()),
                "max_position_embeddings": 128,
                "sliding_window": None,
            }
            if kind == "llama":
                del arguments["sliding_window"]
                arguments["attention_bias"] = draw(st.booleans())
                arguments["mlp_bias"] = draw(st.booleans())
        return Shape("", kind, arguments)

    return shape()


def drawn_shapes(count: int, seed: int) -> list[Shape]:
    """``count`` shapes over the kinds in turn, the same for a seed."""
    kinds = ["gpt2", "llama", "bert", "mistral"]
    found = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        seen: list[Shape] = []

        def take(shape: Shape, seen: list[Shape] = seen) -> bool:
            seen.append(shape)
            return len(seen) > 3  # the first draws are the simplest

        import random

        found_shape = find(
            _drawn(kind),
            take,
            random=random.Random(seed * 1000 + number),
            settings=settings(
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                max_examples=50,
            ),
        )
        found.append(Shape(f"drawn-{number}-{kind}", kind, found_shape.arguments))
    return found


def make(shape: Shape, folder: Path, seed: int) -> Path:
    """Write the model's folder: config, safetensors, tokenizer.json."""
    path = folder / shape.name
    path.mkdir(parents=True)
    tokenizer = _wordpiece() if shape.kind in ("bert", "distilbert") else _byte_level(shape.kind)
    tokenizer.save(str(path / "tokenizer.json"))
    size = tokenizer.get_vocab_size()
    config_class, model_class = _CLASSES[shape.kind]
    special = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 1}
    if shape.kind == "gpt2" or shape.kind in ("bert", "distilbert"):
        special = {"eos_token_id": 0} if shape.kind == "gpt2" else {}
    config = config_class(vocab_size=size + 3, **{**special, **shape.arguments})
    torch.manual_seed(seed)
    model = model_class(config).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            drawn = torch.randn(parameter.shape, generator=generator)
            is_norm = "norm" in name.lower() or "ln_" in name
            if is_norm and name.endswith("weight"):
                parameter.copy_(1 + 0.3 * drawn)
            else:
                parameter.copy_(
                    drawn * (0.2 if parameter.dim() == 1 else parameter.shape[-1] ** -0.5)
                )
    model.save_pretrained(path)
    if not shape.is_causal:
        (path / "modules.json").write_text(
            json.dumps(
                [
                    {
                        "idx": 0,
                        "name": "0",
                        "path": "",
                        "type": "sentence_transformers.models.Transformer",
                    },
                    {
                        "idx": 1,
                        "name": "1",
                        "path": "1_Pooling",
                        "type": "sentence_transformers.models.Pooling",
                    },
                ]
            )
        )
        (path / "1_Pooling").mkdir()
        mode = {"bert": "mean_tokens", "roberta": "cls_token", "distilbert": "max_tokens"}[
            shape.kind
        ]
        (path / "1_Pooling" / "config.json").write_text(
            json.dumps(
                {"word_embedding_dimension": config.hidden_size, f"pooling_mode_{mode}": True}
            )
        )
    return path


def load(shape: Shape, path: Path) -> transformers.PreTrainedModel:
    """The reference in float32."""
    return _CLASSES[shape.kind][1].from_pretrained(path, dtype=torch.float32).eval()


def _byte_level(kind: str) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    special = ["<|endoftext|>"]
    if kind == "roberta":
        special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    if kind == "roberta":
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


def _wordpiece() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=200,
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer
