"""Which build answered, and whether it keeps texts: the newest row of the model build_runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from .entry import Inference, without_texts
from .writing import append_entry

if TYPE_CHECKING:
    from ..database import Database

HASH = "hash"


@dataclass(frozen=True)
class Served:
    """``run_id``: dbt's invocation id, None before any build; ``log_texts``: text or hash."""

    run_id: str | None = None
    log_texts: str = "text"


_known: dict[tuple[Any, ...], Served] = {}
"""For as long as the built file stays as it is: asking costs 1 ms, looking at the file nothing."""


def served(database: Database, connection: duckdb.DuckDBPyConnection | None = None) -> Served:
    """What serves now.

    Args:
        database: the files.
        connection: one that is open on them; else one is opened, where it is needed.
    """
    try:
        stat = database.built.stat()
    except FileNotFoundError:
        return Served()
    state = (database.built, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if state not in _known:
        if connection is None:
            with database.connect(landed=False) as opened:
                found = _read(opened)
        else:
            found = _read(connection)
        if len(_known) > 16:
            _known.clear()
        _known[state] = found
    return _known[state]


def _read(connection: duckdb.DuckDBPyConnection) -> Served:
    try:
        row = connection.execute(
            "SELECT run_id, log_texts FROM built.build_runs ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    except duckdb.CatalogException:  # built by an older version
        return Served()
    return Served(*row) if row else Served()


def record(database: Database, inference: Inference, serving: Served | None = None) -> None:
    """Log an answer before it is shown: with the build that served, texts as that build keeps them.

    ``serving``: what :func:`served` said while a connection was open; else it is asked now. Errors
    are as with :func:`.writing.append`.
    """
    serving = serving or served(database)
    inference.run_id = serving.run_id
    entry: Mapping[str, Any] = vars(inference)
    if serving.log_texts == HASH:
        entry = without_texts(entry)
    append_entry(database.inference_folder, entry)
