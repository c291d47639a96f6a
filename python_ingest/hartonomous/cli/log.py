"""hartonomous inferences, hartonomous explain: the audit of what was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    task: Annotated[str | None, typer.Option(help="Only search, embed, generate, ...")] = None,
    caller: Annotated[str | None, typer.Option(help="Only who asked under this name.")] = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """List the inferences that were logged, newest first."""
    opened = Database.locate(database)
    opened.require_landed()
    found = inference_log.select(
        opened.inference_folder, since=since, model=model, task=task, caller=caller, limit=limit
    )
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
                _asked(entry),
            ]
            for entry in found
        ],
        right=["ms", "confidence"],
    )


def explain(
    inference: Annotated[
        str, typer.Argument(help="An inference's id, the beginning of it, or `last`.")
    ] = "last",
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            help="Draw the answer's whole path, down to the files that were landed, as this page.",
        ),
    ] = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Tell how an answer came about: what was asked, used, returned and also considered."""
    opened = Database.locate(database)
    opened.require_landed()
    if html is not None:
        _draw(opened, inference, html, as_json)
        return
    entry = inference_log.find(opened.inference_folder, inference)
    if as_json:
        print_json(entry)
        return
    settings = ", ".join(f"{key} {value}" for key, value in entry["settings"].items() if value)
    for name, value in [
        ("inference", entry["inference_id"]),
        ("when", f"{entry['created_at'][:19]} UTC, by {entry['caller']}"),
        ("asked", _asked(entry)),
        ("how", f"{entry['task']} by {entry['method']}; {settings}"),
        ("models", ", ".join(entry["models"])),
        ("students", ", ".join(entry["students"])),
        ("space", entry["space_id"]),
        ("took", f"{entry['duration_ms']:.1f} ms"),
        ("confidence", entry["confidence"]),
        ("recall", entry["recall_estimate"]),
        ("run", entry["run_id"]),
    ]:
        if value not in (None, ""):
            stdout.print(f"{name:<11}{value}", markup=False)
    for title, rows in (("returned", entry["results"]), ("also considered", entry["alternatives"])):
        if rows:
            # results have distances, an ensemble's scores, a language model's tokens probabilities
            measures = [m for m in ("distance", "score", "logprob") if any(m in r for r in rows)]
            # what a language model considered instead, a step of its text each
            steps = ["step"] if any("step" in r for r in rows) else []
            print_table(
                [*steps, "rank", "id", *measures, "text"],
                [
                    [
                        *[r.get(step) for step in steps],
                        r.get("rank"),
                        r.get("id"),
                        *[r.get(measure) for measure in measures],
                        r.get("text") or r.get("token") or _short(r.get("text_hash")),
                    ]
                    for r in rows
                ],
                title=f"\n{title}",
                right=[*steps, "rank", "id", *measures],
            )


def _asked(entry: dict[str, Any]) -> str:
    """What was asked, or the beginning of its hash where that is all that is kept."""
    text = entry["query_text"]
    return text if text is not None else _short(entry["query_hash"])


def _short(digest: str | None) -> str:
    return f"sha256 {digest[:12]}..." if digest else ""


def _draw(database: Database, inference: str, output: Path, as_json: bool) -> None:
    from ..explanation.write import draw

    drawn = draw(database, inference, output)
    if as_json:
        print_json(drawn.as_dict())
        return
    typer.echo(drawn.path)
    say(f"{drawn.nodes} nodes and {drawn.edges} edges of inference {drawn.inference_id[:8]}")
