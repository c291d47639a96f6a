"""The audit row of everything that a model was asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from .. import inference_log
from ..database import Database
from ..inference_log import Inference
from .models import RunnableModel


def log(
    database: Database,
    task: str,
    method: str,
    model: RunnableModel,
    text: str,
    settings: dict[str, Any],
    started: float,
    *,
    confidence: float | None = None,
    results: Sequence[dict[str, Any]] = (),
    alternatives: Sequence[dict[str, Any]] = (),
) -> str:
    """Append an inference to the database's log, and return its id.

    Args:
        database: whose log.
        task: embed, generate, score or next-tokens.
        method: how: sql, greedy, sampling or beam_search.
        model: what was run.
        text: what was asked.
        settings: of the call.
        started: ``time.perf_counter()`` when it began.
        confidence: of the first result, where it has one.
        results: {rank, id, text, ...} of what was returned; alternatives: of what was considered.
    """
    inference = Inference(
        task=task,
        method=method,
        space_id="",
        models=[model.name],
        model_ids=[model.model_id],
        query_text=text,
        settings=settings,
        duration_ms=round((time.perf_counter() - started) * 1000, 3),
        confidence=confidence,
        results=list(results),
        alternatives=list(alternatives),
    )
    inference_log.record(database, inference)
    return inference.inference_id
