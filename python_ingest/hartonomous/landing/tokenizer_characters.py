"""Rows of `tokenizer_characters`: what a tokenizer makes of each code point.

A row holds for a range of code points, all of them within one page of 256. `{}` in its texts
stands for the character itself. A text is NULL where the character stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .tokenizer_library import Normalize, each_normalized, empty_planes, pages
from .tokenizer_ranges import PAGE

ITSELF = "{}"


class Character(NamedTuple):
    """What is known of a code point; the columns of the landing table after the range."""

    normalized: str | None = None
    """What the normalizer makes of it. For a tokenizer that composes (NFC): its decomposition."""

    pretokenized: str | None = None
    """What is left of it for the words to be cut from.

    WordPiece: with spaces where it ends a word or is one. Byte-level BPE: behind an ASCII
    character of its class (a letter, 1 number, tab white space, ! other; other has no row).
    """

    combining_class: int | None = None
    """Its canonical combining class if it is still there when marks are put into canonical order;
    0: no mark, removed afterwards, no mark moves over it; NULL: plays no part."""

    composed_from: str | None = None
    """The two characters that are composed into it (NFC)."""


Row = tuple[int, int, str | None, str | None, int | None, str | None]


def rows(characters: Mapping[int, Character]) -> list[Row]:
    """Code points as ranges of equal content within a page; those of which nothing is said left
    out."""
    found: list[Row] = []
    nothing = Character()
    for codepoint in sorted(characters):
        said = characters[codepoint]
        if said == nothing:
            continue
        last = found[-1] if found else None
        if (
            last is not None
            and last[1] == codepoint - 1
            and codepoint % PAGE
            and last[2:] == tuple(said)
        ):
            found[-1] = (last[0], codepoint, *said)
        else:
            found.append((codepoint, codepoint, *said))
    return found


@dataclass
class Split:
    """What a pre-tokenizer does to single characters."""

    isolated: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def spaced(self, text: str) -> str:
        """A text with spaces where the pre-tokenizer cuts."""
        return "".join(
            f" {c} " if c in self.isolated else " " if c in self.removed else c for c in text
        )


def rewritten(
    normalize: Normalize, split: Callable[[str], list[str]]
) -> tuple[dict[int, Character], list[Row]]:
    """What a normalizer and a pre-tokenizer that read single characters do to every code point.

    Args:
        normalize: the normalizer.
        split: the pieces that the pre-tokenizer cuts a text into.

    Returns:
        Single code points, and rows of whole pages whose characters are all treated alike.
    """
    alike: list[Row] = []
    outputs: dict[int, str] = {}
    for page in pages():
        same = _alike(normalize(page), page) if split(page) == [page] else None
        if same is None:
            outputs.update(zip(map(ord, page), each_normalized(normalize, page), strict=True))
        elif same != ITSELF:
            alike.append((ord(page[0]), ord(page[-1]), *Character(same, same)))
    for plane, sample in empty_planes():
        same = _alike(normalize(sample), sample) if split(sample) == [sample] else None
        if same is None:
            whole = "".join(map(chr, plane))
            outputs.update(zip(plane, each_normalized(normalize, whole), strict=True))
        elif same != ITSELF:
            alike += [(page, page + PAGE - 1, *Character(same, same)) for page in plane[::PAGE]]
    cuts = _cuts(outputs.values(), split)
    touched = cuts.isolated | cuts.removed
    found = {}
    for codepoint, normalized in outputs.items():
        character = chr(codepoint)
        if normalized != character or character in touched:
            found[codepoint] = Character(
                _template(character, normalized), _template(character, cuts.spaced(normalized))
            )
    return found, alike


def _alike(normalized: str, characters: str) -> str | None:
    """The template of all of some characters; None where they are treated differently."""
    if normalized == characters:
        return ITSELF
    if not normalized:
        return ""
    return f" {ITSELF} " if normalized == "".join(f" {c} " for c in characters) else None


def _template(character: str, text: str) -> str | None:
    return None if text == character else text.replace(character, ITSELF)


def _cuts(texts: Iterable[str], split: Callable[[str], list[str]]) -> Split:
    """Which characters of some texts the pre-tokenizer isolates or removes."""
    found = Split()
    characters = "".join(set("".join(texts)))
    for start in range(0, len(characters), PAGE):
        block = characters[start : start + PAGE]
        if split(block) == [block]:
            continue
        pieces = split("a" + "a".join(block) + "a")
        alone = {piece for piece in pieces if len(piece) == 1} - {"a"}
        there = set("".join(pieces))
        found.isolated.update(c for c in block if c in alone)
        found.removed.update(c for c in block if c not in there)
    return found
