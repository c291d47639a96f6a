"""Vocabularies of the time before tokenizer.json, as the tokenizer.json that they stand for.

The definitions follow transformers, convert_slow_tokenizer.py (BertConverter, GPT2Converter,
RobertaConverter).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError
from ..readers.json_file import LARGEST_JSON, read_json_object

_BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_GPT2_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>")


def from_vocabulary_files(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The file of a folder's vocabulary, and a definition as in tokenizer.json; None without one.

    Raises:
        InputError: the file is broken.
    """
    words = folder / "vocab.txt"
    if words.exists():
        return words, _wordpiece(_lines(words), words, _tokenizer_config(folder))
    pieces, merges = folder / "vocab.json", folder / "merges.txt"
    if pieces.exists() and merges.exists():
        prefix = bool(_tokenizer_config(folder).get("add_prefix_space", False))
        return pieces, _byte_level(read_json_object(pieces), _lines(merges), prefix)
    return None


def _wordpiece(lines: list[str], file: Path, config: dict[str, Any]) -> dict[str, Any]:
    vocabulary: dict[str, int] = {}
    for number, line in enumerate(lines):
        if line in vocabulary:
            raise InputError(f"{file} has the token {line[:40]!r} twice (line {number + 1})")
        vocabulary[line] = number
    for token in ("[UNK]", "[CLS]", "[SEP]"):
        if token not in vocabulary:
            raise InputError(f"{file} has no {token}: it is no vocabulary of WordPiece")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added(vocabulary, _BERT_SPECIAL),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": bool(config.get("tokenize_chinese_chars", True)),
            "strip_accents": config.get("strip_accents"),
            "lowercase": bool(config.get("do_lower_case", True)),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "BertProcessing",
            "sep": ["[SEP]", vocabulary["[SEP]"]],
            "cls": ["[CLS]", vocabulary["[CLS]"]],
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    }


def _byte_level(
    vocabulary: dict[str, Any], merges: list[str], add_prefix_space: bool
) -> dict[str, Any]:
    byte_level = {"type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added(vocabulary, _GPT2_SPECIAL),
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": _byte_level_processor(vocabulary, byte_level),
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "vocab": vocabulary,
            "merges": [
                pair
                for pair in (line.split(" ") for line in merges if not line.startswith("#version"))
                if len(pair) == 2
            ],
        },
    }


def _byte_level_processor(vocabulary: dict[str, Any], byte_level: dict[str, Any]) -> dict[str, Any]:
    if all(name in vocabulary for name in ("<s>", "</s>", "<mask>")):  # RoBERTa
        return byte_level | {
            "type": "RobertaProcessing",
            "sep": ["</s>", vocabulary["</s>"]],
            "cls": ["<s>", vocabulary["<s>"]],
        }
    return byte_level | {"trim_offsets": False}


def _added(vocabulary: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": vocabulary[name],
            "content": name,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for name in names
        if name in vocabulary
    ]


def _tokenizer_config(folder: Path) -> dict[str, Any]:
    file = folder / "tokenizer_config.json"
    return read_json_object(file) if file.exists() else {}


def _lines(file: Path) -> list[str]:
    """The lines of a UTF-8 file, without the empty one at its end."""
    try:
        if file.stat().st_size > LARGEST_JSON:
            raise InputError(f"{file} is larger than {LARGEST_JSON:,} bytes")
        # Tokens may be any character but a line feed: other separators do not end a line.
        lines = file.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8: {error}") from error
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]
