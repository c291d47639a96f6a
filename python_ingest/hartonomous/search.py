"""Search from Python: a text or vector, one of the methods, results with distance and confidence.

Each search runs one SQL callable of the built database, opened read-only, and lands an inference.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np

from . import filters as filter_conditions
from .answers import ALTERNATIVES, log_answers
from .database import Database
from .errors import InputError
from .inference_log import Inference, served
from .spaces import BuiltSpace, choose_space

METHODS = ("auto", "cells", "exact", "spatial", "coarse", "hybrid", "index")
METRICS = ("cosine", "euclidean", "dot")
MAXIMUM_TOP_K = 10_000


@dataclass
class Result:
    """One text that was found.

    ``distance`` is in full dimension, by the metric asked for; ``spatial_distance`` that of the 3-D
    positions, for the methods that use them; ``confidence`` is the similarity, cut to 0..1;
    ``recall_estimate`` the share of the exact nearest ten that the method's setting was measured to
    find, where the build measured it.
    """

    rank: int
    id: int
    text: str
    source: str
    distance: float
    similarity: float
    confidence: float
    inference_id: str
    spatial_distance: float | None = None
    recall_estimate: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data, without what its method does not have."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def vector_text(vector: Sequence[float] | np.ndarray) -> str:
    """A vector as JSON text with nine significant digits, which give float32 back exactly.

    Bound as one text parameter it costs 1 ms; DuckDB's Python client needs 60 ms to take a list of
    384 numbers apart.
    """
    return "[" + ",".join(f"{value:.9g}" for value in np.asarray(vector, dtype=np.float32)) + "]"


def check(method: str, top_k: int, metric: str | None) -> None:
    """Raise InputError for a method, number of results or metric that there is not."""
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}; use {', '.join(METHODS)}")
    if not 1 <= top_k <= MAXIMUM_TOP_K:
        raise InputError(f"--top-k takes 1 to {MAXIMUM_TOP_K}; it got {top_k}")
    if metric is not None and metric not in METRICS:
        raise InputError(f"unknown metric {metric!r}; use {', '.join(METRICS)}")


def search(
    database: Database,
    text: str,
    vector: Sequence[float] | np.ndarray,
    *,
    method: str = "auto",
    top_k: int = 10,
    metric: str | None = None,
    where: Sequence[str] = (),
    model: str | None = None,
    candidates: int = 100,
    max_distance: float | None = None,
    embed_ms: float = 0.0,
) -> list[Result]:
    """The texts nearest to a query vector, nearest first; lands an inference.

    Args:
        database: the database, built.
        text: what was asked; logged, never part of a statement.
        vector: float32[dimension], from the space's model.
        method: auto (the path that the build's tuning chose), cells, exact, spatial, coarse,
            hybrid or index.
        top_k: number of results.
        metric: of the reported distance, and of exact search; the space's own where not given.
        where: conditions such as ``domain=law``.
        model: the space's model; the default space where not given.
        candidates: spatial candidates of the hybrid method.
        max_distance: nothing farther than this is returned, by the space's metric; with auto.
        embed_ms: time that embedding the text took, part of the inference's duration and, by
            itself, of its settings.
    """
    check(method, top_k, metric)
    if method == "cells" and where:
        raise InputError("--method cells takes no --where: --method auto searches with filters")
    if max_distance is not None and method != "auto":
        raise InputError(f"--max-distance goes with --method auto; the method is {method}")
    with database.connect() as connection:
        space = choose_space(connection, model)
        space.require_dimension(vector)
        metric = metric or space.metric
        conditions = filter_conditions.parse(where, _columns(connection) if where else ())
        started = time.perf_counter()
        # More than was asked for: what just missed is part of the answer's history.
        rows = _run(
            connection,
            space,
            vector_text(vector),
            method,
            top_k + ALTERNATIVES,
            metric,
            filter_conditions.as_json(conditions),
            candidates,
            max_distance,
        )
        elapsed_ms = (time.perf_counter() - started) * 1000 + embed_ms
        serving = served(database, connection)
    inference = Inference(
        task="search",
        method=method,
        space_id=space.space_id,
        models=[space.model_name],
        model_ids=[space.model_id],
        query_text=text,
        settings={
            "top_k": top_k,
            "metric": metric,
            "filters": conditions,
            **({"candidates": candidates} if method == "hybrid" else {}),
            **({"max_distance": max_distance} if max_distance is not None else {}),
            **({"embed_ms": round(embed_ms, 3)} if embed_ms else {}),
        },
        duration_ms=round(elapsed_ms, 3),
        confidence=None,
        results=[],
        alternatives=[],
    )
    results = [
        Result(
            rank=rank,
            id=row[0],
            text=row[1],
            source=row[2],
            distance=row[3],
            similarity=_similarity(metric, row[3]),
            confidence=min(1.0, max(0.0, _similarity(metric, row[3]))),
            inference_id=inference.inference_id,
            spatial_distance=row[4],
            recall_estimate=row[5],
        )
        for rank, row in enumerate(rows, start=1)
    ]
    return log_answers(database, inference, results, top_k, serving)


def _similarity(metric: str, distance: float) -> float:
    return {"cosine": 1 - distance, "euclidean": 1 / (1 + distance), "dot": -distance}[metric]


_CALLS = {
    "auto": "vector_search{suffix}($vector, $k)",
    "auto with filters": "vector_search{suffix}($vector, $k, $filters, $max_distance)",
    "cells": "cell_search{suffix}($vector, $k)",
    "exact": "exact_vector_search{suffix}($vector, $k, $metric, $filters)",
    "index": "vector_index_search{suffix}($vector, $k, $filters)",
    "spatial": "approx_spatial_search{suffix}($x, $y, $z, $k, 0, $filters)",
    "coarse": "approx_spatial_search{suffix}($x, $y, $z, $k, 1, $filters)",
    "hybrid": "hybrid_search{suffix}($vector, $x, $y, $z, $candidates, $k, $filters)",
}
_DISTANCES = {
    "cosine": "array_cosine_distance",
    "euclidean": "array_distance",
    "dot": "array_negative_inner_product",
}


def _run(
    connection: duckdb.DuckDBPyConnection,
    space: BuiltSpace,
    vector: str,
    method: str,
    k: int,
    metric: str,
    filters: str | None,
    candidates: int,
    max_distance: float | None,
) -> list[tuple[Any, ...]]:
    """Rows (id, text, source, distance, spatial_distance, recall), in the method's own order."""
    if method == "auto" and (filters is not None or max_distance is not None):
        method = "auto with filters"
    values: dict[str, Any] = {"vector": vector, "k": k, "metric": metric, "filters": filters}
    values |= {"candidates": max(candidates, k), "max_distance": max_distance}
    if method in ("spatial", "coarse", "hybrid"):
        placed = connection.execute(
            f"FROM place_query{space.suffix}($vector)", {"vector": vector}
        ).fetchone()
        if placed is None or placed[0] is None:
            return []
        values.update(zip("xyz", placed, strict=True))
    call = _CALLS[method].format(suffix=space.suffix)
    try:
        found = connection.execute(
            f"FROM {call}", {key: value for key, value in values.items() if f"${key}" in call}
        ).fetchall()
    except duckdb.CatalogException as error:
        raise InputError(
            f"{call.partition('(')[0]} was not built: run `hartonomous build`, or search with "
            "another --method"
        ) from error
    if not found:
        return []
    if method == "hybrid":
        spatial = {row[0]: row[4] for row in found}
    else:
        spatial = {row[0]: row[2] for row in found} if method in ("spatial", "coarse") else {}
    # One more read for what every method reports alike: the distance in full dimension.
    details = {
        row[0]: row[1:]
        for row in connection.execute(
            f"SELECT embedding_id, source_text, source, {_DISTANCES[metric]}(embedding, "
            f"CAST($vector AS FLOAT[{space.dimension}])) FROM embeddings{space.suffix} "
            "WHERE embedding_id IN (SELECT unnest(CAST($ids AS INTEGER[])))",
            {"vector": vector, "ids": str([row[0] for row in found])},
        ).fetchall()
    }
    recall = 1.0 if method == "exact" else found[0][4] if method.startswith("auto") else None
    return [(row[0], *details[row[0]], spatial.get(row[0]), recall) for row in found]


def _columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What a filter may name: the fixed columns and every key of the landed metadata."""
    keys = connection.execute(
        "SELECT DISTINCT unnest(json_keys(metadata)) FROM landing.raw.texts "
        "WHERE metadata IS NOT NULL"
    ).fetchall()
    return ["source", "source_text", "embedding_id", *(key for (key,) in keys)]
