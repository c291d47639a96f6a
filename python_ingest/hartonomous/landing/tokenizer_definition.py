"""Reading a tokenizer.json, which anyone may have written, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .tokenizer_characters import Row

Part = dict[str, Any]


class Unsupported(Exception):
    """A tokenizer that SQL does not run; the message names what it does not run.

    It is landed all the same, and refused when somebody wants to tokenize with it.
    """


@dataclass(frozen=True)
class Rules:
    """What the SQL of a tokenizer needs; content of the landing tables `tokenizer_*`."""

    algorithm: str
    """wordpiece, byte_level_bpe, or unsupported."""

    settings: Part = field(default_factory=dict)
    refusal: str | None = None
    characters: list[Row] = field(default_factory=list)
    merges: list[tuple[int, int, int, int, bool, bool]] = field(default_factory=list)
    """(rank, left_id, right_id, merged_id, makes_word, is_early) of byte-level BPE."""

    added_tokens: list[Part] = field(default_factory=list)
    normalize: Callable[[str], str] = field(default=lambda text: text, repr=False)
    """The normalizer, for the added tokens that are looked for in normalized text."""


def part(definition: Part, name: str) -> Part | None:
    """A part of a definition that is an object or missing.

    Raises:
        Unsupported: it is something else.
    """
    value = definition.get(name)
    if value is not None and not isinstance(value, dict):
        raise Unsupported(f"its {name}, which is no object")
    return value


def part_type(definition: Part) -> str:
    """The type of a normalizer, pre-tokenizer, post-processor or decoder."""
    return str(definition.get("type"))[:60]


def flattened(definition: Part | None, members: str) -> list[Part]:
    """A part and, where it is a Sequence, what it consists of, in order.

    Raises:
        Unsupported: a Sequence without members, or too deep in one another.
    """
    return _flattened(definition, members, 8)


def _flattened(definition: Part | None, members: str, depth: int) -> list[Part]:
    if definition is None:
        return []
    if part_type(definition) != "Sequence":
        return [definition]
    inner = definition.get(members)
    if not isinstance(inner, list) or not all(isinstance(m, dict) for m in inner) or not depth:
        raise Unsupported(f"a Sequence whose {members} are no list of objects")
    return [step for member in inner for step in _flattened(member, members, depth - 1)]
