"""Texts that tokenizers disagree about, from a seed, and the same as hypothesis strategies."""

from __future__ import annotations

import itertools
import random
import unicodedata
from functools import cache

from hypothesis import strategies as st
from tokenizer_zoo import real_texts

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz", "ABCXYZ", "0123456789²½Ⅷ٣", "éàüñçßøåœ", "абвгдежзий", "αβγδεζ",
    "漢字仮名交文", "ひらがなカタカナ", "한국어조선말", "مرحبا", "שלום", "नमस्ते", "ไทยสวัสดี",
    "😀🎉👍🏽👨‍👩‍👧🇩🇪", "!?.,;:'\"-_()[]{}<>|@#$%^&*~`+=/\\", "ſıİKÅΩ", "각가",
    "\0\x01\x07\x1b\x7f\xad\ufeff\ufffd\uffff\U0010ffff·",
]  # fmt: skip
"""Scripts, digits, emoji, punctuation, letters that change with their case, control characters."""

WHITE = [chr(n) for n in (9, 10, 11, 12, 13, 28, 31, 32, 32, 32, 0x85, 0xA0, 0x1680, 0x2003)]
WHITE += [chr(n) for n in (0x2028, 0x200B, 0x3000, 0x180E)]

CLITICS = ["'s", "'S", "'ſ", "'t", "'re", "'LL", "'ll", "'d", "n't", "don't", "DON'T", "'VE"]


@cache
def marks() -> list[str]:
    return [chr(n) for n in range(0x110000) if unicodedata.combining(chr(n))]


@cache
def words() -> list[str]:
    return " ".join(real_texts()).split()


def _character(draw: random.Random) -> str:
    number = draw.randrange(0x110000 - 0x800)
    return chr(number if number < 0xD800 else number + 0x800)


def _piece(draw: random.Random, special: list[str]) -> str:
    kind = draw.random()
    if kind < 0.20:
        return draw.choice(words())
    if kind < 0.42:
        return "".join(draw.choices(draw.choice(ALPHABETS), k=draw.randint(1, 6)))
    if kind < 0.55:
        return "".join(draw.choices(WHITE, k=draw.choice((1, 1, 1, 2, 2, 3, 5))))
    if kind < 0.62:
        return "".join(_character(draw) for _ in range(draw.randint(1, 4)))
    if kind < 0.68:
        return draw.choice(words())[:1] + "".join(draw.choices(marks(), k=draw.randint(1, 4)))
    if kind < 0.74:
        return draw.choice(CLITICS)
    if kind < 0.80 and special:
        return "".join(draw.choices(special, k=draw.choice((1, 1, 1, 2))))
    if kind < 0.82 and special:
        token = draw.choice(special)
        return token[: draw.randint(0, len(token))]
    if kind < 0.84:
        return draw.choice("ab=- ") * draw.randint(1, 60)
    if kind < 0.85:
        return "".join(draw.choices("abcdefghij", k=draw.randint(50, 300)))
    return " "


def texts(count: int, seed: int, special: list[str]) -> list[str]:
    """Texts of up to 13 pieces; `special` are the added tokens, which stand in some of them."""
    draw = random.Random(seed)
    return [
        "".join(_piece(draw, special) for _ in range(draw.choice((0, 1, 2, 3, 5, 8, 13))))
        for _ in range(count)
    ]


BASES = ["a", "o", "S", "ſ", "Å", "ᄀ", "가", "각", "क", "ো", "α", "\u0344", "漢"]
MARKS = ["\u0301", "\u0323", "\u0307", "\u0327", "\u0345", "\u0334", "\u093c", "ᅡ", "ᆨ", "\u09be"]
"""Marks of several classes, some that compose with the bases, and parts of Hangul syllables."""


def marked_texts() -> list[str]:
    """Every base with every two marks and, of these, every third order of three."""
    texts = []
    for base in BASES:
        pairs = itertools.product(MARKS, repeat=2)
        threes = itertools.islice(itertools.product(MARKS, repeat=3), 0, None, 3)
        texts += [" ".join(base + "".join(marks) for marks in found) for found in (pairs, threes)]
    return texts


def id_lists(count: int, seed: int, size: int, bytes_of: dict[int, int]) -> list[list[int]]:
    """Lists of token ids below `size` and a few above; where there are tokens of single bytes
    (byte -> token), every third list is of such."""
    draw = random.Random(seed)
    choices = [range(size + 3), range(size + 3), [*bytes_of.values()] or range(size)]
    return [
        draw.choices(draw.choice(choices), k=draw.choice((1, 2, 3, 5, 9, 20))) for _ in range(count)
    ]


FIRST = [0x7F, 0x80, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3]
FIRST += [0xF4, 0xF5, 0xFF]
SECOND = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
"""The ends of every range of bytes by which well-formed UTF-8 is defined."""


def edges_of_utf8(bytes_of: dict[int, int]) -> list[list[int]]:
    """Four bytes each, as tokens: sequences that are whole, or break off at any byte."""
    sequences = itertools.product(FIRST, SECOND, (0x41, 0x80, 0xBF), (0x41, 0x80))
    return [[bytes_of[byte] for byte in sequence] for sequence in sequences] if bytes_of else []


def hypothesis_texts(special: list[str]) -> st.SearchStrategy[str]:
    """Any Unicode, runs of what is treated alike, and added tokens, in any order."""
    piece = st.one_of(
        st.text(max_size=8),
        st.sampled_from(words()),
        *(st.text(alphabet, min_size=1, max_size=6) for alphabet in ALPHABETS),
        st.text(WHITE, min_size=1, max_size=5),
        st.text(marks(), min_size=1, max_size=4).map("e".__add__),
        st.sampled_from(CLITICS),
        st.sampled_from(special),
        st.sampled_from("ab=- ").flatmap(lambda c: st.integers(1, 300).map(c.__mul__)),
    )
    return st.lists(piece, max_size=10).map("".join)
