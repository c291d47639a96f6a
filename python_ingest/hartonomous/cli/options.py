"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Database = Annotated[
    Path | None,
    typer.Option(
        "--database",
        "-d",
        envvar="HARTONOMOUS_DATABASE",
        help="The landed file, NAME.duckdb; what is built and logged stands beside it.",
        show_default="hartonomous.duckdb",
    ),
]
Target = Annotated[
    str,
    typer.Option("--target", "-t", help="The dbt profile's output: duckdb, sqlserver, fabric."),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, messages on stderr.")]
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", help="A landed model's name, or its folder."),
]
