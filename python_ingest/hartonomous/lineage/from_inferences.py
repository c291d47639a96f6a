"""The log as a graph: entries in, nodes and edges out. Pure: it reads nothing and writes nothing.

Entries come from files that others may write (``COPY`` of plain SQL), so that every value is
checked: what is no number, text or moment is left out, never passed on.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .graph import Edge, Node

UNKNOWN_MODEL = "unknown"
"""Stands for the id of a model that is not landed any more, in an entry that names no id."""

_CALLABLES = {
    ("search", "auto"): "vector_search",
    ("search", "cells"): "cell_search",
    ("search", "exact"): "exact_vector_search",
    ("search", "index"): "vector_index_search",
    ("search", "spatial"): "approx_spatial_search",
    ("search", "coarse"): "approx_spatial_search",
    ("search", "hybrid"): "hybrid_search",
    ("search", "ensemble"): "ensemble_search",
    ("search", "lexical"): "lexical_search",
    ("search", "neighbors"): "neighbors",
    ("search", "batch"): "batch_search",
    ("search", "duplicates"): "duplicates",
    ("search", "semantic"): "semantic_search",
    ("embed", "sql"): "embed",
    ("generate", "greedy"): "generate",
    ("generate", "sampling"): "generate",
    ("generate", "beam_search"): "generate_beam",
    ("generate", "spatial_walk"): "generate_via_spatial",
    ("score", "sql"): "score",
    ("next-tokens", "sql"): "next_tokens",
}
OF_SPACES = (
    "vector_search",
    "cell_search",
    "exact_vector_search",
    "vector_index_search",
    "approx_spatial_search",
    "hybrid_search",
)
"""Callables that every space has."""
_LARGEST = 2**63 - 1
_LONGEST_TEXT, _LONGEST_KEY = 100_000, 400
"""Characters of a text in the graph (the log holds the whole), and of a key in an index."""


@dataclass(frozen=True)
class Names:
    """What entries name, and the catalogue knows better.

    ``models``: name -> id of the landed model, for entries that were logged without ids;
    ``suffixes``: (callable, space or model name) -> what it carries there ('' by default).
    """

    models: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[tuple[str, str], str] = field(default_factory=dict)


def from_inferences(
    entries: Iterable[Mapping[str, Any]], names: Names | None = None
) -> Iterator[Node | Edge]:
    """Nodes and edges of log entries, in their order; the elements of one entry lie together.

    Args:
        entries: inferences, and events: feedback, forgotten, weights. Others are passed over.
        names: ids and suffixes of the landed models.
    """
    names = names or Names()
    for entry in entries:
        event = entry.get("event")
        if event is None:
            yield from _inference(entry, names)
        elif isinstance(event, str) and (of_event := _EVENTS.get(event)):
            yield from of_event(entry)


def _inference(entry: Mapping[str, Any], names: Names) -> Iterator[Node | Edge]:
    key = identity(text(entry.get("inference_id")) or _hash(entry))
    this = ("Inference", key)
    task, method = text(entry.get("task")) or "", identity(text(entry.get("method")) or "")
    caller = identity(text(entry.get("caller")) or "unknown")
    settings = entry.get("settings")
    settings = settings if isinstance(settings, Mapping) else {}
    confidence = number(entry.get("confidence"))
    yield Node(
        "Inference",
        key,
        {
            "inference_id": key,
            "timestamp": moment(entry.get("created_at")),
            "task_type": task,
            "method": method,
            "duration_ms": number(entry.get("duration_ms")),
            "confidence": confidence,
            "recall_estimate": number(entry.get("recall_estimate")),
            "caller": caller,
            "query_hash": text(entry.get("query_hash")),
            "query_text": text(entry.get("query_text")),
            "settings": as_json(settings),
        },
    )
    yield Node("Caller", caller, {"name": caller})
    yield Edge("REQUESTED_BY", this, ("Caller", caller))
    if method:
        yield Node("ReasoningMode", method, {"type": method})
        yield Edge("USED_REASONING", this, ("ReasoningMode", method))
    yield from _used(entry, this, names)
    yield from _called(this, task, method, entry, names)
    if weights := settings.get("weights"):
        weights_key = _hash(weights)
        yield Node("Weights", weights_key, {"weights": as_json(weights)})
        yield Edge("WEIGHTED_BY", this, ("Weights", weights_key))
    results, alternatives = _rows(entry.get("results")), _rows(entry.get("alternatives"))
    first: Mapping[str, Any] = results[0] if results else {}
    decision = ("Decision", key)
    yield Node(
        "Decision",
        key,
        {
            "confidence": confidence,
            "distance": number(first.get("distance")),
            "text": text(first.get("text")) or text(first.get("token")),
        },
    )
    yield Edge("RESULTED_IN", this, decision)
    space = identity(text(entry.get("space_id")) or "")
    yield from _found("Result", "RETURNED", decision, key, results, space, None)
    last = number(results[-1].get("distance")) if results else None
    yield from _found("Alternative", "CONSIDERED", this, key, alternatives, space, last)


def _used(entry: Mapping[str, Any], this: tuple[str, str], names: Names) -> Iterator[Node | Edge]:
    models, ids = _texts(entry.get("models")), _texts(entry.get("model_ids"))
    for number_, name in enumerate(models):
        model_id = ids[number_] if len(ids) == len(models) else names.models.get(name, "")
        model_id = model_id or UNKNOWN_MODEL
        key = identity(f"{name}@{model_id}")
        yield Node("Model", key, {"name": name, "model_id": model_id})
        yield Edge("USED_MODEL", this, ("Model", key))
    for name in _texts(entry.get("students")):
        yield Node("Student", name, {"name": name})
        yield Edge("USED_STUDENT", this, ("Student", name))
    for space in _spaces(entry):
        yield Node("Space", space, {"space_id": space})
        yield Edge("USED_SPACE", this, ("Space", space))
    if run := identity(text(entry.get("run_id")) or ""):
        yield Node("Run", run, {"invocation_id": run})
        yield Edge("SERVED_BY", this, ("Run", run))


def _called(
    this: tuple[str, str], task: str, method: str, entry: Mapping[str, Any], names: Names
) -> Iterator[Node | Edge]:
    called = _CALLABLES.get((task, method))
    if called is None:
        return
    owner = text(entry.get("space_id")) or next(iter(_texts(entry.get("models"))), "")
    called += names.suffixes.get((called, owner), "")
    yield Node("Callable", called, {"name": called})
    yield Edge("CALLED", this, ("Callable", called))


def _spaces(entry: Mapping[str, Any]) -> list[str]:
    """An ensemble names its spaces in one text, with commas."""
    named = (text(entry.get("space_id")) or "").split(", ")
    return [identity(space) for space in named if space]


def _found(
    label: str,
    relation: str,
    parent: tuple[str, str],
    inference: str,
    rows: list[Mapping[str, Any]],
    space: str,
    last: float | None,
) -> Iterator[Node | Edge]:
    taken: set[str] = set()
    for place, row in enumerate(rows, start=1):
        rank = integer(row.get("rank"))
        step = integer(row.get("step"))
        key = f"{inference}/{place if rank is None else rank}"
        if step is not None and label == "Alternative":
            key = f"{inference}/{step}/{place if rank is None else rank}"
        if key in taken:  # ranks that repeat: a caller's own
            key = f"{key}#{place}"
        taken.add(key)
        found = row.get("id")
        distance = number(row.get("distance"))
        properties: dict[str, Any] = {
            "rank": place if rank is None else rank,
            "id": None if found is None else text(found if isinstance(found, str) else str(found)),
            "distance": distance,
            "confidence": number(row.get("confidence")),
            "text": text(row.get("text")) or text(row.get("token")),
        }
        for name in ("score", "logprob"):
            if name in row:
                properties[name] = number(row[name])
        if isinstance(row.get("votes"), Mapping):
            properties["votes"] = as_json(row["votes"])
        if hashed := text(row.get("text_hash")) or text(row.get("token_hash")):
            properties["text_hash"] = hashed
        if label == "Alternative":
            if step is not None:
                properties["step"] = step
            if distance is not None and last is not None:
                properties["behind"] = distance - last
        yield Node(label, key, properties)
        yield Edge(relation, parent, (label, key))
        if not space or "logprob" in row:
            continue
        if isinstance(found, int) and not isinstance(found, bool):
            embedding = f"{space}/{found}"
            yield Node("Embedding", embedding, {"space_id": space, "embedding_id": found})
            yield Edge("FOUND", (label, key), ("Embedding", embedding))
        elif isinstance(found, str) and found:  # an ensemble's results are texts
            yield Edge("FOUND", (label, key), ("Text", identity(clean(found))))


def _feedback(entry: Mapping[str, Any]) -> Iterator[Node | Edge]:
    key = identity(text(entry.get("event_id")) or _hash(entry))
    yield Node(
        "Feedback",
        key,
        {
            "verdict": text(entry.get("verdict")),
            "rank": integer(entry.get("rank")),
            "note": text(entry.get("note")),
            "caller": text(entry.get("caller")),
            "created_at": moment(entry.get("created_at")),
        },
    )
    if inference := text(entry.get("inference_id")):
        yield Edge("ABOUT", ("Feedback", key), ("Inference", inference))


def _forgotten(entry: Mapping[str, Any]) -> Iterator[Node | Edge]:
    """A text that was forgotten leaves the graph, too; the nodes stay, as the log's entries do."""
    for key in _texts(entry.get("asked")):
        yield Node("Inference", key, {"query_text": None})
    for label, keys in (("Result", "results"), ("Alternative", "alternatives")):
        for key in _texts(entry.get(keys)):
            yield Node(label, key, {"text": None})
            if label == "Result" and key.endswith("/1"):
                yield Node("Decision", key.removesuffix("/1"), {"text": None})
    for key in _texts(entry.get("text_ids")):
        yield Node("Text", key, {"text": None, "metadata": None})


