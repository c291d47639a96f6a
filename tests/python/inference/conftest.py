"""A database with a tiny sentence encoder and the shipped language model, landed and not built."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hartonomous import Hartonomous

READER, WRITER, SECOND = "tiny-reader", "writer", "second-writer"


@pytest.fixture(scope="session")
def shipped(project) -> Path:
    """The folder of the language model that the package ships."""
    return project / "python_ingest/hartonomous/shipped_models/wordnet-glosses-gpt2"


@pytest.fixture(scope="session")
def reader_folder(tmp_path_factory, minilm) -> Path:
    """A BERT of two layers with random weights and the tokenizer of all-MiniLM-L6-v2."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models") / READER
    config = BertConfig(
        vocab_size=30522,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=40,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        if (minilm / name).exists():
            shutil.copy(minilm / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def writer_folder(tmp_path_factory, shipped) -> Path:
    """Another GPT-2 with the shipped model's tokenizer: one layer, 16 positions."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models") / SECOND
    vocabulary = json.loads((shipped / "config.json").read_text())["vocab_size"]
    config = GPT2Config(
        vocab_size=vocabulary, n_positions=16, n_embd=16, n_layer=1, n_head=2, eos_token_id=0
    )
    GPT2LMHeadModel(config).eval().save_pretrained(folder)
    shutil.copy(shipped / "tokenizer.json", folder / "tokenizer.json")
    return folder


@pytest.fixture(scope="module")
def landed(tmp_path_factory, reader_folder, shipped) -> Hartonomous:
    """Both models landed, nothing built."""
    hartonomous = Hartonomous(tmp_path_factory.mktemp("inference") / "models.duckdb")
    hartonomous.ingest_model(str(shipped), name=WRITER)
    hartonomous.ingest_model(str(reader_folder), name=READER)
    return hartonomous


@pytest.fixture(scope="module")
def ready(landed, project) -> Hartonomous:
    """Both models can be run: what builds them is the first call."""
    landed.embed("the first call builds")
    landed.next_tokens("the first call", top_k=1)
    return landed


@pytest.fixture
def builds(monkeypatch) -> list[list[str]]:
    """The selections that were built while the test ran."""
    from hartonomous.inference import ready as module

    seen: list[list[str]] = []
    build = module.build

    def counted(database, **options):
        seen.append(list(options["select"]))
        return build(database, **options)

    monkeypatch.setattr(module, "build", counted)
    return seen
