"""Models that the inference benchmarks run: landed and built once, in a folder that is kept."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel

from hartonomous import Hartonomous
from hartonomous.cli.demo import _model_folder

MINILM = "all-MiniLM-L6-v2"
GPT2 = "gpt2-small-random"
PARTS = ("path:models/staging", "path:models/tokenizers", "tag:inference")
CALLABLES = ("embed", "embed_table", "run_tokens", "choose_token", "generate")


def gpt2_small(folder: Path, layers: int = 12, width: int = 768, vocabulary: int = 50257) -> Path:
    """A model of GPT-2 small's shapes (124 million weights) with random weights, from a seed.

    Its tokenizer knows bytes alone: ids beyond 255 are not spelled, which costs no time.
    """
    path = folder / f"gpt2-{layers}x{width}"
    if (path / "model.safetensors").exists():
        return path
    torch.manual_seed(0)
    config = GPT2Config(
        n_layer=layers,
        n_embd=width,
        n_head=max(1, width // 64),
        vocab_size=vocabulary,
        eos_token_id=50256,
    )
    GPT2LMHeadModel(config).eval().save_pretrained(path)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(path / "tokenizer.json"))
    return path


def database(folder: Path) -> Hartonomous:
    """Both models, landed and built."""
    hartonomous = Hartonomous(folder / "inference.duckdb")
    hartonomous.ingest_model(str(_model_folder()), name=MINILM)
    hartonomous.ingest_model(str(gpt2_small(folder)), name=GPT2)
    hartonomous.build(select=[*PARTS, *CALLABLES])
    return hartonomous
