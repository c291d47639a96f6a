"""Byte-level BPE: from a tokenizer.json to what its SQL needs."""

from __future__ import annotations

import functools
import unicodedata

from tokenizers import models, normalizers

from .tokenizer_characters import Character, Row, rows
from .tokenizer_definition import Part, Rules, Unsupported, flattened, part, part_type
from .tokenizer_library import decompositions, each_normalized, nonstarters, normalizer_of, pages
from .tokenizer_patterns import Pattern, character_classes, known_pattern
from .tokenizer_ranges import class_body

LARGEST_TOKEN_ID = 1_111_000
"""While words are merged a token is one character of a text, and there are no more of them."""


def byte_level_rules(definition: Part, vocabulary: dict[str, int]) -> Rules:
    """The rules of a byte-level BPE tokenizer.

    Raises:
        Unsupported: it does something that the SQL cannot do.
    """
    model = part(definition, "model") or {}
    if model.get("dropout"):
        raise Unsupported("BPE with dropout")
    for name in ("continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(name):
            raise Unsupported(f"BPE with a {name}")
    normalizers_ = flattened(part(definition, "normalizer"), "normalizers")
    kinds = [part_type(normalizer) for normalizer in normalizers_]
    if set(kinds) & {"Prepend", "Replace"}:
        raise Unsupported(
            f"its normalizer {', '.join(kinds)}"
            " (SentencePiece-style BPE, as in Llama 2 and Mistral)"
        )
    if kinds not in ([], ["NFC"]):
        raise Unsupported(f"its normalizer {', '.join(kinds)}")
    splits = flattened(part(definition, "pre_tokenizer"), "pretokenizers")
    pattern, digits, prefix = known_pattern(splits)
    _check_vocabulary(vocabulary)
    merges = _merges(model.get("merges"), vocabulary)
    merged = {merge[3] for merge in merges}
    lengths = [len(token) for token, identity in vocabulary.items() if identity in merged]
    characters, barriers = _characters(pattern, digits, bool(kinds))
    settings = {
        "split": pattern.name,
        "pattern": pattern.words,
        "early_end": pattern.early_end,
        "add_prefix_space": prefix,
        "composes": bool(kinds),
        "barriers": barriers,
        "ignore_merges": bool(model.get("ignore_merges", False)),
        "has_early_merges": any(is_early for *_, is_early in merges),
        "longest_piece": max(lengths, default=1),
    }
    return Rules(
        "byte_level_bpe",
        settings,
        characters=characters,
        merges=merges,
        normalize=normalizer_of(normalizers_),
    )


def byte_characters() -> list[str]:
    """The character that stands for each byte in the vocabulary (GPT-2, bytes_to_unicode)."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = (byte for byte in range(256) if byte not in plain)
    shifted = {byte: 256 + at for at, byte in enumerate(others)}
    return [chr(shifted.get(byte, byte)) for byte in range(256)]


def _check_vocabulary(vocabulary: dict[str, int]) -> None:
    never = {0xC0, 0xC1, *range(0xF5, 0x100)}  # bytes that are in no UTF-8
    lacking = sum(
        character not in vocabulary
        for byte, character in enumerate(byte_characters())
        if byte not in never
    )
    if lacking:
        raise Unsupported(f"a byte-level BPE whose vocabulary lacks {lacking} of the bytes")
    if max(vocabulary.values()) > LARGEST_TOKEN_ID:
        raise Unsupported(f"token ids above {LARGEST_TOKEN_ID:,}")


def _merges(
    merges: object, vocabulary: dict[str, int]
) -> list[tuple[int, int, int, int, bool, bool]]:
    """(rank, left_id, right_id, merged_id, makes_word, is_early) by rank.

    The merge of the lowest rank goes first. It `makes_word` when a word of the merged token's text
    becomes that token, as the reference says. It `is_early` when one of its parts can be made by a
    merge that ranks after it: then making that part calls for going back.
    """
    if not isinstance(merges, list) or len(merges) > LARGEST_TOKEN_ID:
        raise Unsupported("BPE whose merges are no list, or too many")
    ranked: dict[tuple[str, str], int] = {}
    for rank, merge in enumerate(merges):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if (
            not isinstance(pair, list)
            or len(pair) != 2
            or not all(isinstance(part, str) for part in pair)
            or not {*pair, "".join(pair)} <= vocabulary.keys()
        ):
            raise Unsupported(
                f"its merge {str(merge)[:60]!r}, whose tokens are not in the vocabulary"
            )
        ranked[pair[0], pair[1]] = rank
    made: dict[str, int] = {}
    for (left, right), rank in ranked.items():
        made[left + right] = max(rank, made.get(left + right, -1))
    model = models.BPE(vocab=vocabulary, merges=sorted(ranked, key=lambda pair: ranked[pair]))
    whole = {token: len(model.tokenize(token)) == 1 for token in made}
    return sorted(
        (
            rank,
            vocabulary[left],
            vocabulary[right],
            vocabulary[left + right],
            whole[left + right],
            max(made.get(left, -1), made.get(right, -1)) > rank,
        )
        for (left, right), rank in ranked.items()
    )


@functools.lru_cache(maxsize=8)
def _characters(pattern: Pattern, digits: bool, composes: bool) -> tuple[list[Row], str]:
    """Rows of code points; and the class of those that the reference's NFC leaves alone while that
    of a newer Unicode may not."""
    found = character_classes(pattern, digits)
    if not composes:
        return rows(found), ""
    parts = decompositions()
    compose = normalizers.NFC().normalize_str
    with_parts = "".join(parts)
    touched = {*parts, *"".join(parts.values())}
    for character, composed in zip(with_parts, each_normalized(compose, with_parts), strict=True):
        codepoint, whole = ord(character), parts[character]
        pair = None
        if composed == character and len(whole) > 1:
            pair = compose(whole[:-1]) + whole[-1]
            if len(pair) != 2 or compose(pair) != character:
                raise Unsupported(f"the composition of U+{codepoint:04X}")
            touched.update(pair)
        said = found.get(codepoint, Character())
        found[codepoint] = said._replace(normalized=whole, composed_from=pair)
    marks = nonstarters(c for page in pages() for c in page if unicodedata.combining(c))
    for mark, combining_class in marks.items():
        said = found.get(ord(mark), Character())
        found[ord(mark)] = said._replace(combining_class=combining_class)
    return rows(found), class_body(_barriers(touched | marks.keys()))


def _barriers(touched: set[str]) -> set[int]:
    """Code points that a newer Unicode moves or composes and the reference does not; and NUL, which
    ends the text for DuckDB's nfc_normalize."""
    newer = {
        member
        for page in pages()
        for character in page
        if unicodedata.combining(character)
        or unicodedata.decomposition(character)[:1] not in ("", "<")
        for member in (character, *unicodedata.normalize("NFD", character))
    }
    return {0, *(ord(character) for character in newer - touched)}
