"""Train a small GPT-2 on the glosses of WordNet, and write it as a folder for transformers.

Two glosses of a hundred are held out, by seed; a byte-level BPE tokenizer and the model learn from
the others. The folder is written at the end, in one step: it is there whole, or not at all. With
--checkpoint a run that was stopped goes on where it was, when the same command is given again.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from byte_level_bpe import END, encode, train_tokenizer
from glosses import Corpus, read_wordnet, split
from loop import Schedule, Stream, train
from result import as_stored, losses_of, samples_of, write_folder
from tokenizers import Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging as transformers_logging

from hartonomous.errors import InputError
from hartonomous.progress import Progress

LARGEST = 8_000_000
"""Bytes that model.safetensors may take: the repository carries it."""

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command(
    help=__doc__,
    epilog="Example: python training/wordnet_glosses/train.py build/glosses "
    "--checkpoint build/glosses.checkpoint",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def main(
    output: Annotated[Path, typer.Argument(help="Folder to write; must not exist yet.")],
    wordnet: Annotated[
        Path, typer.Option(help="Folder with data.noun, data.verb, data.adj and data.adv.")
    ] = Path("/usr/share/wordnet"),
    steps: Annotated[
        int, typer.Option(min=1, help="Steps; how many epochs that is, is said at the start.")
    ] = 8_000,
    batch: Annotated[int, typer.Option(min=1, help="Sequences a step.")] = 8,
    positions: Annotated[
        int, typer.Option(min=2, help="Tokens of a sequence: the most that the model can read.")
    ] = 128,
    vocabulary: Annotated[
        int, typer.Option(min=257, help="Tokens at most: the end token, 256 bytes, merges.")
    ] = 4096,
    width: Annotated[int, typer.Option(min=1, help="Hidden size; a multiple of --heads.")] = 192,
    layers: Annotated[int, typer.Option(min=1, help="Transformer layers.")] = 3,
    heads: Annotated[int, typer.Option(min=1, help="Attention heads a layer.")] = 6,
    dropout: Annotated[
        float, typer.Option(min=0, max=0.9, help="Of embeddings and of what layers add.")
    ] = 0.0,
    learning_rate: Annotated[float, typer.Option(min=0, help="The highest; AdamW.")] = 2e-3,
    warm_up: Annotated[int, typer.Option(min=1, help="Steps until the highest rate.")] = 300,
    weight_decay: Annotated[float, typer.Option(min=0, help="Of matrices, not of biases.")] = 0.1,
    held_out: Annotated[
        float, typer.Option(min=1e-6, max=0.5, help="Share of the glosses that is only measured.")
    ] = 0.02,
    seed: Annotated[int, typer.Option(help="Of split, weights, order and dropout.")] = 20061206,
    threads: Annotated[int, typer.Option(min=1, help="Of PyTorch; they change roundings.")] = 1,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File to go on from, if it is there, and to save into.")
    ] = None,
    save_every: Annotated[int, typer.Option(min=1, help="Steps from report to report.")] = 500,
) -> None:
    """Read, train, measure, write."""
    settings = {k: v for k, v in locals().items() if k not in ("output", "checkpoint")}
    if output.exists():
        raise InputError(f"{output} is there already: remove it, or name another folder")
    if width % heads:
        raise InputError(f"--width {width} is no multiple of --heads {heads}")
    progress = Progress()
    transformers_logging.set_verbosity_error()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)

    corpus = read_wordnet(wordnet)
    training, kept = split(corpus.glosses, held_out, seed)
    tokenizer = train_tokenizer(training, vocabulary)
    stream = Stream(encode(tokenizer, training), tokenizer.token_to_id(END), seed)
    model = GPT2LMHeadModel(_config(tokenizer, positions, width, layers, heads, dropout))
    _check_size(model)
    tokens = steps * batch * positions
    progress.say(
        f"{len(training):,} texts of {stream.tokens:,} tokens to train on, {len(kept):,} held out; "
        f"{', '.join(f'{count:,} {what}' for what, count in corpus.cleaned.items())}. "
        f"{model.num_parameters():,} parameters, {tokens:,} tokens in {steps:,} steps: "
        f"{tokens / stream.tokens:.1f} epochs"
    )
    schedule = Schedule(steps, batch, positions, learning_rate, warm_up, weight_decay, seed)

    def report(step: int, loss: float, seconds: float) -> None:
        progress.say(f"step {step:,}: loss {loss:.4f} nats a token, {seconds:,.0f} CPU s")

    with progress.bar("training", steps) as advance:
        seconds = train(
            model,
            stream,
            schedule,
            checkpoint=checkpoint,
            save_every=save_every,
            fingerprint=_fingerprint(corpus, tokenizer, model, held_out),
            advance=advance,
            report=report,
        )
    model = as_stored(model)
    figures = {
        "data": {
            "synsets": len(corpus.glosses),
            "training_texts": len(training),
            "training_tokens": stream.tokens,
            "held_out_texts": len(kept),
            "changed": corpus.cleaned,
            "sha256": corpus.sha256,
        },
        "training": {
            "command": shlex.join(_command(settings)),
            "settings": {k: str(v) if isinstance(v, Path) else v for k, v in settings.items()},
            "epochs": round(tokens / stream.tokens, 2),
            "cpu_minutes": round(seconds / 60, 1),
        },
        "loss": losses_of(model, tokenizer, training, kept),
        "samples": samples_of(model, tokenizer),
    }
    write_folder(output, model, tokenizer, corpus.license, figures)
    held, trained = figures["loss"]["held_out"], figures["loss"]["training"]
    progress.say(
        f"{output}: held-out loss {held['nats']:.4f} nats a token, perplexity "
        f"{held['perplexity']:.2f}; of as many training texts {trained['nats']:.4f}, "
        f"{trained['perplexity']:.2f}"
    )


def _config(
    tokenizer: Tokenizer, positions: int, width: int, layers: int, heads: int, dropout: float
) -> GPT2Config:
    end = tokenizer.token_to_id(END)
    return GPT2Config(
        vocab_size=tokenizer.get_vocab_size(),
        n_positions=positions,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        resid_pdrop=dropout,
        embd_pdrop=dropout,
        attn_pdrop=0.0,  # of attention's weights it costs much and helps little
        # PyTorch's own kernel of the function that GPT-2 calls gelu_new; see result.as_stored.
        activation_function="gelu_pytorch_tanh",
        bos_token_id=end,
        eos_token_id=end,
        tie_word_embeddings=True,
        architectures=["GPT2LMHeadModel"],
        use_cache=False,
    )


def _check_size(model: GPT2LMHeadModel) -> None:
    size = 2 * model.num_parameters()
    if size > LARGEST - 100_000:  # the header of the file, with room
        raise InputError(
            f"the model would take {size:,} bytes as float16, and {LARGEST:,} are the most: "
            "take a smaller --width, --layers or --vocabulary"
        )


def _fingerprint(
    corpus: Corpus, tokenizer: Tokenizer, model: GPT2LMHeadModel, held_out: float
) -> str:
    parts = [corpus.sha256, tokenizer.to_str(), json.dumps(model.config.to_dict()), str(held_out)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _command(settings: dict[str, Any]) -> list[str]:
    """The command that makes this model again, every setting in it."""
    command = ["python", "training/wordnet_glosses/train.py", "OUTPUT"]
    for name, value in settings.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    return command


if __name__ == "__main__":
    try:
        app()
    except InputError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(2)
