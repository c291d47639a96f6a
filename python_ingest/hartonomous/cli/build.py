"""hartonomous init, hartonomous build, hartonomous docs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from .. import build as library
from .. import project as dbt_project
from ..api import Hartonomous
from ..database import Database
from ..landing.targets import server_sink
from . import options
from .events import build_with_progress
from .output import print_json, say

Project = Annotated[
    Path | None,
    typer.Option("--project", envvar=dbt_project.ENVIRONMENT, help="The dbt project's folder."),
]


def init(
    target: options.Target = library.DEFAULT_TARGET,
    project: Project = None,
    database: options.Database = None,
) -> None:
    """Make the landing tables, empty, and a profiles.yml in the project where there is none.

    After it, `dbt build` by itself succeeds.
    """
    if target != library.DEFAULT_TARGET:
        sink = server_sink(target)
        sink.ensure_schema()
        sink.close()
        say(f"the landing tables stand in {target}, in the schema raw")
    else:
        hartonomous = Hartonomous(database)
        hartonomous.init()
        say(f"the landing tables stand in {hartonomous.database.landed}")
    folder = dbt_project.locate(project)
    profiles = folder / "profiles.yml"
    if not profiles.exists():
        shutil.copyfile(folder / "profiles.yml.example", profiles)
        say(f"{profiles} was written: a copy of profiles.yml.example")


def build(
    target: options.Target = library.DEFAULT_TARGET,
    select: Annotated[
        list[str] | None, typer.Option("--select", "-s", help="dbt's selectors; repeatable.")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build incremental tables from scratch.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show dbt's own log.")] = False,
    project: Project = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Build what was landed into tables, indexes, callables, students and reports, and test them.

    It runs `dbt build` with the profile and the models that belong to this database.
    """
    opened = Database.locate(database)
    result = build_with_progress(
        opened,
        quiet=as_json,
        verbose=verbose,
        project=dbt_project.locate(project),
        target=target,
        select=select or (),
        full_refresh=full_refresh,
    )
    if as_json:
        print_json({"built": result.built, "passed": result.passed, "seconds": result.seconds})
        return
    say(f"{result.built} models built, {result.passed} tests passed in {result.seconds:.1f} s")


def docs(
    target: options.Target = library.DEFAULT_TARGET,
    project: Project = None,
    database: options.Database = None,
) -> None:
    """Write dbt's documentation site with its lineage graph to the project's target/ folder."""
    folder = dbt_project.locate(project)
    build_with_progress(
        Database.locate(database),
        project=folder,
        target=target,
        command=["docs", "generate", "--static"],
    )
    say(f"open {folder / 'target' / 'static_index.html'} in a browser")
