"""The tokenizers of DuckDB against the library `tokenizers`: the same tokens, the same text.

They are landed and built as a user's are; texts go through in thousands by one statement.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import tokenizer_zoo as zoo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizer_project import BuiltTokenizers
from tokenizer_texts import edges_of_utf8, hypothesis_texts, id_lists, marked_texts, texts, words

pytestmark = pytest.mark.xdist_group("tokenizers")

NAMES = ["minilm", "gpt2", *zoo.TRAINED]
MAIN = NAMES[:6]
"""One of each algorithm, pattern and normalizer that models come with, and added tokens."""

WORDNET = Path("/usr/share/wordnet")
"""Where Debian's package wordnet-base puts it."""


class Compared:
    """A tokenizer of SQL and its reference."""

    def __init__(self, built: BuiltTokenizers, name: str, folder) -> None:
        self.built = built
        self.name = name
        self.reference = zoo.load(folder)
        self.special = zoo.specials(self.reference)
        self.bytes_of = zoo.byte_tokens(self.reference)

    def encode(self, given: list[str], max_tokens: int | None = None) -> list[list[int]]:
        """The tokens in SQL, which must be the reference's."""
        if max_tokens is None:
            self.reference.no_truncation()
        else:
            self.reference.enable_truncation(max_tokens)
        found = self.built.encode(self.name, given, max_tokens)
        expected = [encoding.ids for encoding in self.reference.encode_batch(given)]
        differing = [
            (ascii(text), ids, wanted)
            for text, ids, wanted in zip(given, found, expected, strict=True)
            if ids != wanted
        ]
        assert differing[:3] == [], f"{len(differing)} of {len(given)}"
        return found

    def decode(self, lists: list[list[int]]) -> None:
        """The text in SQL must be the reference's, special tokens left out or not."""
        for skip in (True, False):
            found = self.built.decode(self.name, lists, skip_special=skip)
            expected = self.reference.decode_batch(lists, skip_special_tokens=skip)
            differing = [
                (ids, ascii(text), ascii(wanted))
                for ids, text, wanted in zip(lists, found, expected, strict=True)
                if text != wanted
            ]
            assert differing[:3] == [], f"{len(differing)} of {len(lists)}, skip {skip}"

    def check(self, given: list[str], lists: list[list[int]]) -> None:
        encoded = self.encode(given)
        if lists := [*lists, *filter(None, encoded)]:
            self.decode(lists)

    def random_lists(self, count: int, seed: int) -> list[list[int]]:
        size = self.reference.get_vocab_size()
        return id_lists(count, seed, size, self.bytes_of)


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory, project, minilm):
    folder = tmp_path_factory.mktemp("tokenizers")
    folders = zoo.folders(NAMES, folder / "made", minilm)
    refused = {
        name: zoo.save(make(), folder / "refused" / name) for name, (make, _) in zoo.REFUSED.items()
    }
    built = BuiltTokenizers(folders | refused, project, folder)
    return built, {name: Compared(built, name, path) for name, path in folders.items()}


@pytest.fixture(params=NAMES)
def compared(request, tokenizers) -> Compared:
    return tokenizers[1][request.param]


def test_texts_and_token_lists(compared):
    given = [*texts(300, 1, compared.special), *marked_texts()]
    compared.check(given, compared.random_lists(200, 2))
    if edges := edges_of_utf8(compared.bytes_of):
        compared.decode(edges)


def test_words_longer_than_any_limit(compared):
    """WordPiece gives up at 100 characters; merges go over words in parts."""
    long = "".join(words()[:400])
    given = [long, "a" * 1500, "ab" * 700, "é" * 900, "漢" * 700, " " * 1200, "\n" * 700, "'" * 800]
    compared.encode([*given, "x" * 99, "x" * 100, "x" * 101, "👨‍👩‍👧" * 60, "1" * 700])


@pytest.mark.parametrize("max_tokens", [1, 2, 3, 4, 7, 31])
def test_truncation(tokenizers, max_tokens):
    for name in MAIN:
        compared = tokenizers[1][name]
        compared.encode(texts(60, max_tokens, compared.special), max_tokens)


def test_decoding_what_was_encoded_gives_what_the_reference_gives(compared):
    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(hypothesis_texts(compared.special), min_size=1, max_size=20))
    def agree(given):
        compared.check(given, [])

    agree()


def test_a_text_without_tokens_is_read(tokenizers):
    """An empty text, a text that is normalized to nothing, and a list of special tokens alone."""
    built, found = tokenizers
    for name, compared in found.items():
        compared.encode(["", "\x00", " ", "\u0301"])
        ids = [compared.reference.token_to_id(token) for token in compared.special]
        compared.decode([ids, ids[:1]])
        assert built.decode(name, [[compared.reference.get_vocab_size() + 7]]) == [""]


@pytest.mark.parametrize("name", zoo.REFUSED)
def test_what_sql_does_not_run_is_refused_by_name(tokenizers, name):
    built, _ = tokenizers
    reason = zoo.REFUSED[name][1]
    for call in (lambda: built.encode(name, ["a"]), lambda: built.decode(name, [[1]])):
        with pytest.raises(duckdb.Error) as raised:
            call()
        said = str(raised.value)
        assert re.search(f"cannot run in SQL because of (its )?{re.escape(reason)}", said), said
        assert said.rstrip().endswith("; WordPiece and byte-level BPE can")


@pytest.mark.slow
def test_twenty_thousand_texts(compared):
    """Of each; the variants of an algorithm are read a fifth of them."""
    count = 20_000 if compared.name in MAIN else 4_000
    batch = 2_000
    for seed in range(count // batch):
        given = texts(batch, 100 + seed, compared.special)
        compared.check(given, compared.random_lists(batch, 100 + seed))


@pytest.mark.slow
def test_real_texts(compared):
    """The sample texts, and WordNet's glosses where they are installed: every tenth."""
    files = sorted(WORDNET.glob("data.*"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    glosses = [line.split("|", 1)[1].strip() for line in lines if "|" in line]
    compared.check([*zoo.real_texts(), *glosses[::10]], [])
