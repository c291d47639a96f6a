"""Tokenizers of every kind that SQL runs, small ones trained on the spot, and some it refuses."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from hartonomous.landing.tokenizer_patterns import GPT2, LLAMA3, QWEN2

PROJECT = Path(__file__).parents[3]
SHIPPED = PROJECT / "python_ingest" / "hartonomous" / "shipped_models"
ODD_SPECIALS = ["<|endoftext|>", "<|im_start|>"]


@cache
def real_texts() -> tuple[str, ...]:
    with (PROJECT / "seeds" / "sample_texts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["text"] for row in csv.DictReader(file))


def corpus() -> list[str]:
    """Real text, other scripts, and what patterns treat apart: merges of all are learned."""
    draw = random.Random(1)
    scripts = ("абвгдежзиклмн ", "漢字仮名交文日本語", "éàü ñß", "αβγδε ")
    drawn = ["".join(draw.choice(script) for _ in range(50)) for script in scripts * 25]
    mixed = "don't we'll you're I'D it's    spaces\n\n  and\ttabs 12345 3.14159 ---- ==== 😀😀🎉 "
    return [*real_texts(), *drawn, *[mixed + "a" * 24] * 20]


def _trained(pre_tokenizer: Any, specials: list[str], **options: Any) -> Tokenizer:
    normalizer = options.pop("normalizer", None)
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=1500,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=specials,
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def _split_by(pattern: str) -> Any:
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([split, whole])


def _byte_level(**options: Any) -> Any:
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, **options})


def added() -> Tokenizer:
    """GPT-2's pattern, and added tokens of every kind."""
    tokenizer = _trained(_byte_level(), ODD_SPECIALS[:1])
    tokenizer.add_tokens(
        [
            AddedToken("wholeword", single_word=True),
            AddedToken("  ", normalized=True),
            AddedToken("<right>", rstrip=True, normalized=False),
            AddedToken("<both>", rstrip=True, lstrip=True, normalized=True),
        ]
    )
    return tokenizer


def roberta() -> Tokenizer:
    tokenizer = _trained(_byte_level(add_prefix_space=True), ["<s>", "<pad>", "</s>", "<unk>"])
    ends = [(token, tokenizer.token_to_id(token)) for token in ("</s>", "<s>")]
    tokenizer.post_processor = processors.RobertaProcessing(*ends)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    return tokenizer


def llama3(*, shuffled: bool = False) -> Tokenizer:
    """As tiktoken's vocabularies come: every split of each token is a merge.

    The order is that of the tokens, which are not merged where a word is one; shuffled, merges rank
    before those that make their parts, and every word is merged.
    """
    begin = "<|begin_of_text|>"
    specials = [begin, "<|eot_id|>", *(f"<|reserved_special_token_{n}|>" for n in range(5))]
    tokenizer = _trained(_split_by(LLAMA3), specials, ignore_merges=not shuffled)
    definition = json.loads(tokenizer.to_str())
    ids = definition["model"]["vocab"]
    made = sorted({left + right for left, right in definition["model"]["merges"]}, key=ids.get)
    merges = []
    for token in made:
        parts = [(token[:at], token[at:]) for at in range(1, len(token))]
        known = [pair for pair in parts if pair[0] in ids and pair[1] in ids]
        merges += sorted(known, key=lambda pair: (ids[pair[0]], ids[pair[1]]))
    if shuffled:
        random.Random(3).shuffle(merges)
    definition["model"]["merges"] = merges
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))]
            ),
        ]
    )
    return tokenizer


def qwen2() -> Tokenizer:
    return _trained(_split_by(QWEN2), ODD_SPECIALS, normalizer=normalizers.NFC())


def smollm() -> Tokenizer:
    digits = pre_tokenizers.Digits(individual_digits=True)
    return _trained(pre_tokenizers.Sequence([digits, _byte_level()]), ODD_SPECIALS)