def _weights(entry: Mapping[str, Any]) -> Iterator[Node | Edge]:
    weights, evidence = entry.get("weights"), entry.get("evidence")
    if not isinstance(weights, Mapping):
        return
    key = _hash(weights)
    yield Node(
        "Weights",
        key,
        {
            "weights": as_json(weights),
            "evidence": as_json(evidence),
            "created_at": moment(entry.get("created_at")),
        },
    )
    if isinstance(evidence, Mapping):
        for feedback in _texts(evidence.get("feedback")):
            yield Edge("DERIVED_FROM", ("Weights", key), ("Feedback", feedback))


_EVENTS = {"feedback": _feedback, "forgotten": _forgotten, "weights": _weights}


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    """The names of a list, each once, such that they can be keys."""
    if not isinstance(value, list):
        return []
    named = (identity(clean(part)) for part in value if isinstance(part, str) and part)
    return list(dict.fromkeys(named))


def identity(key: str) -> str:
    """A key that an index takes: a longer one is cut, and told apart by its hash."""
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:_LONGEST_KEY]}#{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def clean(value: str) -> str:
    """A text that UTF-8 can hold: JSON may bring half a surrogate pair, which no server takes."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def text(value: Any) -> str | None:
    """The value where it is a text, cut where it is very long; else None."""
    return clean(value[:_LONGEST_TEXT]) if isinstance(value, str) else None


def number(value: Any) -> float | None:
    """The value where it is a finite number, else None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            return None
        return found if math.isfinite(found) else None
    return None


def integer(value: Any) -> int | None:
    """The value where it is a whole number of 64 bits, else None."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    return None


def moment(value: Any) -> str | None:
    """A moment as ISO 8601 text in UTC, with Z; None where it is none. Without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return found.isoformat(timespec="microseconds") + "Z"


def as_json(value: Any) -> str | None:
    """A value as JSON text, the same for the same value; None for None."""
    if value is None:
        return None
    found = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return clean(found[:_LONGEST_TEXT])


def _hash(value: Any) -> str:
    whole = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
