"""From a database to a page: read, search, encode, write."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from .. import search
from ..database import Database
from ..errors import InputError
from ..html_page import check_output, save
from ..inference.question import embed_question
from ..spaces import BuiltSpace, choose_space
from .colors import CATEGORIES
from .columns import first_categories, read_columns
from .page import render
from .points import Points, count_points, read_points, require_column

if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_RESULTS = 100
"""More numbers than that would cover the picture that they mark."""
MINIMUM_CHARACTERS = 20


@dataclass(frozen=True)
class DrawnMap:
    """A page that was written: where, how many points of how many, how large."""

    path: str
    space: str
    points: int
    total: int
    bytes: int
    color: str | None
    results: int

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def write_map(
    database: Database,
    output: str | os.PathLike[str] = "map.html",
    *,
    space: str | None = None,
    color: str | None = None,
    query: str | None = None,
    top_k: int = 10,
    limit: int = 100_000,
    characters: int = 200,
    seed: int = 0,
) -> DrawnMap:
    """Write one self-contained HTML page of a space's 3-D positions; replaces an older page.

    Args:
        database: the database, built.
        output: the page, ``NAME.html``, in a folder that exists.
        space: a space's id, or its model's name; the default space where not given.
        color: the column to color by at first: ``source`` or a key of the metadata. Where not
            given, the first column of two to 24 categories.
        query: a text to search for, as :meth:`Hartonomous.search` does (it is logged the same
            way); its position and its results are marked.
        top_k: number of results, up to 100.
        limit: the most points; beyond it a sample is drawn, with the results in it.
        characters: texts and categories are cut to as many.
        seed: of the sample.

    Raises:
        InputError: a value out of its range, an unknown column or space, nothing to draw, nothing
            built, or an output that cannot be written. Nothing is written then.
    """
    path = check_output(output)
    _check(query, top_k, limit, characters)
    with _opened(database, space) as (connection, chosen):
        # What cannot be drawn is said before a model is run for the query.
        count_points(connection, chosen)
        if color is not None:
            require_column(connection, chosen, color)
    asked, ids = _ask(database, query, top_k, chosen) if query is not None else (None, [])
    with _opened(database, space) as (connection, chosen):
        points = read_points(
            connection, chosen, limit=limit, seed=seed, keep=ids, characters=characters
        )
    columns = read_columns(points.rows, characters, color)
    colored_by = color or first_categories(columns, CATEGORIES)
    if asked is not None:
        _locate(asked["results"], points)
    page = render(
        points,
        columns,
        {
            "model": chosen.model_name,
            "space": chosen.space_id,
            "dimension": chosen.dimension,
            "metric": chosen.metric,
            "total": points.total,
            "seed": seed,
            "characters": characters,
            "color": colored_by,
            "query": asked,
        },
    )
    return DrawnMap(
        path=str(path),
        space=chosen.space_id,
        points=len(points.ids),
        total=points.total,
        bytes=save(path, page),
        color=colored_by,
        results=len(ids),
    )


def _check(query: str | None, top_k: int, limit: int, characters: int) -> None:
    if query is not None and not query.strip():
        raise InputError("--query is empty; give the text to look for, or leave the option out")
    if not 1 <= top_k <= MAXIMUM_RESULTS:
        raise InputError(f"--top-k takes 1 to {MAXIMUM_RESULTS} on a map; it got {top_k}")
    if limit < 1:
        raise InputError(f"--limit takes 1 or more points; it got {limit}")
    if query is not None and limit < top_k:
        raise InputError(
            f"--limit {limit} leaves no room for the {top_k} results that --top-k asks for: raise "
            "the one or lower the other"
        )
    if characters < MINIMUM_CHARACTERS:
        raise InputError(f"--characters takes {MINIMUM_CHARACTERS} or more; it got {characters}")


@contextmanager
def _opened(
    database: Database, space: str | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, BuiltSpace]]:
    with database.connect() as connection:
        yield connection, choose_space(connection, space)


def _ask(
    database: Database, query: str, top_k: int, space: BuiltSpace
) -> tuple[dict[str, Any], list[int]]:
    """The query with its position and results as the page reads them, and the results' ids."""
    started = time.perf_counter()
    vector = embed_question(database, query, space.space_id)
    embed_ms = (time.perf_counter() - started) * 1000
    results = search.search(
        database, query, vector, top_k=top_k, model=space.space_id, embed_ms=embed_ms
    )
    asked = {
        "text": query,
        "position": _place(database, space, vector),
        "results": [{"rank": r.rank, "id": r.id, "distance": r.distance} for r in results],
    }
    return asked, [result.id for result in results]


def _place(database: Database, space: BuiltSpace, vector: np.ndarray) -> list[float] | None:
    """The query's own 3-D position; None where the space has no landmark to place it by."""
    with database.connect() as connection:
        placed = connection.execute(
            f"FROM place_query{space.suffix}($vector)", {"vector": search.vector_text(vector)}
        ).fetchone()
    return None if placed is None or placed[0] is None else [float(axis) for axis in placed]


def _locate(results: Sequence[dict[str, Any]], points: Points) -> None:
    """Say of each result which of the drawn points it is."""
    for result in results:
        result["point"] = points.index_of(result["id"])
        if result["point"] is None:
            raise InputError(
                f"result {result['rank']} (embedding {result['id']}) has no position, or the "
                "database was built anew meanwhile: run `hartonomous build`, then this again"
            )
