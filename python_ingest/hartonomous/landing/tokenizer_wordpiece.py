"""WordPiece: from a tokenizer.json to what its SQL needs."""

from __future__ import annotations

import functools
import json
import unicodedata
from typing import Any

from tokenizers import normalizers

from .tokenizer_characters import ITSELF, Character, Row, rewritten, rows
from .tokenizer_definition import (
    Part,
    Rules,
    Unsupported,
    flattened,
    part,
    part_type,
)
from .tokenizer_library import (
    Normalize,
    component,
    each_normalized,
    nonstarters,
    normalizer_of,
    pages,
)
from .tokenizer_ranges import class_body

_PRE_TOKENIZERS = {"BertPreTokenizer", "WhitespaceSplit", "Punctuation", "Digits"}


def wordpiece_rules(definition: Part, vocabulary: dict[str, int]) -> Rules:
    """The rules of a WordPiece tokenizer.

    Raises:
        Unsupported: it does something that the SQL cannot do.
    """
    model = part(definition, "model") or {}
    unknown = model.get("unk_token", "[UNK]")
    if unknown not in vocabulary:
        raise Unsupported(f"its unknown token {str(unknown)[:40]!r} is not in its vocabulary")
    longest = model.get("max_input_chars_per_word", 100)
    prefix = model.get("continuing_subword_prefix", "##")
    if not isinstance(prefix, str) or type(longest) is not int or longest < 0:
        raise Unsupported("its model has settings that are no text and no number")
    steps = _steps(flattened(part(definition, "normalizer"), "normalizers"))
    splits = flattened(part(definition, "pre_tokenizer"), "pretokenizers")
    _check_splits(splits)
    characters, kept = _characters(json.dumps(steps), json.dumps(splits))
    settings = {
        "unknown_id": vocabulary[unknown],
        "continuing_prefix": prefix,
        "longest_word": longest,
        "longest_piece": max(map(len, vocabulary)),
        "kept_marks": kept,
        **_ascii(characters),
    }
    return Rules("wordpiece", settings, characters=characters, normalize=normalizer_of(steps))


def _steps(definitions: list[Part]) -> list[Part]:
    """The normalizers in order, each doing one thing, so that decomposing can be told apart."""
    steps: list[Part] = []
    for definition in definitions:
        kind = part_type(definition)
        if kind == "BertNormalizer":
            lowercase = bool(definition.get("lowercase", True))
            strip = definition.get("strip_accents")
            steps.append(
                {
                    "type": "BertNormalizer",
                    "clean_text": bool(definition.get("clean_text", True)),
                    "handle_chinese_chars": bool(definition.get("handle_chinese_chars", True)),
                    "strip_accents": False,
                    "lowercase": False,
                }
            )
            if lowercase if strip is None else strip:
                steps.append({"type": "NFD"})
                steps.append(_bert(strip_accents=True))
            if lowercase:
                steps.append(_bert(lowercase=True))
        elif kind in {"NFD", "Lowercase", "StripAccents"}:
            steps.append(definition)
        else:
            raise Unsupported(f"its normalizer {kind}")
    if sum(step["type"] == "NFD" for step in steps) > 1:
        raise Unsupported("a normalizer that decomposes twice")
    return steps


def _bert(strip_accents: bool = False, lowercase: bool = False) -> Part:
    """BertNormalizer doing one thing. Stripping decomposes first, which has been done before."""
    return {
        "type": "BertNormalizer",
        "clean_text": False,
        "handle_chinese_chars": False,
        "strip_accents": strip_accents,
        "lowercase": lowercase,
    }


def _check_splits(splits: list[Part]) -> None:
    """Refuse pre-tokenizers that read more than one character at a time."""
    if not splits:
        raise Unsupported("WordPiece without a pre_tokenizer")
    for split in splits:
        kind = part_type(split)
        if kind not in _PRE_TOKENIZERS:
            raise Unsupported(f"its pre_tokenizer {kind}")
        if kind == "Punctuation" and str(split.get("behavior", "Isolated")).lower() != "isolated":
            raise Unsupported(f"its pre_tokenizer Punctuation, {split.get('behavior')}")
        if kind == "Digits" and not split.get("individual_digits", False):
            raise Unsupported("its pre_tokenizer Digits, contiguous")
    if all(part_type(split) in {"Punctuation", "Digits"} for split in splits):
        raise Unsupported("a pre_tokenizer that does not cut at white space")


