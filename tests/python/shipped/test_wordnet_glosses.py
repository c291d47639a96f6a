"""The language model that the package ships, and the script that made it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import torch
import typer
from safetensors import safe_open
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    GPT2TokenizerFast,
)

from hartonomous.errors import InputError

SHIPPED = Path(str(files("hartonomous"))) / "shipped_models" / "wordnet-glosses-gpt2"
FILES = {
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "model.safetensors",
    "training.json",
    "README.md",
    "LICENSE.wordnet",
}
END = "<|endoftext|>"
# Written for this test: what WordNet might say of words that it does not have.
UNSEEN = [
    "drone pilot: someone who flies an aircraft without a crew from the ground",
    "bike lane: a part of a road that is reserved for bicycles",
    "tree frog moss: a small green plant that grows on the bark of trees in wet forests",
    'unfriend: remove from a list of friends; "she unfriended her brother"',
    "screen reader: a program that reads aloud what is shown on the screen of a computer",
]


@pytest.fixture(scope="module")
def model() -> GPT2LMHeadModel:
    return AutoModelForCausalLM.from_pretrained(SHIPPED).eval()


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(SHIPPED)


@pytest.fixture
def scripts(project, monkeypatch) -> Path:
    """The folder of the training scripts, whose modules can be imported in this test."""
    folder = project / "training" / "wordnet_glosses"
    monkeypatch.syspath_prepend(folder)
    return folder


def nats_a_token(model, tokenizer, texts: list[str]) -> float:
    """Mean loss of texts, each on its own; the first token is not scored, the end token is."""
    total, count = 0.0, 0
    for text in texts:
        ids = torch.tensor([*tokenizer(text)["input_ids"], tokenizer.eos_token_id])
        with torch.inference_mode():
            logits = model(ids[None, :-1]).logits[0]
        total += cross_entropy(logits, ids[1:], reduction="sum").item()
        count += len(ids) - 1
    return total / count


def test_the_folder_is_complete_and_small():
    assert {file.name for file in SHIPPED.iterdir()} == FILES
    assert (SHIPPED / "model.safetensors").stat().st_size <= 8_000_000
    with safe_open(SHIPPED / "model.safetensors", "pt") as file:
        for name in file.keys():  # noqa: SIM118 - not a dict
            tensor = file.get_tensor(name)
            assert tensor.dtype == torch.float16, name
            assert torch.isfinite(tensor).all(), name


def test_the_license_goes_along():
    text = (SHIPPED / "LICENSE.wordnet").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in text
    assert "Permission to use, copy, modify and distribute" in text
    assert 'THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS"' in text
    assert "LICENSE.wordnet" in (SHIPPED / "README.md").read_text()


def test_it_computes_in_float32_with_a_tied_head(model, tokenizer):
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model.lm_head.weight is model.transformer.wte.weight
    assert len(tokenizer) == model.config.vocab_size
    end = tokenizer.eos_token_id
    assert tokenizer.convert_ids_to_tokens(end) == END
    assert end == model.config.eos_token_id == model.generation_config.eos_token_id


def test_tokenizer_gives_every_text_back(tokenizer):
    raw = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    texts = [
        *UNSEEN,
        "",
        "  two  spaces, a tab\tand a line\r\n",
        "naïve café — Ελληνικά, 日本語, עברית, 👩‍👩‍👧 \u0000\u200b\ufeff",
        f"one{END}two",
        "it's they'll we've 1234567 !?;:\"'(){}",
    ]
    for text in texts:
        ids = tokenizer(text)["input_ids"]
        assert ids == raw.encode(text).ids
        assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text
        assert raw.decode(ids, skip_special_tokens=False) == text
    assert tokenizer(f"one{END}two")["input_ids"].count(tokenizer.eos_token_id) == 1
    assert len(tokenizer("a keyboard instrument")["input_ids"]) < 8  # merges were learned


def test_both_names_load_the_same_tokenizer(tokenizer):
    fast = GPT2TokenizerFast.from_pretrained(SHIPPED)
    assert fast(UNSEEN)["input_ids"] == tokenizer(UNSEEN)["input_ids"]


def test_it_has_learned(model, tokenizer):
    torch.manual_seed(0)
    untrained = GPT2LMHeadModel(model.config).eval()
    learned = nats_a_token(model, tokenizer, UNSEEN)
    assert learned < nats_a_token(untrained, tokenizer, UNSEEN) - 3
    # Order matters to it: it does more than count words.
    reversed_words = [" ".join(reversed(text.split(" "))) for text in UNSEEN]
    assert learned < nats_a_token(model, tokenizer, reversed_words) - 0.5


def test_greedy_continuations_are_those_of_the_card(model, tokenizer):
    figures = json.loads((SHIPPED / "training.json").read_text())
    card = (SHIPPED / "README.md").read_text()
    assert len(figures["samples"]) >= 5
    for sample in figures["samples"]:
        ids = tokenizer(sample["prompt"], return_tensors="pt")
        said = [
            model.generate(**ids, do_sample=False, max_new_tokens=40)[
                0, ids["input_ids"].shape[1] :
            ]
            for _ in range(2)
        ]
        assert torch.equal(*said)
        assert tokenizer.decode(said[0], skip_special_tokens=True) == sample["continuation"]
        assert sample["prompt"] in card
    texts = [sample["continuation"] for sample in figures["samples"]]
    assert len(set(texts)) == len(texts)


def test_the_card_states_the_figures_of_the_run(model):
    figures = json.loads((SHIPPED / "training.json").read_text())
    card = (SHIPPED / "README.md").read_text()
    assert model.num_parameters() == figures["model"]["parameters"]
    assert f"{figures['model']['parameters']:,} parameters" in card
    assert figures["training"]["command"] in card
    assert figures["data"]["sha256"] in card
    for row in figures["loss"].values():
        assert row["perplexity"] == pytest.approx(math.exp(row["nats"]), rel=1e-3)
        assert f"{row['nats']:.4f} | {row['perplexity']:.2f}" in card


def test_the_script_would_do_by_default_what_was_done(scripts):
    from train import app

    settings = json.loads((SHIPPED / "training.json").read_text())["training"]["settings"]
    options = {p.name: p.default for p in typer.main.get_command(app).params}
    defaults = {name: options[name] for name in settings} | {"wordnet": str(options["wordnet"])}
    assert settings == defaults
    assert set(options) - set(settings) == {"output", "checkpoint"}


NOUNS = ["dog", "cat", "lamp", "river", "stone", "oak", "wheel", "song"]


@pytest.fixture(scope="module")
def tiny_wordnet(tmp_path_factory) -> Path:
    """A WordNet of 40 synsets in the format of wndb(5WN)."""
    folder = tmp_path_factory.mktemp("wordnet")
    header = "  1 This is a license.  \n  2   \n  3 Keep it.  \n"
    for name, kind in (("noun", "n"), ("verb", "v"), ("adj", "s"), ("adv", "r")):
        lines = []
        for number in range(10):
            word = NOUNS[number % len(NOUNS)] + ("(p)" if kind == "s" and number == 0 else "")
            other = f" {NOUNS[number // 3]}_{kind} 0" if number % 2 else ""
            count = 2 if other else 1
            pointers = "001 @ 00000000 n 0000"
            gloss = f'a {kind} that is number {number}; "the {word}  is here"'
            lines.append(
                f"{number:08d} 03 {kind} {count:02x} {word} 0{other} {pointers} | {gloss}  \n"
            )
        (folder / f"data.{name}").write_text(header + "".join(lines))
    return folder


def start_training(scripts: Path, output: Path, wordnet: Path) -> subprocess.Popen[str]:
    small = "--steps 6 --batch 2 --positions 16 --vocabulary 300 --width 8 --layers 1 --heads 2"
    command = [sys.executable, str(scripts / "train.py"), str(output), "--wordnet", str(wordnet)]
    return subprocess.Popen(
        [*command, *small.split(), "--warm-up", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.slow
def test_the_script_trains_a_model_that_loads(scripts, tiny_wordnet, tmp_path):
    outputs = [tmp_path / "one", tmp_path / "two"]
    refused = tmp_path / "refused"
    refused.mkdir()
    runs = [start_training(scripts, output, tiny_wordnet) for output in [*outputs, refused]]
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 2], said
    assert "held-out loss" in said[0]
    assert "is there already" in said[2] and "Traceback" not in said[2]
    assert not list(refused.iterdir())
    refused.rmdir()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "two"]
    for name in ("model.safetensors", "tokenizer.json", "config.json"):  # the same seed
        assert (outputs[0] / name).read_bytes() == (outputs[1] / name).read_bytes()
    assert {file.name for file in outputs[0].iterdir()} == FILES

    model = AutoModelForCausalLM.from_pretrained(outputs[0])
    tokenizer = AutoTokenizer.from_pretrained(outputs[0])
    assert model.config.n_embd == 8 and model.config.activation_function == "gelu_new"
    assert len(tokenizer) == model.config.vocab_size <= 300
    data = json.loads((outputs[0] / "training.json").read_text())["data"]
    assert data["synsets"] == 40
    assert data["training_texts"] + data["held_out_texts"] == 40
    assert data["changed"] == {"adjective markers removed": 1, "whitespace runs joined": 40}
    assert (outputs[0] / "LICENSE.wordnet").read_text() == "This is a license.\n\nKeep it.\n"


def test_glosses_become_texts(scripts, tiny_wordnet):
    from glosses import read_wordnet, split

    corpus = read_wordnet(tiny_wordnet)
    texts = [gloss.text for gloss in corpus.glosses]
    assert texts[1] == 'cat, dog n: a n that is number 1; "the cat is here"'
    assert texts[20] == 'dog: a s that is number 0; "the dog(p) is here"'
    training, held_out = split(corpus.glosses, 0.25, seed=1)
    assert sorted(training + held_out) == sorted(texts)
    assert len(held_out) == 10
    assert split(corpus.glosses, 0.25, seed=1)[1] == held_out
    assert split(corpus.glosses, 0.25, seed=2)[1] != held_out


def test_synsets_of_one_gloss_stay_on_one_side(scripts):
    from glosses import Gloss, split

    glosses = [Gloss((f"word{i}",), f"gloss {i % 10}") for i in range(100)]
    for seed in range(5):
        training, held_out = split(glosses, 0.3, seed)
        sides = [{text.split(": ")[1] for text in side} for side in (training, held_out)]
        assert len(sides[0]) == 7 and len(sides[1]) == 3 and not sides[0] & sides[1]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("00000000 03 n 02 dog 0 000 | a gloss", "line 4"),  # fewer words than it says
        ("00000000 03 n zz dog 0 000 | a gloss", "line 4"),
        ("00000000 03 n 01 dog 0 000", "line 4"),  # no gloss
        ("00000000 03 x 01 dog 0 000 | a gloss", "line 4"),
        ("caf\xe9", "UTF-8"),
    ],
)
def test_what_is_no_wordnet_is_refused(scripts, tiny_wordnet, tmp_path, line, named):
    from glosses import FILES, read_wordnet

    with pytest.raises(InputError, match=r"data\.noun.*wordnet-base"):
        read_wordnet(tmp_path)
    for name in FILES:
        (tmp_path / name).write_bytes((tiny_wordnet / name).read_bytes())
    lines = (tmp_path / "data.verb").read_bytes().splitlines()
    lines[3] = line.encode("latin-1")
    (tmp_path / "data.verb").write_bytes(b"\n".join(lines))
    with pytest.raises(InputError, match=rf"data\.verb.*{named}"):
        read_wordnet(tmp_path)


def test_the_stream_drops_and_repeats_nothing(scripts):
    from loop import Stream

    texts = [[10 * i + k for k in range(1, 2 + i % 5)] for i in range(1, 12)]
    stream = Stream(texts, end=0, seed=3)
    tokens = sum(len(text) + 1 for text in texts)
    assert stream.tokens == tokens
    batches = [stream.batch(step, 2, 7) for step in range(3 * tokens)]
    run = torch.cat([inputs.flatten() for inputs, _ in batches])[: 3 * tokens]
    epochs = run.view(3, tokens)
    wanted = sorted([0] * len(texts) + [token for text in texts for token in text])
    assert all(sorted(epoch.tolist()) == wanted for epoch in epochs)
    assert not torch.equal(epochs[0], epochs[1])
    following = torch.cat([targets.flatten() for _, targets in batches])
    assert torch.equal(following[: 3 * tokens - 1], run[1:])


def test_mean_loss_counts_every_token_but_the_first_once(scripts):
    from loop import mean_loss

    torch.manual_seed(0)
    sizes = {"n_embd": 8, "n_layer": 1, "n_head": 2, "bos_token_id": 0, "eos_token_id": 0}
    tiny = GPT2LMHeadModel(GPT2Config(vocab_size=20, n_positions=8, **sizes)).eval()
    texts = [[3, 4, 5], [7], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]
    loss, count = mean_loss(tiny, texts, end=0, length=8)
    total = 0.0
    for run in ([3, 4, 5, 0], [7, 0], [1, 2, 3, 4, 5, 6, 7, 8, 9], [9, 10, 11, 0]):
        ids = torch.tensor(run)
        with torch.inference_mode():
            total += cross_entropy(tiny(ids[None, :-1]).logits[0], ids[1:], reduction="sum").item()
    assert count == 3 + 1 + 11
    assert loss == pytest.approx(total / count, rel=1e-5)


@pytest.mark.slow
def test_a_run_that_was_killed_ends_with_the_same_weights(scripts, tmp_path):
    from loop import Schedule, Stream, train

    class Killed(Exception):
        pass

    def run(checkpoint: Path | None, dies_at: int = 0, seed: int = 5) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        sizes = {"n_embd": 8, "n_layer": 1, "n_head": 2, "bos_token_id": 0, "eos_token_id": 0}
        tiny = GPT2LMHeadModel(GPT2Config(vocab_size=20, n_positions=8, **sizes))  # with dropout
        stream = Stream([[1, 2, 3, 4], [5, 6, 7], [8, 9, 10, 11, 12]], end=0, seed=seed)
        done = 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            if done == dies_at:
                raise Killed

        train(
            tiny,
            stream,
            Schedule(9, 2, 8, 1e-2, 2, 0.1, seed),
            checkpoint=checkpoint,
            save_every=2,
            fingerprint="tiny",
            advance=advance,
            report=lambda *_: None,
        )
        assert done == 9
        return {name: tensor.clone() for name, tensor in tiny.state_dict().items()}

    straight = run(None)
    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(Killed):
        run(checkpoint, dies_at=7)  # after step 7; the checkpoint is of step 6
    resumed = run(checkpoint)
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)
    with pytest.raises(InputError, match="other data or settings"):
        run(checkpoint, seed=6)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-9])
    with pytest.raises(InputError, match="is broken"):
        run(checkpoint)
