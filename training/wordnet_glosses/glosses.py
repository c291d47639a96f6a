"""WordNet's data files, read as texts: one line a sense, its words before its gloss.

The format is that of wndb(5WN), "WordNet database files": a license in lines that begin with two
spaces, then a line a synset,

    offset lexfile type word_count(hex) word lex_id ... pointer_count ... | gloss

A synset (a set of words with one meaning) becomes the text ``piano, pianoforte, forte: a keyboard
instrument ...``: most synsets have one word, so that a prompt such as ``piano: a`` looks like what
was read, and the others teach which words mean the same.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from hartonomous.errors import InputError

FILES = ("data.noun", "data.verb", "data.adj", "data.adv")
"""The files that are read, in this order."""

_MARKER = re.compile(r"\((?:a|p|ip)\)$")  # where an adjective may stand; no part of the word
_TYPES = frozenset("nvasr")


@dataclass(frozen=True)
class Gloss:
    """One synset: its words, as they are written in text, and its definition with examples."""

    words: tuple[str, ...]
    gloss: str

    @property
    def text(self) -> str:
        """The line that the model reads."""
        return f"{', '.join(self.words)}: {self.gloss}"


@dataclass(frozen=True)
class Corpus:
    """What a folder of WordNet holds.

    ``cleaned`` counts what was changed on the way: nothing else was, and no synset is left out.
    ``sha256`` is that of the files, one after the other.
    """

    glosses: list[Gloss]
    license: str
    sha256: str
    cleaned: dict[str, int] = field(default_factory=dict)


def read_wordnet(folder: Path) -> Corpus:
    """Read the four data files of a WordNet folder.

    Raises:
        InputError: a file is missing, is not UTF-8, or a line of it is not a synset's.
    """
    glosses: list[Gloss] = []
    cleaned = {"adjective markers removed": 0, "whitespace runs joined": 0}
    license_text = ""
    digest = hashlib.sha256()
    for name in FILES:
        file = folder / name
        try:
            data = file.read_bytes()
        except OSError as error:
            raise InputError(
                f"{file} cannot be read: {error.strerror}. The folder must hold "
                f"{', '.join(FILES)}: those of Debian's package wordnet-base "
                "(apt-get install wordnet-base) are in /usr/share/wordnet"
            ) from error
        digest.update(data)
        try:
            lines = data.decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise InputError(f"{file} is not UTF-8 text: {error}") from error
        header = [line for line in lines if line.startswith("  ")]
        license_text = license_text or _license(header)
        for number, line in enumerate(lines, 1):
            if line and not line.startswith("  "):
                glosses.append(_synset(line, f"{file}, line {number}", cleaned))
    if not glosses:
        raise InputError(f"{folder} holds WordNet's files, but no synset is in them")
    return Corpus(glosses, license_text, digest.hexdigest(), cleaned)


def split(glosses: list[Gloss], share: float, seed: int) -> tuple[list[str], list[str]]:
    """Texts to train on, and texts held out.

    Several synsets can have the same gloss ("of or relating to ..."). They go to one side
    together, so that no held-out gloss was read in training.

    Args:
        glosses: what was read.
        share: of the distinct glosses to hold out, in (0, 1); at least one is, and one is not.
        seed: of the choice.

    Raises:
        InputError: there are fewer than two distinct glosses.
    """
    distinct = sorted({gloss.gloss for gloss in glosses})
    if len(distinct) < 2:
        raise InputError("one distinct gloss cannot be split into training and held-out texts")
    count = min(max(round(share * len(distinct)), 1), len(distinct) - 1)
    held_out = set(random.Random(seed).sample(distinct, count))
    training = [gloss.text for gloss in glosses if gloss.gloss not in held_out]
    return training, [gloss.text for gloss in glosses if gloss.gloss in held_out]


def _license(header: list[str]) -> str:
    """The license in the header, without the line numbers in front."""
    lines = [re.sub(r"^ *\d+ ?", "", line).rstrip() for line in header]
    return "\n".join(lines).strip() + "\n" if lines else ""


def _synset(line: str, where: str, cleaned: dict[str, int]) -> Gloss:
    data, bar, gloss = line.partition(" | ")
    fields = data.split(" ")
    try:
        count = int(fields[3], 16)
        words = fields[4 : 4 + 2 * count : 2]
        # The number of pointers stands where the words end, if there are as many as it says.
        sound = bool(bar) and fields[2] in _TYPES and count > 0 and int(fields[4 + 2 * count]) >= 0
    except (IndexError, ValueError):
        sound = False
    if not sound or not all(words) or not gloss.strip():
        raise InputError(
            f"{where} is not a synset of WordNet's format "
            f"(offset, lexfile, type, words, pointers | gloss): {line[:80]!r}"
        )
    written = []
    for word in words:
        bare, markers = _MARKER.subn("", word)
        cleaned["adjective markers removed"] += markers
        written.append(bare.replace("_", " "))
    text = " ".join(gloss.split())
    cleaned["whitespace runs joined"] += text != gloss.strip()
    return Gloss(tuple(written), text)
