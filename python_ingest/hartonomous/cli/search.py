"""hartonomous search, hartonomous walk."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import search as library
from ..api import Hartonomous
from . import options
from .output import print_json, print_table, say, stdout


def search(
    text: Annotated[str, typer.Argument(help="What to look for, in words.")],
    method: Annotated[
        str,
        typer.Option(
            help="auto: the path that the build's tuning chose. cells: by cells and codes, "
            "whatever was chosen. exact: every vector. index: HNSW. spatial: 3-D position by the "
            "R-tree. coarse: 3-D grid cell. hybrid: 3-D neighbors and codes, by their vectors."
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
    model: options.Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Find the texts nearest to a question, and log the answer."""
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


search.__doc__ = (search.__doc__ or "") + f"\n\nMethods: {', '.join(library.METHODS)}."


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