def digit_runs() -> Tokenizer:
    digits = pre_tokenizers.Digits(individual_digits=False)
    return _trained(pre_tokenizers.Sequence([digits, _byte_level()]), ODD_SPECIALS)


def wordpiece() -> Tokenizer:
    """BERT's, uncased, with a small vocabulary."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=1500, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = processors.BertProcessing(*ends)
    return tokenizer


def wordpiece_added() -> Tokenizer:
    """Added tokens that are looked for in the normalized text."""
    tokenizer = wordpiece()
    tokenizer.add_tokens(
        [
            AddedToken("Foo-Bar", normalized=True),
            AddedToken("中国", normalized=True),
            AddedToken("word", single_word=True, normalized=True),
            AddedToken("<left>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("é\u0327x", normalized=True),
            AddedToken("a b", normalized=True),
        ]
    )
    return tokenizer


def wordpiece_cased() -> Tokenizer:
    tokenizer = wordpiece()
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    return tokenizer


def wordpiece_sequence() -> Tokenizer:
    """Normalizers and pre-tokenizers one after the other; marks stay, in canonical order."""
    tokenizer = wordpiece()
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    return tokenizer


TRAINED: dict[str, Callable[[], Tokenizer]] = {
    "llama3": llama3,
    "qwen2": qwen2,
    "smollm": smollm,
    "wordpiece_added": wordpiece_added,
    "added": added,
    "roberta": roberta,
    "llama3_shuffled": lambda: llama3(shuffled=True),
    "digit_runs": digit_runs,
    "wordpiece_cased": wordpiece_cased,
    "wordpiece_sequence": wordpiece_sequence,
}
"""Beside these: `minilm`, WordPiece of all-MiniLM-L6-v2, and `gpt2`, of the shipped model."""


def save(tokenizer: Tokenizer, folder: Path) -> Path:
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def folders(names: list[str], folder: Path, minilm: Path) -> dict[str, Path]:
    """Name -> folder with a tokenizer.json, made where it is a trained one."""
    found = {}
    for name in names:
        if name == "minilm":
            found[name] = minilm
        elif name == "gpt2":
            (found[name],) = (path.parent for path in SHIPPED.rglob("tokenizer.json"))
        else:
            found[name] = save(TRAINED[name](), folder / name)
    return found


def load(folder: Path) -> Tokenizer:
    """The reference: of the library, reading every text whole."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def byte_tokens(tokenizer: Tokenizer) -> dict[int, int]:
    """Byte -> its token; nothing where the tokenizer is no byte-level one.

    Its vocabulary writes a byte that cannot be printed as a character from U+0100 on.
    """
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printed]
    signs = {byte: chr(byte) for byte in printed}
    signs |= {byte: chr(256 + place) for place, byte in enumerate(others)}
    found = {byte: tokenizer.token_to_id(sign) for byte, sign in signs.items()}
    return found if None not in found.values() else {}


def specials(tokenizer: Tokenizer) -> list[str]:
    return [token.content for token in tokenizer.get_added_tokens_decoder().values()]


def metaspace() -> Tokenizer:
    """SentencePiece-style BPE, as Llama 2's."""
    tokenizer = Tokenizer(models.BPE({"▁": 0, "a": 1, "▁a": 2}, [("▁", "a")], byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def unknown_pattern() -> Tokenizer:
    return _trained(_split_by(GPT2.replace("{L}", "{Lu}")), [])


def unigram() -> Tokenizer:
    return Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0)], unk_id=0))


REFUSED: dict[str, tuple[Callable[[], Tokenizer], str]] = {
    "metaspace": (metaspace, "pre_tokenizer Metaspace (SentencePiece-style BPE"),
    "unknown_pattern": (unknown_pattern, "its split pattern"),
    "unigram": (unigram, "its model of type unigram"),
}
"""Name -> how it is made, and what the refusal names."""
