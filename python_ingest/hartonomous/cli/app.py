"""All commands under one name."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from . import (
    ask,
    audit,
    build,
    demo,
    graph,
    infer,
    ingest,
    inspect,
    lineage,
    log,
    map,
    search,
    tune,
    tune_ensemble,
)

app = typer.Typer(
    name="hartonomous",
    help=(
        "The database is the model: land models and texts as rows, build them with dbt, search, "
        "inspect and run them with SQL.\n\n"
        "First steps: `hartonomous ingest model FOLDER`, `hartonomous ingest texts FILE`, "
        "`hartonomous build`, `hartonomous search 'a question'`."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"hartonomous {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before any command."""


app.command("init")(build.init)
app.add_typer(ingest.app, name="ingest")
app.add_typer(ingest.remove_app, name="remove")
app.command("build")(build.build)
app.command("search")(search.search)
app.command("tune")(tune.tune)
app.command("train-cells")(tune.train_cells_command)
app.command("map")(map.draw)
app.command("embed")(infer.embed)
app.command("generate")(infer.generate)
app.command("score")(infer.score)
app.command("next-tokens")(infer.next_tokens)
app.command("walk")(search.walk)
app.command("models")(inspect.models)
app.command("inspect")(inspect.inspect)
app.command("inferences")(log.inferences)
app.command("explain")(log.explain)
app.command("feedback")(audit.feedback)
app.command("forget")(audit.forget)
app.command("tune-ensemble")(tune_ensemble.tune_ensemble)
app.add_typer(graph.app, name="graph")
app.command("publish-lineage")(lineage.publish_lineage)
app.command("sync")(lineage.sync_command)
app.command("ask")(ask.ask)
app.command("sql")(inspect.sql)
app.command("docs")(build.docs)
app.command("demo")(demo.demo)
