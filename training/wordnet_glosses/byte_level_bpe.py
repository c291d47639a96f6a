"""A byte-level BPE tokenizer of GPT-2's kind: its pattern, its byte alphabet, its end token."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

END = "<|endoftext|>"
"""Stands between texts; what a model says when it is done. Its id is 0."""

_ALPHABET = 256  # every byte is a token, so that any text can be written


def train_tokenizer(texts: list[str], vocabulary: int) -> Tokenizer:
    """Learn merges from texts.

    Args:
        texts: to learn from; only training texts, so that what is held out stays unseen.
        vocabulary: tokens at most: the end token, 256 bytes, and merges.
    """
    tokenizer = Tokenizer(models.BPE())
    # use_regex: GPT-2's pattern; no prefix space, so that a text comes back as it was.
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=max(vocabulary, _ALPHABET + 1),
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer, length=len(texts))
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Token ids of texts, as a model reads them: no token is added."""
    return [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]


def write_tokenizer(tokenizer: Tokenizer, folder: Path, positions: int) -> None:
    """tokenizer.json and the two files that transformers and others read beside it.

    Args:
        tokenizer: from :func:`train_tokenizer`.
        folder: exists.
        positions: tokens that the model can read at once.
    """
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"bos_token": END, "eos_token": END, "unk_token": END}
    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": positions,
        "tokenizer_class": "GPT2TokenizerFast",
        **special,
    }
    _write_json(folder / "tokenizer_config.json", config)
    _write_json(folder / "special_tokens_map.json", special)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")
