"""hartonomous embed, generate, score, next-tokens: what landed models do, in SQL."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from ..database import Database
from ..errors import InputError
from ..inference import embedding, generation, scoring
from ..progress import Progress
from ..search import vector_text
from . import options
from .output import print_json, print_table, say

Model = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="A landed model's name; by default the first that can do this."
    ),
]


def embed(
    text: Annotated[str, typer.Argument(help="The text; cut where the model stops reading.")],
    model: Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Turn a text into a vector, by a landed model, in SQL.

    The same as `SELECT * FROM embed('...')` in the built database: pooled and normalized as the
    model's own files say. What a model that was just landed lacks is built first.
    """
    chosen, vector = embedding.embed(
        Database.locate(database), text, model=model, progress=Progress()
    )
    if as_json:
        print_json({"model": chosen.name, "embedding": vector.tolist()})
        return
    typer.echo(vector_text(vector))
    say(f"{len(vector)} numbers by {chosen.name}")


def generate(
    prompt: Annotated[str, typer.Argument(help="What to go on from.")],
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", "-n", help="Tokens to write at the most.")
    ] = 20,
    temperature: Annotated[
        float,
        typer.Option(help="0: always the likeliest token. 1: by the model's probabilities."),
    ] = 0.0,
    top_k: Annotated[int, typer.Option(help="Draw from the likeliest K only; 0: all.")] = 0,
    top_p: Annotated[
        float, typer.Option(help="Draw from the likeliest that together reach P; 1: all.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same text.")] = 0,
    beams: Annotated[
        int | None, typer.Option(help="Follow so many continuations, show the likeliest.")
    ] = None,
    model: Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Let a landed language model go on from a prompt, in SQL; the text is shown as it comes.

    Only what is new is printed. It ends at the model's end token, after --max-tokens, or where the
    model's positions end. Try: `hartonomous generate 'a small animal' --temperature 0.8 --seed 1`.
    """
    opened = Database.locate(database)
    sampling = generation.Sampling(max_tokens, temperature, top_k, top_p, seed)
    if beams is not None:
        if sampling != generation.Sampling(max_tokens):
            raise InputError(
                "--beams looks for the likeliest text: --temperature, --top-k, --top-p and --seed "
                "are for drawing one by chance"
            )
        written = generation.generate_beam(
            opened, prompt, max_tokens=max_tokens, beams=beams, model=model, progress=Progress()
        )
        if not as_json:
            typer.echo(written.text)
    else:
        stream = generation.Stream(opened, prompt, sampling, model, Progress())
        for token in stream:
            if not as_json:
                sys.stdout.write(token.text)
                sys.stdout.flush()
        written = stream.generated
        if not as_json:
            typer.echo()
    if as_json:
        print_json(asdict(written))
    elif not written.token_ids:
        say(f"{written.model} ends here: its likeliest token is the end token")


def score(
    text: Annotated[str, typer.Argument(help="The text, read as it is.")],
    model: Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Tell how likely a landed language model finds a text, token by token.

    Each token's logprob is the natural logarithm of its probability after those before it; the
    first has none. Perplexity is exp(-mean): 1 for a text foreseen word by word, the size of the
    vocabulary for one that is all chance.
    """
    found = scoring.score(Database.locate(database), text, model=model, progress=Progress())
    if as_json:
        print_json(asdict(found))
        return
    print_table(
        ["token", "id", "logprob"],
        [[_quoted(token.text), str(token.id), token.logprob] for token in found.tokens],
        right=["id", "logprob"],
    )
    if found.perplexity is not None:
        typer.echo(f"perplexity {found.perplexity:.4f} by {found.model}")


def next_tokens(
    prompt: Annotated[str, typer.Argument(help="What stands before.")],
    top_k: Annotated[int, typer.Option("--top-k", "-k", help="Number of tokens.")] = 10,
    model: Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """List the tokens that a landed language model finds likeliest after a prompt.

    Probabilities are over the whole vocabulary.
    """
    found = scoring.next_tokens(
        Database.locate(database), prompt, top_k=top_k, model=model, progress=Progress()
    )
    if as_json:
        print_json([asdict(token) for token in found])
        return
    print_table(
        ["rank", "token", "id", "probability", "logprob"],
        [
            [rank, _quoted(token.text), str(token.id), token.probability, token.logprob]
            for rank, token in enumerate(found, start=1)
        ],
        right=["rank", "id", "probability", "logprob"],
    )


def _quoted(text: str) -> str:
    """A token as it is, its spaces and line ends to be seen."""
    return json.dumps(text, ensure_ascii=False)
