"""Generation by neighborhood: a walk over token embeddings, which lands an inference."""

from __future__ import annotations

import time
from typing import Any

import duckdb

from . import inference_log
from .catalog import require_model
from .database import Database
from .errors import InputError
from .inference_log import Inference
from .project import model_suffixes

MAXIMUM_TOKENS = 1_000


def walk(
    database: Database, seed: str, *, tokens: int = 8, model: str | None = None
) -> tuple[list[dict[str, Any]], str]:
    """Steps {seq, token, distance} from a seed to its nearest unvisited neighbors, and the text.

    Raises:
        InputError: the seed is no token of the model, or the model has no token positions.
    """
    if not 1 <= tokens <= MAXIMUM_TOKENS:
        raise InputError(f"--tokens takes 1 to {MAXIMUM_TOKENS}; it got {tokens}")
    with database.connect() as connection:
        landed = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM models WHERE parent_model_id IS NULL "
                "ORDER BY NOT is_default, ingested_at, name"
            ).fetchall()
        ]
        if not landed:
            raise InputError("no model was landed: `hartonomous ingest model <folder>`, then build")
        known = require_model(database, model or landed[0])
        chosen = known["name"]
        own = model_suffixes(landed)[chosen]
        suffix = f"_{own}" if own else ""
        started = time.perf_counter()
        try:
            rows = connection.execute(
                f"FROM generate_via_spatial{suffix}($seed, $tokens)",
                {"seed": seed, "tokens": tokens},
            ).fetchall()
        except duckdb.InvalidInputException as error:
            raise InputError(
                f"{chosen}: {str(error).removeprefix('Invalid Input Error: ')}"
            ) from error
        except duckdb.CatalogException as error:
            raise InputError(
                f"{chosen} has no walk in the built database: run `hartonomous build`"
            ) from error
        elapsed_ms = (time.perf_counter() - started) * 1000
        serving = inference_log.served(database, connection)
    steps = [{"seq": row[0], "token": row[1], "distance": row[2]} for row in rows]
    text = rows[-1][3] if rows else seed
    inference_log.record(
        database,
        Inference(
            task="generate",
            method="spatial_walk",
            space_id="",
            models=[chosen],
            model_ids=[known["id"]],
            query_text=seed,
            settings={"num_tokens": tokens},
            duration_ms=round(elapsed_ms, 3),
            confidence=None,
            results=[{**step, "rank": step["seq"]} for step in steps],
            alternatives=[],
        ),
        serving,
    )
    return steps, text
