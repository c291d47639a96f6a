"""Tokenizers, sentence-transformers settings, sources by hub id, and the real model."""

from __future__ import annotations

import json
import sys
import types

import numpy as np
import pytest
from tiny_models import CONFIG, TOKENIZER

from hartonomous.errors import InputError
from hartonomous.landing.model import land_model
from hartonomous.landing.model_tokenizer import read_tokenizer


def tokenizer_of(tmp_path, **model):
    definition = {"added_tokens": model.pop("added_tokens", []), "model": model}
    (tmp_path / "tokenizer.json").write_text(json.dumps(definition))
    return read_tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ({"type": "WordPiece", "vocab": {"a": 0, "b": 1}}, "wordpiece"),
        ({"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}, "bpe"),
        ({"vocab": {"a": 0, "b": 1}, "merges": []}, "bpe"),
        ({"type": "Unigram", "vocab": [["a", -1.5], ["b", 0]]}, "unigram"),
        ({"type": "WordLevel", "vocab": {"a": 0, "b": 1}}, "wordlevel"),
    ],
)
def test_kinds_of_tokenizers(tmp_path, model, kind):
    found = tokenizer_of(tmp_path, **model)
    assert found.kind == kind
    assert found.tokens == {0: ("a", False), 1: ("b", False)}


def test_added_tokens_are_special_when_they_say_so(tmp_path):
    added = [
        {"id": 0, "content": "a", "special": True},
        {"id": 7, "content": "<x>", "special": False},
    ]
    found = tokenizer_of(tmp_path, type="WordLevel", vocab={"a": 0, "b": 1}, added_tokens=added)
    assert found.tokens == {0: ("a", True), 1: ("b", False), 7: ("<x>", False)}


def test_the_order_of_keys_does_not_make_another_tokenizer(tmp_path):
    one = tokenizer_of(tmp_path, type="WordLevel", vocab={"a": 0, "b": 1})
    two = tokenizer_of(tmp_path, vocab={"b": 1, "a": 0}, type="WordLevel")
    assert one.tokenizer_id == two.tokenizer_id


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"type": "Magic", "vocab": {"a": 0}}, "not known"),
        ({"type": ["BPE"], "vocab": {"a": 0}}, "not known"),
        ({"type": "WordPiece"}, "no 'vocab'"),
        ({"type": "WordPiece", "vocab": {}}, "empty vocabulary"),
        ({"type": "WordPiece", "vocab": {"a": 0, "b": 0}}, "two tokens"),
        ({"type": "WordPiece", "vocab": {"a": -1}}, "no token id"),
        ({"type": "WordPiece", "vocab": {"a": "0"}}, "no token id"),
        ({"type": "WordPiece", "vocab": {"a": 2**40}}, "no token id"),
        ({"type": "Unigram", "vocab": [[5, 0.0]]}, "no text"),
        ({"type": "Unigram", "vocab": ["a"]}, "no 'vocab'"),
        ({"type": "WordPiece", "vocab": {"\ud800": 0}}, "Unicode"),
        ({"type": "WordPiece", "vocab": {"a": 0}, "added_tokens": {"a": 1}}, "not a list"),
        ({"type": "WordPiece", "vocab": {"a": 0}, "added_tokens": ["a"]}, "not an object"),
        ({"type": "WordPiece", "vocab": {"a": 0}, "added_tokens": [{"id": 1}]}, "no text"),
    ],
)
def test_broken_tokenizers_are_refused(tmp_path, model, said):
    with pytest.raises(InputError, match=said):
        tokenizer_of(tmp_path, **model)


def test_a_vocabulary_alone_tokenizes_as_the_whole_tokenizer_does(tmp_path, minilm):
    tokenizers = pytest.importorskip("tokenizers")
    (tmp_path / "vocab.txt").write_bytes((minilm / "vocab.txt").read_bytes())
    made = read_tokenizer(tmp_path)
    assert made.kind == "wordpiece"
    assert {text for text, special in made.tokens.values() if special} == {
        *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    }
    ours = tokenizers.Tokenizer.from_str(made.definition)
    theirs = tokenizers.Tokenizer.from_file(str(minilm / "tokenizer.json"))
    theirs.no_truncation()
    theirs.no_padding()
    for text in ("Hello, wörld! 北京 unaffable", "[MASK] it", "", "ﬁne\u200b"):
        assert ours.encode(text).ids == theirs.encode(text).ids


