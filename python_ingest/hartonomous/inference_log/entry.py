"""What one inference says, and what is left of it where texts are kept as hashes."""

from __future__ import annotations

import getpass
import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TOKEN_TASKS = ("generate", "score", "next-tokens")
"""Tasks whose results are tokens: there an id is a word, too."""

_TEXTS = ("text", "token")
_MOMENT = "%Y-%m-%dT%H:%M:%S.%f"


def caller_name() -> str:
    """Who asks: HARTONOMOUS_CALLER, else the user of this process."""
    named = os.environ.get("HARTONOMOUS_CALLER")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in this container
        return "unknown"


def moment() -> str:
    """Now, UTC, as the log writes it."""
    return datetime.now(UTC).strftime(_MOMENT)


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, 64 hexadecimal digits: how the log names a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass
class Inference:
    """One answer and how it came about.

    ``results`` and ``alternatives`` are lists of {rank, id, distance, confidence, text}.
    ``confidence`` is that of the first result: docs/guides/confidence.md. ``model_ids`` stand
    beside ``models``, their names; ``students`` are names. ``recall_estimate`` is the share of the
    exact nearest ten that the setting was measured to find. ``run_id`` is the dbt invocation that
    built what answered. ``query_text`` is None where only its hash is kept.
    """

    task: str
    method: str
    space_id: str
    models: list[str]
    query_text: str | None
    settings: dict[str, Any]
    duration_ms: float
    confidence: float | None
    results: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    model_ids: list[str] = field(default_factory=list)
    students: list[str] = field(default_factory=list)
    recall_estimate: float | None = None
    run_id: str | None = None
    caller: str = field(default_factory=caller_name)
    inference_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created_at: str = field(default_factory=moment)
    query_hash: str = ""

    def __post_init__(self) -> None:
        if self.query_text is not None:
            self.query_hash = text_hash(self.query_text)


DEFAULTS: dict[str, Any] = {
    "inference_id": "",
    "created_at": "",
    "caller": "unknown",
    "task": "search",
    "method": "",
    "space_id": "",
    "models": [],
    "model_ids": [],
    "students": [],
    "run_id": None,
    "query_hash": "",
    "query_text": None,
    "settings": {},
    "duration_ms": 0.0,
    "confidence": None,
    "recall_estimate": None,
    "results": [],
    "alternatives": [],
}
"""What an older line, or one that a caller of SQL wrote, may lack."""


def completed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with every key that an inference has; events stay as they are."""
    if "event" in entry:
        return dict(entry)
    given = {key: value for key, value in entry.items() if _fits(key, value)}
    found = {**DEFAULTS, **given}
    found["created_at"] = _as_logged(found["created_at"])
    return found


def _as_logged(value: Any) -> str:
    """A moment as the log writes it, so that texts compare as moments; '' for what is none."""
    if isinstance(value, str) and len(value) == 26 and value[10] == "T":
        return value
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return found.strftime(_MOMENT)


def _fits(key: str, value: Any) -> bool:
    """Whether a value is of the kind that readers count on: files may be somebody else's."""
    default = DEFAULTS.get(key)
    if default is None:
        return True
    if isinstance(default, float):
        return isinstance(value, int | float)
    if isinstance(default, str) and key != "created_at":
        return isinstance(value, str)
    if isinstance(default, list) and isinstance(value, list):
        kind = dict if key in ("results", "alternatives") else str
        return all(isinstance(part, kind) for part in value)
    return isinstance(value, type(default)) or (key == "created_at" and value is not None)


def without_texts(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry that keeps hashes in place of texts: query, results, values of filters.

    Tokens and their ids, from which a text could be put together again, are left out.
    """
    settings = dict(entry["settings"])
    if isinstance(settings.get("filters"), list):
        settings["filters"] = [_hashed(condition, ("value",)) for condition in settings["filters"]]
    drops_ids = entry["task"] in TOKEN_TASKS
    hidden = {
        key: [_without_text(result, drops_ids) for result in entry[key]]
        for key in ("results", "alternatives")
    }
    return {**entry, **hidden, "settings": settings, "query_text": None}


def _without_text(result: Mapping[str, Any], drops_id: bool) -> dict[str, Any]:
    if not drops_id:
        return _hashed(result, _TEXTS)
    return {key: value for key, value in result.items() if key not in ("id", *_TEXTS)}


def _hashed(values: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """The values, with ``<key>_hash`` in place of every text of ``keys``."""
    found = {}
    for key, value in values.items():
        if key in keys and isinstance(value, str):
            found[f"{key}_hash"] = text_hash(value)
        elif key in keys and isinstance(value, list):
            found[f"{key}_hash"] = [text_hash(str(part)) for part in value]
        else:
            found[key] = value
    return found
