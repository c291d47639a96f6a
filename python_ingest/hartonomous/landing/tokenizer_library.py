"""What the reference library (`tokenizers`) does to a single character, asked of it directly.

Its normalizers and pre-tokenizers carry Unicode tables of several versions. Asking it for every
code point when a model is landed makes the tables of the database agree with it by construction.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from .tokenizer_ranges import PAGE

Normalize = Callable[[str], str]

# Between characters that are normalized in one call: a letter that nothing composes with, that is
# its own lower case and that no normalizer touches.
_BETWEEN = "\ua66e"
_ASSIGNED_PLANES = (0, 1, 2, 3, 14)
_OTHER_PLANES = (*range(4, 14), 15, 16)


def component(name: str, definition: object) -> object:
    """The normalizer or pre-tokenizer (`name`) that a part of a tokenizer.json defines.

    Raises:
        ValueError: the library does not read it.
    """
    text = json.dumps(
        {"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}, name: definition}
    )
    try:
        return getattr(Tokenizer.from_str(text), name)
    except Exception as error:  # the library raises plain Exception
        raise ValueError(str(error)) from error


def normalizer_of(definitions: list[object]) -> Normalize:
    """What normalizers do one after the other; nothing where there is none."""
    if not definitions:
        return lambda text: text
    sequence = {"type": "Sequence", "normalizers": definitions}
    return component("normalizer", sequence).normalize_str  # type: ignore[attr-defined]


def pages() -> Iterator[str]:
    """The characters of every page of the planes that Unicode assigns characters in."""
    for plane in _ASSIGNED_PLANES:
        for first in range(plane << 16, (plane + 1) << 16, PAGE):
            if not 0xD800 <= first <= 0xDFFF:
                yield "".join(map(chr, range(first, first + PAGE)))


def empty_planes() -> Iterator[tuple[range, str]]:
    """The planes without characters (unassigned, private use), each with a sample of it.

    Tables of Unicode treat such a plane alike: the first, the last and every 251st code point
    stand for all of it.
    """
    for plane in _OTHER_PLANES:
        all_of_it = range(plane << 16, (plane + 1) << 16)
        yield all_of_it, "".join(map(chr, {*all_of_it[::251], all_of_it[-1]}))


def each_normalized(normalize: Normalize, characters: str) -> list[str]:
    """What each character becomes when it stands alone."""
    whole = normalize(characters)
    if whole == characters:
        return list(characters)
    if not whole:
        return [""] * len(characters)
    parts = normalize(_BETWEEN.join(characters)).split(_BETWEEN)
    if len(parts) == len(characters):
        return parts
    return [normalize(character) for character in characters]


def nonstarters(characters: Iterable[str]) -> dict[str, int]:
    """Canonical combining class of those characters that the library's normalizer moves.

    The class of an assigned character never changes; whether the library knows it is asked of it:
    a mark is moved by a mark of another class beside it.
    """
    candidates = [c for c in set(characters) if unicodedata.combining(c)]
    decompose = normalizers.NFD().normalize_str
    # U+0334 has the lowest class, 1, and U+0345 the highest, 240.
    before = decompose(_BETWEEN.join(f"{c}\u0334" for c in candidates)).split(_BETWEEN)
    after = decompose(_BETWEEN.join(f"\u0345{c}" for c in candidates)).split(_BETWEEN)
    return {
        c: unicodedata.combining(c)
        for c, first, second in zip(candidates, before, after, strict=True)
        if first[:1] == "\u0334" or second[-1:] == "\u0345"
    }


@functools.cache
def decompositions() -> dict[str, str]:
    """Canonical decomposition (NFD) of every character that has one."""
    decompose = normalizers.NFD().normalize_str
    found = {}
    for page in pages():
        for character, parts in zip(page, each_normalized(decompose, page), strict=True):
            if parts != character:
                found[character] = parts
    return found


@functools.cache
def word_characters() -> str:
    """Every character that the library takes for one of a word when it looks for an added token of
    a single word: its pre-tokenizer Whitespace cuts by the same class."""
    split = pre_tokenizers.Whitespace().pre_tokenize_str
    return "".join(piece for piece, _ in split("".join(pages())) if len(split("a" + piece[0])) == 1)


@functools.cache
def spells_normalized() -> bool:
    """Whether the library spells an added token that is normalized as its normalizer does (0.23
    does), and not as it was added."""
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.add_tokens([AddedToken("B", normalized=True)])
    return tokenizer.decode([1]) == "b"
