"""hartonomous graph start, stop, status: the graph server beside a database."""

from __future__ import annotations

from typing import Annotated

import typer

from ..database import Database
from ..lineage import server
from . import options
from .output import print_json, say, stdout

app = typer.Typer(
    help="A graph server for lineage, beside the database: it speaks Neo4j's protocol.",
    no_args_is_help=True,
)


@app.command("start")
def start(
    memory: Annotated[
        str, typer.Option(help="Of the Java heap, such as 512m or 2g.")
    ] = server.MEMORY,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Start it, on this machine's loopback only; one that runs already is left as it is."""
    _show(server.start(Database.locate(database), memory=memory), as_json)


@app.command("stop")
def stop(database: options.Database = None, as_json: options.Json = False) -> None:
    """Stop it, and wait until it is gone. The graph stays."""
    _show(server.stop(Database.locate(database)), as_json)


@app.command("status")
def status(database: options.Database = None, as_json: options.Json = False) -> None:
    """Tell whether it runs, and where."""
    _show(server.status(Database.locate(database)), as_json)


def _show(found: server.ServerStatus, as_json: bool) -> None:
    if as_json:
        print_json(found.as_dict())
        return
    if not found.running:
        say("no graph server runs: `hartonomous graph start` starts one")
        return
    for name, value in [
        ("address", found.uri or "it is just starting or stopping"),
        ("user", server.USER),
        ("password", f"in {found.folder}/password"),
        ("database", found.database),
        ("process", found.pid),
        ("since", found.started_at),
        ("memory", found.memory),
    ]:
        stdout.print(f"{name:<10}{value}", markup=False)
