"""What is said or done after an answer: feedback, a text that was forgotten, new weights."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from ..errors import InputError
from .entry import caller_name, moment
from .reading import find
from .writing import append_event

GOOD, BAD = "good", "bad"


def event(kind: str, **values: Any) -> dict[str, Any]:
    """An event's line: its kind, an id, when and by whom, and its own values.

    Kinds: ``feedback`` {inference_id, verdict, rank, note}; ``forgotten`` {text_hash, query_hash,
    text_ids, embeddings, queries, asked, results, alternatives} or {older_than, inferences};
    ``weights`` {weights, evidence}.
    """
    return {
        "event": kind,
        "event_id": uuid.uuid4().hex,
        "created_at": moment(),
        "caller": caller_name(),
        **values,
    }


def feedback(
    folder: Path,
    inference_id: str,
    verdict: str,
    *,
    rank: int | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """Say that an answer, or one of its results, was good or bad; the event as it was logged.

    Args:
        folder: of the log.
        inference_id: an inference's id, the beginning of it, or ``last``.
        verdict: ``good`` or ``bad``.
        rank: of the result that is meant; the whole answer where not given.
        note: why, in words.

    Raises:
        InputError: no such inference, verdict or rank.
    """
    if verdict not in (GOOD, BAD):
        raise InputError(f"a verdict is {GOOD} or {BAD}; it got {verdict!r}")
    entry = find(folder, inference_id)
    ranks = [result.get("rank") for result in entry["results"]]
    if rank is not None and rank not in ranks:
        listed = ", ".join(str(known) for known in ranks) or "none"
        raise InputError(
            f"the inference {entry['inference_id'][:8]} has no result of rank {rank}; there are: "
            f"{listed}"
        )
    said = event(
        "feedback", inference_id=entry["inference_id"], verdict=verdict, rank=rank, note=note
    )
    append_event(folder, said)
    return said
