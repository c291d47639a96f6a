"""Measure what searches really cost on this machine, for the next build to choose by.

The build's tuning measures the recall of every setting and models its cost by rows that are read.
Here settings that reach the target are timed, one search at a time on one thread, and the
milliseconds are landed in ``raw.search_timings``.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np

from .database import Database, as_dicts
from .errors import InputError
from .landing.texts_rows import now, record_batch
from .progress import QUIET, Progress
from .search import vector_text
from .spaces import BuiltSpace, choose_space

SETTINGS = 12
"""How many settings are timed: the cheapest of those that reach the target by the model."""

WARM_UP = 3
_CALLS = {
    "exact": "exact_vector_search{suffix}($vector, 10)",
    "cells": "cell_search{suffix}($vector, 10, $probes, $candidates, $reach)",
}


@dataclass(frozen=True)
class Timing:
    """One setting as it was timed: milliseconds of a search, planning included."""

    path: str
    probes: int
    candidates: int
    recall: float
    queries: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Tuning:
    """What :func:`tune` found; ``served`` is what the last build serves."""

    space_id: str
    target_recall: float
    served: dict[str, Any]
    timings: list[Timing]
    drift: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """The tuning as plain data."""
        return asdict(self)


def tune(
    database: Database, *, model: str | None = None, queries: int = 30, progress: Progress = QUIET
) -> Tuning:
    """Time the settings of a space that reach the target, and land the milliseconds.

    Args:
        database: the database, built.
        model: the space's model; the default space where not given.
        queries: searches of each setting, taken from the build's tuning queries.
        progress: shows a bar.

    Raises:
        InputError: the database was not built, or its tuning is missing.
    """
    if queries < 1:
        raise InputError(f"--queries takes 1 or more; it got {queries}")
    with database.connect() as connection:
        space = choose_space(connection, model)
        connection.execute("SET threads = 1")
        try:
            served = as_dicts(connection.execute(f"FROM search_settings{space.suffix}"))
            drift = as_dicts(connection.execute(f"FROM cell_drift{space.suffix}"))
            settings = _settings(connection, space, served)
            vectors = _vectors(connection, space, queries)
            timings = []
            with progress.bar("timing searches", len(settings)) as advance:
                for setting in settings:
                    timings.append(_timed(connection, space, setting, vectors))
                    advance(1)
        except duckdb.CatalogException as error:
            raise InputError(
                f"{database.built} has no tuning of {space.space_id}: run `hartonomous build`"
            ) from error
        finally:
            connection.execute("RESET threads")
    _land(database, space.space_id, timings)
    target = float(served[0]["target_recall"]) if served else float("nan")
    chosen = served[0] if served else {}
    return Tuning(space.space_id, target, chosen, timings, drift[0] if drift else None)


def _settings(
    connection: duckdb.DuckDBPyConnection, space: BuiltSpace, served: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Exact search, and of each number of probes the fewest candidates that reach the target."""
    target = served[0]["target_recall"] if served else 1
    return as_dicts(
        connection.execute(
            f"""
            SELECT path, probes, reach, candidates, recall FROM search_curve{space.suffix}
            WHERE path = 'exact'
            UNION ALL
            SELECT * FROM (
                SELECT path, probes, reach, candidates, recall FROM search_curve{space.suffix}
                WHERE path = 'cells' AND recall_choosing - standard_error >= $target
                QUALIFY row_number() OVER (PARTITION BY probes ORDER BY candidates) = 1
                ORDER BY cost LIMIT $settings
            )
            """,
            {"target": target, "settings": SETTINGS},
        )
    )


def _vectors(connection: duckdb.DuckDBPyConnection, space: BuiltSpace, count: int) -> list[str]:
    rows = connection.execute(
        f"SELECT embedding FROM tuning_queries{space.suffix} ORDER BY query_id LIMIT $count",
        {"count": count},
    ).fetchall()
    return [vector_text(row[0]) for row in rows]


def _timed(
    connection: duckdb.DuckDBPyConnection,
    space: BuiltSpace,
    setting: dict[str, Any],
    vectors: list[str],
) -> Timing:
    call = _CALLS[setting["path"]].format(suffix=space.suffix)
    fixed = {key: setting[key] for key in ("probes", "candidates", "reach") if f"${key}" in call}
    taken = []
    for vector in vectors[:WARM_UP] + vectors:
        started = time.perf_counter()
        connection.execute(f"FROM {call}", {"vector": vector, **fixed}).fetchall()
        taken.append((time.perf_counter() - started) * 1000)
    p50, p95 = np.percentile(taken[WARM_UP:], [50, 95])
    return Timing(
        setting["path"],
        setting["probes"],
        setting["candidates"],
        setting["recall"],
        len(vectors),
        round(float(p50), 3),
        round(float(p95), 3),
    )


def _land(database: Database, space_id: str, timings: list[Timing]) -> None:
    columns: dict[str, list[Any]] = {
        name: [getattr(timing, name) for timing in timings]
        for name in ("path", "probes", "candidates", "queries", "p50_ms", "p95_ms")
    }
    columns |= {"space_id": [space_id] * len(timings), "measured_at": [now()] * len(timings)}
    with closing(database.sink(must_exist=True)) as sink, sink.transaction():
        sink.delete("search_timings", "space_id = ?", [space_id])
        if timings:
            sink.insert("search_timings", [record_batch("search_timings", columns)])
