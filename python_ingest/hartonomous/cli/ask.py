"""hartonomous ask: named questions to the lineage graph."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..database import Database
from ..errors import InputError
from ..lineage import questions
from ..lineage.target import require
from . import options
from .lineage import _quiet_driver
from .output import print_json, print_table, say, shown, stdout


def ask(
    name: Annotated[
        str | None, typer.Argument(help="The question; without one all are listed.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", help="NAME=VALUE; may be given several times.")
    ] = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Ask the graph why: what an answer came from, what made a student, what a file led to."""
    if name is None:
        _list(as_json)
        return
    _quiet_driver()
    question = questions.find(name)
    given = _given(param or [])
    question.values(given)  # a mistake is told before a server is looked for
    rows = questions.ask(require(Database.locate(database)), question, given)
    if as_json:
        print_json({"question": question.name, "rows": rows})
        return
    if not rows:
        say("the graph knows nothing of it: `hartonomous publish-lineage` brings it up to date")
        return
    columns = list(rows[0])
    if len(columns) > _WIDE:
        _blocks(question.title, rows)
        return
    numbers = [
        column
        for column in columns
        if all(isinstance(row[column], int | float | None) for row in rows)
    ]
    print_table(
        columns,
        [[_shown(row[column]) for column in columns] for row in rows],
        title=question.title,
        right=numbers,
    )


_WIDE = 7
"""Columns above which a table would be too narrow for what stands in it."""


def _blocks(title: str, rows: list[dict[str, Any]]) -> None:
    """A row a block, a column a line; what is empty is left out."""
    stdout.print(title, markup=False)
    for row in rows:
        stdout.print()
        width = max(len(name) for name in row) + 2
        for name, value in row.items():
            if value not in (None, "", []):
                stdout.print(f"{name:<{width}}{shown(_shown(value))}", markup=False, soft_wrap=True)


def _list(as_json: bool) -> None:
    found = questions.questions()
    if as_json:
        print_json([question.as_dict() for question in found])
        return
    print_table(
        ["question", "what it tells", "parameters"],
        [
            [
                question.name,
                question.title,
                ", ".join(map(_usage, question.parameters)),
            ]
            for question in found
        ],
    )


def _usage(parameter: questions.Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}={parameter.default}"


def _given(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise InputError(f"--param takes NAME=VALUE; it got {pair!r}")
        found[name] = value
    return found


def _shown(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
