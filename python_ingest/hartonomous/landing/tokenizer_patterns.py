r"""Split patterns of byte-level BPE, translated so that RE2 can run them.

The patterns of the reference know Unicode classes of its own version and look ahead
(``\s+(?!\S)``); RE2, which DuckDB has, knows another version and does not look ahead. So a pattern
here is run over a text in which

- every character beyond ASCII stands behind an ASCII character of its class: ``a`` letter,
  ``1`` number, tab white space, ``!`` other. One such pair, or one ASCII character, is a unit;
- a ``·`` stands where a run of white space has to end early because a word follows it. Behind white
  space it cannot be taken for the second half of a unit, and no pattern matches it: it falls out.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokenizers import Regex, pre_tokenizers

from .tokenizer_characters import ITSELF, Character
from .tokenizer_definition import Part, Unsupported, part_type
from .tokenizer_library import pages

MARK = "·"
"""Where a run of white space ends early."""

# Units: an ASCII character and, if it is the class of one, the character behind it.
_BEHIND = r"[^\x00-\x7F]?"
_BEHIND_SPACE = rf"[^\x00-\x7F{MARK}]?"
_LETTER = rf"(?:[A-Za-z]{_BEHIND})"
_NUMBER = rf"(?:[0-9]{_BEHIND})"
_OTHER = rf"(?:[\x00-\x08\x0E-\x1F!-/:-@\[-`{{-\x7F]{_BEHIND})"
_SPACE = rf"(?:[\t-\r ]{_BEHIND_SPACE})"
_SPACE_IN_LINE = rf"(?:[\t\x0B\x0C ]{_BEHIND_SPACE})"
_NO_SPACE = r"[\x00-\x08\x0E-\x1F!-\x7F]"  # what begins a unit that is no white space
_NO_SPACE_NO_NUMBER = r"[\x00-\x08\x0E-\x1F!-/:-\x7F]"

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


@dataclass(frozen=True)
class Pattern:
    """A translated pattern: the words it finds, and where the marks are set before."""

    name: str
    """What the T-SQL variant, which has rules about characters instead, knows it by."""

    words: str
    early_end: str
    """Group 1, then the mark, then group 2."""

    long_s: bool = False
    """Whether the long s (U+017F) counts as an s after an apostrophe."""


def _gpt2(name: str, number: str, stop: str) -> Pattern:
    return Pattern(
        name,
        rf"'(?:[stmd]|re|ve|ll)| ?{_LETTER}+|{number}| ?{_OTHER}+|{_SPACE}+",
        rf"({_SPACE})({_SPACE}{stop})",
    )


def _llama3(name: str, number: str) -> Pattern:
    return Pattern(
        name,
        rf"'(?:[sStTmMdD]{_BEHIND}|[rR][eE]|[vV][eE]|[lL][lL])"
        rf"|(?:{_OTHER}|{_SPACE_IN_LINE})?{_LETTER}+|{number}| ?{_OTHER}+[\r\n]*"
        rf"|{_SPACE}*[\r\n]+|{_SPACE}+",
        rf"({_SPACE_IN_LINE})({_SPACE_IN_LINE}{_NO_SPACE})",
        long_s=True,
    )


_KNOWN = {
    GPT2: _gpt2("gpt2", rf" ?{_NUMBER}+", _NO_SPACE),
    LLAMA3: _llama3("llama3", rf"{_NUMBER}{{1,3}}"),
    QWEN2: _llama3("qwen2", _NUMBER),
}
# Digits cut the text before the pattern sees it: white space before a digit ends a text.
_DIGITS = {
    True: _gpt2("digits", _NUMBER, _NO_SPACE_NO_NUMBER),
    False: _gpt2("digit_runs", rf"{_NUMBER}+", _NO_SPACE_NO_NUMBER),
}


def known_pattern(splits: list[Part]) -> tuple[Pattern, bool, bool]:
    """The pattern of a pre-tokenizer that ends in ByteLevel.

    Returns:
        The pattern, whether numbers are those of Digits, and whether a space is put before a text.

    Raises:
        Unsupported: another pre-tokenizer; the message names it.
    """
    kinds = [part_type(split) for split in splits]
    if "Metaspace" in kinds:
        raise Unsupported(
            "its pre_tokenizer Metaspace (SentencePiece-style BPE, as in Llama 2 and Mistral)"
        )
    if not kinds or kinds[-1] != "ByteLevel":
        raise Unsupported(f"its pre_tokenizer {', '.join(kinds) or 'none'}, which is no ByteLevel")
    byte_level = splits[-1]
    prefix = bool(byte_level.get("add_prefix_space", True))
    own_pattern = bool(byte_level.get("use_regex", True))
    if len(splits) > 1 and prefix:
        raise Unsupported("its pre_tokenizer, which puts a space before every piece")
    if kinds == ["ByteLevel"] and own_pattern:
        return _KNOWN[GPT2], False, prefix
    if kinds == ["Digits", "ByteLevel"] and own_pattern:
        return _DIGITS[bool(splits[0].get("individual_digits", False))], True, prefix
    if kinds == ["Split", "ByteLevel"] and not own_pattern:
        return _split(splits[0]), False, prefix
    raise Unsupported(f"its pre_tokenizer {', '.join(kinds)} (use_regex: {own_pattern})".lower())


def _split(split: Part) -> Pattern:
    pattern = split.get("pattern")
    text = pattern.get("Regex") if isinstance(pattern, dict) else None
    if text not in _KNOWN:
        raise Unsupported(f"its split pattern {str(pattern)[:200]}")
    behavior = str(split.get("behavior")).lower()
    if behavior != "isolated" or split.get("invert"):
        raise Unsupported(f"its Split, {split.get('behavior')}, inverted: {split.get('invert')}")
    return _KNOWN[text]


def character_classes(pattern: Pattern, digits: bool) -> dict[int, Character]:
    """The class of every code point beyond ASCII, as the reference sees it; `other` has none."""
    characters = "".join(pages())[128:]
    numbers = _numbers_of_digits(characters) if digits else _class(r"\P{N}+", characters)
    found: dict[int, Character] = {}
    for sign, members in (
        ("1", numbers),
        ("a", _class(r"\P{L}+", characters)),
        ("\t", _class(r"\S+", characters)),
    ):
        for member in members:
            found.setdefault(ord(member), Character(pretokenized=sign + ITSELF))
    if pattern.long_s:
        found[0x17F] = Character(pretokenized="s" + ITSELF)
    return found


def _class(others: str, characters: str) -> str:
    """What is left of some characters when the reference's regular expressions remove `others`."""
    split = pre_tokenizers.Split(Regex(others), "removed")
    return "".join(piece for piece, _ in split.pre_tokenize_str(characters))


def _numbers_of_digits(characters: str) -> str:
    """What the pre-tokenizer Digits takes for numbers: it cuts them from a letter behind them."""
    split = pre_tokenizers.Digits(individual_digits=False).pre_tokenize_str
    return "".join(piece for piece, _ in split(characters) if len(split(piece[0] + "a")) == 2)
