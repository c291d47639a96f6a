"""The rules of a tokenizer: everything its SQL needs, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from ..readers.json_file import canonical_json
from .schema import TABLES
from .tokenizer_byte_level import byte_level_rules
from .tokenizer_definition import Part, Rules, Unsupported, part
from .tokenizer_library import word_characters
from .tokenizer_ranges import ranges
from .tokenizer_template import added_tokens, decoder, template, truncation
from .tokenizer_wordpiece import wordpiece_rules

_BATCH = 16_384


def read_rules(definition: Part, kind: str) -> Rules:
    """The rules of a tokenizer whose vocabulary has been checked.

    Args:
        definition: a tokenizer.json.
        kind: wordpiece, bpe, unigram or wordlevel.

    Returns:
        Rules; of algorithm `unsupported`, with the reason, where SQL does not run the tokenizer.
    """
    try:
        return _rules(definition, kind)
    except Unsupported as refusal:
        return Rules("unsupported", refusal=str(refusal))
    except ValueError as error:  # the library does not read what it has written
        return Rules("unsupported", refusal=f"what the tokenizers library does not read: {error}")


def _rules(definition: Part, kind: str) -> Rules:
    makers = {"wordpiece": wordpiece_rules, "bpe": byte_level_rules}
    if kind not in makers:
        raise Unsupported(f"its model of type {kind}")
    vocabulary = (part(definition, "model") or {}).get("vocab")
    if not isinstance(vocabulary, dict):
        raise Unsupported("a vocabulary that is no object")
    rules = makers[kind](definition, vocabulary)
    before, after = template(definition)
    added = added_tokens(definition, vocabulary, rules.normalize)
    settings: dict[str, Any] = {
        "before": before,
        "after": after,
        "max_tokens": truncation(definition),
        **decoder(definition),
        **rules.settings,
    }
    if any(token["is_single_word"] for token in added):
        settings["word_characters"] = ranges(map(ord, word_characters()))
    return replace(rules, settings=settings, added_tokens=added)


def rule_batches(tokenizer_id: str, rules: Rules) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(landing table, rows) of a tokenizer's rules."""
    settings = canonical_json(rules.settings)
    yield from _batches(
        "tokenizer_rules", tokenizer_id, [(rules.algorithm, rules.refusal, settings)]
    )
    yield from _batches("tokenizer_characters", tokenizer_id, rules.characters)
    yield from _batches("tokenizer_merges", tokenizer_id, rules.merges)
    rows = [(ordinal, *token.values()) for ordinal, token in enumerate(rules.added_tokens)]
    yield from _batches("tokenizer_added_tokens", tokenizer_id, rows)


def _batches(
    table: str, tokenizer_id: str, rows: list[tuple[Any, ...]]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    schema = TABLES[table].arrow_schema
    for start in range(0, len(rows), _BATCH):
        chunk = rows[start : start + _BATCH]
        columns = [[tokenizer_id] * len(chunk), *map(list, zip(*chunk, strict=True))]
        yield table, pa.record_batch(columns, schema=schema)
