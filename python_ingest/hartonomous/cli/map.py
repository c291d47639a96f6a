"""hartonomous map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..api import Hartonomous
from . import options
from .output import print_json, say


def draw(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page; one that is there is replaced.")
    ] = Path("map.html"),
    space: Annotated[
        str | None,
        typer.Option(help="A space's id or its model's name; by default the default space."),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option(
            "--color",
            "--colour",
            help="Color by `source` or a metadata column; by default the first of 2 to 24 "
            "categories.",
        ),
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", "-q", help="Search for this, and mark what is found.")
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", "-k", help="Number of results marked.")] = 10,
    limit: Annotated[
        int, typer.Option("--limit", "-n", help="The most points; beyond it a sample is drawn.")
    ] = 100_000,
    characters: Annotated[int, typer.Option(help="Cut texts to so many characters.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed draws the same sample.")] = 0,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Draw the 3-D positions of a space as one HTML page, to open in any browser.

    The page needs no network: turn, zoom and move it by mouse, touch or keys; what lies under the
    pointer is shown; colors, categories and a text filter are chosen on the page.
    """
    drawn = Hartonomous(database).map(
        output,
        space=space,
        color=color,
        query=query,
        top_k=top_k,
        limit=limit,
        characters=characters,
        seed=seed,
    )
    if as_json:
        print_json(drawn.as_dict())
        return
    sample = f" (a sample of {drawn.total:,})" if drawn.points < drawn.total else ""
    typer.echo(drawn.path)
    say(f"{drawn.points:,} points{sample} of {drawn.space}, {drawn.bytes / 1e6:.1f} MB")
