"""What the searches share: an answer's rows become the inference that is logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from . import inference_log
from .database import Database
from .inference_log import Inference, Served

ALTERNATIVES = 5
"""How many results beyond top_k an inference records as considered."""


class Answer(Protocol):
    """One result of a search."""

    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data."""


AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


def log_answers(
    database: Database,
    inference: Inference,
    found: Sequence[AnyAnswer],
    top_k: int,
    serving: Served,
) -> list[AnyAnswer]:
    """Log an inference with what it found, best first, and return the first ``top_k`` of it.

    The rest was considered; confidence and recall of the first are those of the inference.
    """
    logged = [{k: v for k, v in row.as_dict().items() if k != "inference_id"} for row in found]
    inference.results, inference.alternatives = logged[:top_k], logged[top_k:]
    inference.confidence = found[0].confidence if found else None
    inference.recall_estimate = getattr(found[0], "recall_estimate", None) if found else None
    inference_log.record(database, inference, serving)
    return list(found[:top_k])