@functools.lru_cache(maxsize=8)
def _characters(steps_json: str, splits_json: str) -> tuple[list[Row], str]:
    """Rows of code points, and the class of the marks that stay and have to be put in order."""
    steps, splits = json.loads(steps_json), json.loads(splits_json)
    cutter: Any = component("pre_tokenizer", {"type": "Sequence", "pretokenizers": splits})
    normalize = normalizer_of(steps)
    found, alike = rewritten(normalize, lambda text: [p for p, _ in cutter.pre_tokenize_str(text)])
    _check_stable(found)
    kept: set[str] = set()
    places = [at for at, step in enumerate(steps) if step["type"] == "NFD"]
    if places:
        kept = _order_marks(found, normalizer_of(steps[: places[0]]), normalize)
    return sorted(rows(found) + alike), class_body(map(ord, kept))


def _check_stable(found: dict[int, Character]) -> None:
    """Refuse a normalizer that would do more to what it has made: in SQL a character is replaced
    wherever it stands, also where another one became it."""
    made = set("".join(said.normalized or "" for said in found.values())) - {" ", *ITSELF}
    for character in made:
        again = found.get(ord(character), Character()).normalized
        if again is not None and again.strip(" ") != ITSELF:
            raise Unsupported(f"a normalizer that is not done with {character!r} after one time")


def _order_marks(found: dict[int, Character], before: Normalize, normalize: Normalize) -> set[str]:
    """Say which code points matter to the canonical order; returns the marks that stay.

    Decomposing puts the marks after a letter into canonical order. That is seen only of marks
    that are not removed afterwards. A removed character that is no mark keeps those on its two
    sides apart; removed marks, and what was removed before, do not.
    """
    decompose = normalizers.NFD().normalize_str
    marks = nonstarters(c for page in pages() for c in page if unicodedata.combining(c))
    stays = {mark: part for mark in marks for part in normalize(mark)}
    if not stays.keys() >= set(stays.values()):
        raise Unsupported("a normalizer that turns marks into something else")
    if not stays:
        return set()
    gone = "".join(chr(point) for point, said in found.items() if said.pretokenized == "")
    for character, there in zip(gone, each_normalized(before, gone), strict=True):
        if any(part not in marks for part in decompose(there)):
            found[ord(character)] = Character("", "", 0)
    for codepoint, said in [*found.items(), *((ord(mark), Character()) for mark in stays)]:
        becomes = chr(codepoint) if said.pretokenized is None else said.pretokenized
        if becomes and all(part in stays for part in becomes):
            found[codepoint] = said._replace(combining_class=marks[becomes[0]])
    return set(stays)


def _ascii(characters: list[Row]) -> Part:
    """How usual ASCII becomes words without a look into the rows.

    `usual` is the class of those characters that stay one character; each of `mapped_from` becomes
    the character at its place in `mapped_to`, and spaces go around the class `isolated`.
    """
    said = {
        codepoint: Character(*row[2:])
        for row in characters
        if row[0] < 128
        for codepoint in range(row[0], row[1] + 1)
    }
    usual, isolated, mapped = [], [], {}
    for codepoint in range(128):
        text = said.get(codepoint, Character()).pretokenized
        if text is None or text == f" {ITSELF} " or len(text) == 1:
            usual.append(codepoint)
        if text == f" {ITSELF} ":
            isolated.append(codepoint)
        elif text is not None and len(text) == 1:
            mapped[codepoint] = text
    return {
        "usual": class_body(usual),
        "isolated": class_body(isolated),
        "mapped_from": list(mapped),
        "mapped_to": "".join(mapped.values()),
    }
