"""hartonomous search, hartonomous walk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import search as library
from ..api import Hartonomous
from ..errors import InputError
from . import options
from .output import print_json, print_table, say, stdout


def search(
    text: Annotated[str, typer.Argument(help="What to look for, in words.")],
    method: Annotated[
        str,
        typer.Option(
            help="auto: the path that the build's tuning chose. cells: by cells and codes, "
            "whatever was chosen. exact: every vector. index: HNSW. spatial: 3-D position by the "
            "R-tree. coarse: 3-D grid cell. hybrid: 3-D neighbors and codes, by their vectors. "
            "ensemble: all models and the words, with each one's vote."
        ),
    ] = "auto",
    top_k: Annotated[int, typer.Option("--top-k", "-k", help="Number of results.")] = 10,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only texts with COLUMN=VALUE (also !=, <, <=, >, >=); repeatable."),
    ] = None,
    metric: Annotated[
        str | None, typer.Option(help="cosine, euclidean or dot; the space's own by default.")
    ] = None,
    candidates: Annotated[int, typer.Option(help="Spatial candidates of hybrid.")] = 100,
    max_distance: Annotated[
        float | None, typer.Option(help="Nothing farther than this, by the space's metric.")
    ] = None,
    fusion: Annotated[
        str, typer.Option(help="How ensemble joins its votes: reciprocal_rank or weighted.")
    ] = "reciprocal_rank",
    model: options.Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Find the texts nearest to a question, and log the answer."""
    if method == "ensemble":
        if where or metric or model or max_distance is not None:
            raise InputError(
                "--method ensemble asks every space by its own metric: it takes no --where, "
                "--metric, --model or --max-distance"
            )
        _ensemble(text, top_k, fusion, database, as_json)
        return
    results = Hartonomous(database).search(
        text,
        method=method,
        top_k=top_k,
        where=where or [],
        metric=metric,
        model=model,
        candidates=candidates,
        max_distance=max_distance,
    )
    if as_json:
        print_json([result.as_dict() for result in results])
        return
    if not results:
        say("nothing was found: no text passes the conditions, or none is landed")
        return
    spatial = any(result.spatial_distance is not None for result in results)
    print_table(
        ["rank", "distance", *(["3-D distance"] if spatial else []), "id", "source", "text"],
        [
            [
                result.rank,
                result.distance,
                *([result.spatial_distance] if spatial else []),
                result.id,
                result.source,
                result.text,
            ]
            for result in results
        ],
        right=["rank", "distance", "3-D distance", "id"],
    )
    if results[0].recall_estimate is not None and results[0].recall_estimate < 1:
        say(f"measured recall of this search: {results[0].recall_estimate:.3f}")
    say(f"`hartonomous explain {results[0].inference_id[:8]}` tells how this answer came about")


def _ensemble(text: str, top_k: int, fusion: str, database: Path | None, as_json: bool) -> None:
    results = Hartonomous(database).ensemble_search(text, top_k=top_k, fusion=fusion)
    if as_json:
        print_json([result.as_dict() for result in results])
        return
    if not results:
        say("nothing was found: no member of the ensemble knows such a text")
        return
    members = sorted({member for result in results for member in result.votes})
    print_table(
        ["rank", "score", *members, "text"],
        [
            [
                result.rank,
                result.score,
                *(
                    f"{result.votes[m].rank}: {result.votes[m].similarity:.3f}"
                    if m in result.votes
                    else ""
                    for m in members
                ),
                result.text,
            ]
            for result in results
        ],
        right=["rank", "score", *members],
    )
    say("under each member its rank and similarity")


search.__doc__ = (search.__doc__ or "") + f"\n\nMethods: {', '.join(library.METHODS)}, ensemble."


def walk(
    seed: Annotated[str, typer.Argument(help="A token of the model's vocabulary.")],
    tokens: Annotated[int, typer.Option("--tokens", "-n", help="Number of steps.")] = 8,
    model: options.Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Walk over related tokens by 3-D neighborhood (not language generation)."""
    steps, text = Hartonomous(database).walk(seed, tokens=tokens, model=model)
    if as_json:
        print_json({"steps": steps, "generated_text": text})
        return
    print_table(
        ["seq", "token", "distance"],
        [[step["seq"], step["token"], step["distance"]] for step in steps],
        right=["seq", "distance"],
    )
    stdout.print(text, markup=False)
