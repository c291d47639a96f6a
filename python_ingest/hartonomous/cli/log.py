"""hartonomous inferences, hartonomous explain: the audit of what was asked."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import inference_log
from ..database import Database
from . import options
from .output import print_json, print_table, say, stdout


def inferences(
    since: Annotated[
        str | None, typer.Option(help="From this date or time on, such as 2026-11-23 (UTC).")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest N.")] = 20,
    model: options.Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """List the inferences that were logged, newest first."""
    opened = Database.locate(database)
    opened.require_landed()
    found = inference_log.select(opened.inference_folder, since=since, model=model, limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        say("no inference was logged yet: `hartonomous search` logs one")
        return
    print_table(
        ["id", "when (UTC)", "caller", "task", "method", "ms", "confidence", "text"],
        [
            [
                entry["inference_id"][:8],
                entry["created_at"][:19],
                entry["caller"],
                entry["task"],
                entry["method"],
                f"{entry['duration_ms']:.0f}",
                entry["confidence"],
                entry["query_text"],
            ]
            for entry in found
        ],
        right=["ms", "confidence"],
    )


def explain(
    inference: Annotated[
        str, typer.Argument(help="An inference's id, the beginning of it, or `last`.")
    ] = "last",
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Tell how an answer came about: what was asked, used, returned and also considered."""
    opened = Database.locate(database)
    opened.require_landed()
    entry = inference_log.find(opened.inference_folder, inference)
    if as_json:
        print_json(entry)
        return
    settings = ", ".join(f"{key} {value}" for key, value in entry["settings"].items() if value)
    for name, value in [
        ("inference", entry["inference_id"]),
        ("when", f"{entry['created_at'][:19]} UTC, by {entry['caller']}"),
        ("asked", entry["query_text"]),
        ("how", f"{entry['task']} by {entry['method']}; {settings}"),
        ("models", ", ".join(entry["models"])),
        ("space", entry["space_id"]),
        ("took", f"{entry['duration_ms']:.1f} ms"),
        ("confidence", entry["confidence"]),
    ]:
        if value not in (None, ""):
            stdout.print(f"{name:<11}{value}", markup=False)
    for title, rows in (("returned", entry["results"]), ("also considered", entry["alternatives"])):
        if rows:
            # results have distances, an ensemble's scores, a language model's tokens probabilities
            measures = [m for m in ("distance", "score", "logprob") if any(m in r for r in rows)]
            print_table(
                ["rank", "id", *measures, "text"],
                [
                    [
                        r["rank"],
                        r.get("id"),
                        *[r.get(measure) for measure in measures],
                        r.get("text") or r.get("token"),
                    ]
                    for r in rows
                ],
                title=f"\n{title}",
                right=["rank", "id", *measures],
            )
