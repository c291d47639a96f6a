"""Calling a callable of the built database, with errors that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from ..errors import InputError

_PREFIX = "Invalid Input Error: "


class RefusedError(InputError):
    """The callable says why it cannot do this: what the model lacks, or what is wrong."""


def run(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[Any] = ()
) -> duckdb.DuckDBPyConnection:
    """Execute a statement that calls a callable.

    Raises:
        RefusedError: the callable raised an error, which is the message.
    """
    try:
        return connection.execute(statement, list(parameters))
    except duckdb.InvalidInputException as error:
        raise RefusedError(str(error).removeprefix(_PREFIX)) from error


def rows(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a statement that calls a callable; errors as :func:`run`."""
    try:
        return run(connection, statement, parameters).fetchall()
    except duckdb.InvalidInputException as error:
        raise RefusedError(str(error).removeprefix(_PREFIX)) from error


def require_text(text: str, what: str) -> None:
    """Raise InputError where there is nothing to read, or what no database can hold.

    Args:
        text: what the caller gave.
        what: what to call it.
    """
    if not text:
        raise InputError(f"the {what} is empty: give some words")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"the {what} is no valid Unicode: {error.reason}") from error