def test_byte_level_vocabulary_and_merges_alone(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    vocabulary = {token: i for i, token in enumerate(["l", "o", "w", "lo", "low", "Ġ", "Ġlow"])}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nl o\nlo w\nĠ low\n", encoding="utf-8")
    made = read_tokenizer(tmp_path)
    assert made.kind == "bpe"
    assert tokenizers.Tokenizer.from_str(made.definition).encode("low low").ids == [4, 6]


def test_a_vocabulary_that_is_none_is_refused(tmp_path):
    (tmp_path / "vocab.txt").write_text("a\nb\n")
    with pytest.raises(InputError, match="no vocabulary of WordPiece"):
        read_tokenizer(tmp_path)
    (tmp_path / "vocab.txt").write_bytes(b"\xff\xfe\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_tokenizer(tmp_path)


def test_no_tokenizer_lands_with_a_warning(sink, write_model, counts):
    landed = land_model(sink, str(write_model(tokenizer=None)))
    assert len(landed.warnings) == 1
    assert "without tokens" in landed.warnings[0]
    assert counts()["tokens"] == 0
    assert sink.query("SELECT tokenizer_id FROM raw.models") == [("",)]


def write_sentence_transformer(folder, inner):
    modules = [
        {"idx": 0, "path": inner, "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "path": "2_Dense", "type": "sentence_transformers.models.Dense"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    (folder / inner / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    return modules


@pytest.mark.parametrize("inner", ["", "0_Transformer"])
def test_settings_of_sentence_transformers(sink, tiny, inner):
    if inner:
        files = list(tiny.iterdir())
        (tiny / inner).mkdir()
        for file in files:
            file.rename(tiny / inner / file.name)
    modules = write_sentence_transformer(tiny, inner)
    landed = land_model(sink, str(tiny))
    assert (landed.name, landed.family) == ("tiny", "bert")
    assert landed.warnings == (
        "the module Dense of sentence-transformers (2_Dense) is not landed: "
        "embeddings made without it differ",
    )
    ((config,),) = sink.query("SELECT config FROM raw.models")
    assert json.loads(config) == {
        "config": CONFIG,
        "sentence_transformers": {
            "modules": modules,
            "pooling": {"pooling_mode_cls_token": True},
            "sentence_bert_config": {"max_seq_length": 256},
        },
    }


def test_numbers_that_json_does_not_know_become_text(sink, tiny):
    (tiny / "generation_config.json").write_text('{"a": Infinity, "b": 1e999, "c": [NaN, 0.5]}')
    land_model(sink, str(tiny))
    ((config,),) = sink.query("SELECT config FROM raw.models")
    assert json.loads(config)["generation_config"] == {
        "a": "Infinity",
        "b": "1e999",
        "c": ["NaN", 0.5],
    }


def test_a_hub_id_is_fetched_and_names_the_model(sink, tiny, monkeypatch):
    asked = []

    def snapshot_download(hub_id, allow_patterns):
        asked.append((hub_id, allow_patterns))
        return str(tiny)

    hub = types.SimpleNamespace(snapshot_download=snapshot_download)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    landed = land_model(sink, "owner/tiny-model")
    assert landed.name == "owner/tiny-model"
    ((hub_id, patterns),) = asked  # ONNX variants are not fetched where there are safetensors
    assert hub_id == "owner/tiny-model"
    assert "*.safetensors" in patterns
    assert not any("onnx" in pattern or "bin" in pattern for pattern in patterns)


def test_a_hub_id_in_the_cache_needs_no_network(sink, tiny, tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub")
    cache = tmp_path / "hub" / "models--owner--tiny"
    (cache / "refs").mkdir(parents=True)
    (cache / "blobs").mkdir()
    (cache / "refs" / "main").write_text("0" * 40)
    snapshot = cache / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    for file in tiny.iterdir():
        file.rename(cache / "blobs" / file.name)
        (snapshot / file.name).symlink_to(f"../../blobs/{file.name}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    landed = land_model(sink, "owner/tiny")
    assert (landed.name, landed.changed) == ("owner/tiny", True)


def test_the_real_model(sink, minilm, matrix, counts):
    landed = land_model(sink, str(minilm), "all-MiniLM-L6-v2")
    assert (landed.architecture, landed.family) == ("BertModel", "bert")
    assert landed.parameters == 22_713_216
    assert landed.tensors == 104
    assert landed.warnings == ()
    found = counts()
    assert found["tokens"] == found["token_positions"] == 30_522
    assert sink.query("SELECT token FROM raw.tokens WHERE is_special ORDER BY token_id") == [
        (token,) for token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    ]
    reference = pytest.importorskip("safetensors.numpy").load_file(minilm / "model.safetensors")
    for name in (
        "embeddings.word_embeddings.weight",
        "encoder.layer.5.output.dense.weight",
        "pooler.dense.bias",
    ):
        landed_rows = matrix(landed.model_id, name)
        np.testing.assert_array_equal(landed_rows, np.atleast_2d(reference[name]))
    ((config,),) = sink.query("SELECT config FROM raw.models")
    sentences = json.loads(config)["sentence_transformers"]
    assert sentences["pooling"]["pooling_mode_mean_tokens"] is True
    assert sentences["sentence_bert_config"]["max_seq_length"] == 256
    assert sentences["modules"][2]["type"].endswith("Normalize")


def test_the_tiny_tokenizer_is_as_given(sink, tiny):
    land_model(sink, str(tiny))
    ((definition, kind),) = sink.query("SELECT definition, kind FROM raw.tokenizers")
    assert json.loads(definition) == TOKENIZER
    assert kind == "wordpiece"
