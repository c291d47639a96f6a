"""A model's tokenizer as rows: its definition as JSON, its vocabulary, and the rules of its SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import InputError
from ..readers.json_file import canonical_json, read_json_object
from .schema import TABLES
from .sink import Sink
from .tokenizer_rules import read_rules, rule_batches
from .vocabulary_files import from_vocabulary_files

_KINDS = {"WordPiece": "wordpiece", "BPE": "bpe", "Unigram": "unigram", "WordLevel": "wordlevel"}
_BATCH = 16_384


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer ready to be landed.

    ``tokenizer_id`` is the SHA-256 of ``definition``, the canonical JSON of a tokenizer.json;
    ``tokens`` maps token id to (token as the tokenizer stores it, whether it is special).
    """

    tokenizer_id: str
    kind: str
    definition: str
    tokens: dict[int, tuple[str, bool]]
    file: Path


def read_tokenizer(folder: Path) -> Tokenizer | None:
    """The tokenizer of a folder; None where there is none that can be landed.

    tokenizer.json is read as it is. vocab.txt (WordPiece), and vocab.json with merges.txt
    (byte-level BPE) become the tokenizer.json that transformers would make of them.

    Raises:
        InputError: a file is broken.
    """
    file = folder / "tokenizer.json"
    if file.exists():
        definition = read_json_object(file)
    else:
        made = from_vocabulary_files(folder)
        if made is None:
            return None
        file, definition = made
    kind, tokens = _vocabulary(definition, file)
    text = canonical_json(definition)
    try:
        identity = hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:  # half of a surrogate pair, written as an escape
        raise InputError(f"{file} holds text that is not valid Unicode: {error}") from error
    return Tokenizer(identity, kind, text, tokens, file)


def land_tokenizer(sink: Sink, tokenizer: Tokenizer) -> None:
    """Land a tokenizer with tokens and rules, unless it is there; in the caller's transaction."""
    found = sink.query(
        "SELECT COUNT(*) FROM raw.tokenizers WHERE tokenizer_id = ?", [tokenizer.tokenizer_id]
    )
    if found[0][0]:
        return
    schema = TABLES["tokenizers"].arrow_schema
    row = [[tokenizer.tokenizer_id], [tokenizer.kind], [tokenizer.definition]]
    sink.insert("tokenizers", [pa.record_batch(row, schema=schema)])
    sink.insert("tokens", _token_batches(tokenizer))
    rules = read_rules(json.loads(tokenizer.definition), tokenizer.kind)
    for table, batch in rule_batches(tokenizer.tokenizer_id, rules):
        sink.insert(table, [batch])


def _token_batches(tokenizer: Tokenizer) -> Iterator[pa.RecordBatch]:
    schema = TABLES["tokens"].arrow_schema
    ids = sorted(tokenizer.tokens)
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        texts, special = zip(*(tokenizer.tokens[token] for token in chunk), strict=True)
        columns = [[tokenizer.tokenizer_id] * len(chunk), chunk, texts, special]
        yield pa.record_batch(columns, schema=schema)


def _vocabulary(definition: dict[str, Any], file: Path) -> tuple[str, dict[int, tuple[str, bool]]]:
    model = definition.get("model")
    if not isinstance(model, dict):
        raise InputError(f"{file} has no object 'model': it is no tokenizer.json")
    kind = _KINDS.get(str(model.get("type") or _guess(model)))
    if kind is None:
        raise InputError(
            f"{file}: a tokenizer of type {str(model.get('type'))[:40]!r} is not known; "
            f"{', '.join(_KINDS)} are"
        )
    vocabulary = model.get("vocab")
    if isinstance(vocabulary, dict):
        pairs = [(identity, token) for token, identity in vocabulary.items()]
    elif isinstance(vocabulary, list) and all(
        isinstance(entry, list) and len(entry) == 2 for entry in vocabulary
    ):
        pairs = [(identity, entry[0]) for identity, entry in enumerate(vocabulary)]
    else:
        raise InputError(f"{file}: its model has no 'vocab' of tokens")
    tokens: dict[int, tuple[str, bool]] = {}
    for identity, token in pairs:
        _check_token(identity, token, file)
        if identity in tokens:
            raise InputError(f"{file} gives the id {identity} to two tokens")
        tokens[identity] = (token, False)
    added = definition.get("added_tokens") or []
    if not isinstance(added, list):
        raise InputError(f"{file}: 'added_tokens' is not a list")
    for entry in added:
        if not isinstance(entry, dict):
            raise InputError(f"{file}: 'added_tokens' holds something that is not an object")
        identity, token = entry.get("id"), entry.get("content")
        _check_token(identity, token, file)
        tokens[identity] = (token, bool(entry.get("special")))
    if not tokens:
        raise InputError(f"{file} has an empty vocabulary")
    return kind, tokens


def _guess(model: dict[str, Any]) -> str | None:
    """The type of a model in a file of the time before types were written."""
    if "merges" in model:
        return "BPE"
    if isinstance(model.get("vocab"), list):
        return "Unigram"
    return "WordPiece" if "continuing_subword_prefix" in model else "WordLevel"


def _check_token(identity: object, token: object, file: Path) -> None:
    if type(identity) is not int or not 0 <= identity < 2**31:
        raise InputError(f"{file}: {str(identity)[:40]!r} is no token id (of {str(token)[:40]!r})")
    if not isinstance(token, str):
        raise InputError(f"{file}: the token of id {identity} is no text")
