"""hartonomous models, hartonomous inspect, hartonomous sql."""

from __future__ import annotations

from typing import Annotated

import duckdb
import typer

from .. import catalog
from ..database import Database
from ..errors import InputError
from . import options
from .output import print_json, print_table, say


def models(database: options.Database = None, as_json: options.Json = False) -> None:
    """List the models in the database, students included."""
    found = catalog.models(Database.locate(database))
    if as_json:
        print_json(found)
        return
    if not found:
        say("no model was landed yet: `hartonomous ingest model FOLDER`")
        return
    columns = ["name", "parent", "family", "parameters", "layers", "tensors", "bytes", "id"]
    print_table(
        columns,
        [[m["id"][:12] if c == "id" else m[c] for c in columns] for m in found],
        right=["parameters", "layers", "tensors", "bytes"],
    )


def inspect(
    model: Annotated[str, typer.Argument(help="A model's name or id.")],
    layer: Annotated[int | None, typer.Option(help="Layer from 0; else the tensors.")] = None,
    weight_type: Annotated[
        str, typer.Option("--type", help=f"With --layer: {', '.join(catalog.WEIGHT_TYPES)}.")
    ] = "Q",
    head: Annotated[int | None, typer.Option(help="With --layer: one attention head.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows to show, most important first.")] = 10,
    vectors: Annotated[bool, typer.Option(help="With --json: the rows' weights, too.")] = False,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Show a model's tensors, or the weight rows of one of its layers."""
    opened = Database.locate(database)
    found = catalog.require_model(opened, model)
    opened.require_built()
    if layer is None:
        tensors = catalog.tensors(opened, found)
        if as_json:
            print_json(tensors)
            return
        print_table(
            ["layer", "name", "role", "type", "shape", "dtype", "sha256"],
            [
                [
                    t["layer"],
                    t["name"],
                    t["role"],
                    t["weight_type"],
                    "x".join(map(str, t["shape"])),
                    t["dtype"],
                    t["sha256"][:12],
                ]
                for t in tensors
            ],
            right=["layer"],
        )
        return
    rows = catalog.weight_rows(
        opened,
        found,
        layer=layer,
        weight_type=weight_type,
        head=head,
        limit=limit,
        with_vectors=vectors and as_json,
    )
    if as_json:
        print_json(rows)
        return
    print_table(
        ["tensor", "head", "row", "L2 norm", "importance"],
        [
            [r["tensor_name"], r["head"], r["row_index"], r["l2_norm"], r["importance"]]
            for r in rows
        ],
        right=["head", "row", "L2 norm", "importance"],
    )


def sql(
    statement: Annotated[str, typer.Argument(help="A query over the built database.")],
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Run a read-only SQL query with everything attached and the extensions loaded."""
    with Database.locate(database).connect() as connection:
        try:
            found = connection.execute(statement)
            columns = [column[0] for column in found.description or []]
            rows = found.fetchall()
        except duckdb.Error as error:
            raise InputError(str(error)) from error
    if as_json:
        print_json([dict(zip(columns, map(_plain, row), strict=True)) for row in rows])
        return
    print_table(columns, rows)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return str(value)
