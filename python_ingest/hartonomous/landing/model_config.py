"""What a model's JSON files say: the ``config`` column, and the numbers of the catalog.

The column holds one JSON object. Each key stands only where its file does:

- ``config``: config.json
- ``generation_config``, ``tokenizer_config``, ``special_tokens_map``: the files of those names
- ``sentence_transformers``: ``modules`` (modules.json), ``sentence_bert_config`` (holds
  max_seq_length), ``config_sentence_transformers`` (prompts, similarity), and ``pooling``
  (config.json of the module of type Pooling). A module of type Normalize in ``modules`` means that
  embeddings have unit length.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError
from ..families import Family
from ..readers.json_file import read_json, read_json_object
from .model_source import ModelSource

_LARGEST_CONFIG = 8 << 20
_BESIDE_CONFIG = ("generation_config", "tokenizer_config", "special_tokens_map")


def read_settings(source: ModelSource) -> dict[str, Any]:
    """The object of the ``config`` column.

    Raises:
        InputError: config.json is missing (a .onnx file does without), or a file is broken.
    """
    settings: dict[str, Any] = {}
    config = source.folder / "config.json"
    if config.exists():
        settings["config"] = read_json_object(config, _LARGEST_CONFIG)
    elif source.format == "safetensors":
        raise InputError(
            f"{config} is not there: a model's folder needs its config.json, which says what its "
            "tensors are"
        )
    for name in _BESIDE_CONFIG:
        file = source.folder / f"{name}.json"
        if file.exists():
            settings[name] = read_json_object(file, _LARGEST_CONFIG)
    sentences = _sentence_transformers(source)
    if sentences:
        settings["sentence_transformers"] = sentences
    return settings


def settings_files(source: ModelSource) -> list[Path]:
    """The files that :func:`read_settings` reads, as far as they are there."""
    files = [source.folder / "config.json"]
    files += [source.folder / f"{name}.json" for name in _BESIDE_CONFIG]
    files += [file for _, file in _sentence_files(source)]
    return [file for file in files if file.exists()]


def _sentence_files(source: ModelSource) -> list[tuple[str, Path]]:
    files = [("modules", source.root / "modules.json")]
    for name in ("sentence_bert_config", "config_sentence_transformers"):
        inner = source.folder / f"{name}.json"
        files.append((name, inner if inner.exists() else source.root / f"{name}.json"))
    for kind, folder in source.modules:
        if kind == "Pooling":
            files.append(("pooling", folder / "config.json"))
    return files


def _sentence_transformers(source: ModelSource) -> dict[str, Any]:
    return {
        name: read_json(file, _LARGEST_CONFIG)
        for name, file in _sentence_files(source)
        if file.exists()
    }


def architecture_of(config: dict[str, Any]) -> str:
    """The first of ``architectures``, else ``model_type``, else 'unknown'."""
    named = config.get("architectures")
    first = named[0] if isinstance(named, list) and named else config.get("model_type")
    return first[:200] if isinstance(first, str) and first else "unknown"


def catalog_fields(family: Family, config: dict[str, Any], where: str) -> dict[str, int | None]:
    """layers, hidden_size, attention_heads, key_value_heads, head_size and vocabulary_size.

    What the config leaves out follows from the rest where the reference implementations say so:
    as many key-value heads as heads, and a head's size is hidden size / heads.

    Raises:
        InputError: one of them is no whole number of 1 or more.
    """
    fields: dict[str, int | None] = dict.fromkeys(
        (
            "layers",
            "hidden_size",
            "attention_heads",
            "key_value_heads",
            "head_size",
            "vocabulary_size",
        )
    )
    for column, value in family.fields(config).items():
        if value is None:
            continue
        if type(value) is not int or not 0 < value < 2**31:
            if family.name == "other":  # another meaning of the word: not ours to judge
                continue
            raise InputError(
                f"{where}: {' or '.join(family.keys[column])} is {str(value)[:40]!r}, where a "
                "whole number of 1 or more belongs"
            )
        fields[column] = value
    heads, hidden = fields["attention_heads"], fields["hidden_size"]
    if family.name != "other":
        fields["key_value_heads"] = fields["key_value_heads"] or heads
        if heads and hidden and fields["head_size"] is None:
            if hidden % heads:
                raise InputError(
                    f"{where}: a hidden size of {hidden} is not a multiple of {heads} heads"
                )
            fields["head_size"] = hidden // heads
    return fields
