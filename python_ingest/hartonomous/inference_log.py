"""The inference log on DuckDB: a folder of append-only JSON lines beside the database.

DuckDB has one writer, and searching must not need it: ten processes search and log at once. Each
inference is one line, written by one ``write`` to a file opened for appending, before the answer is
shown; readers pass over a line that a kill cut short.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import InputError


@dataclass
class Inference:
    """One answer and how it came about.

    ``results`` and ``alternatives`` are lists of {rank, id, distance, confidence, text}.
    ``confidence`` is that of the first result: docs/guides/confidence.md.
    """

    task: str
    method: str
    space_id: str
    models: list[str]
    query_text: str
    settings: dict[str, Any]
    duration_ms: float
    confidence: float | None
    results: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    caller: str = field(default_factory=lambda: os.environ.get("HARTONOMOUS_CALLER") or _user())
    inference_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created_at: str = field(
        default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    )
    query_hash: str = ""

    def __post_init__(self) -> None:
        self.query_hash = hashlib.sha256(self.query_text.encode()).hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in this container
        return "unknown"


def append(folder: Path, inference: Inference) -> None:
    """Add one inference; one file a day keeps the folder small."""
    folder.mkdir(parents=True, exist_ok=True)
    line = (json.dumps(asdict(inference), ensure_ascii=False) + "\n").encode()
    path = folder / f"{inference.created_at[:10]}.jsonl"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        # One write to a file opened with O_APPEND is not torn apart by other writers.
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def read(folder: Path) -> list[dict[str, Any]]:
    """All inferences, oldest first."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:  # cut short by a kill
                continue
    return sorted(found, key=lambda inference: inference["created_at"])


def select(
    folder: Path, *, since: str | None = None, model: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Inferences newest first, from a date or time (ISO 8601) on and by a model's name."""
    if since is not None:
        try:
            moment = datetime.fromisoformat(since)
        except ValueError as error:
            raise InputError(
                f"--since takes a date or time such as 2026-11-23 or 2026-11-23T08:00; "
                f"it got {since!r}"
            ) from error
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        since = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
    found = [
        inference
        for inference in reversed(read(folder))
        if (since is None or inference["created_at"] >= since)
        and (model is None or model in inference["models"])
    ]
    return found[:limit]


def find(folder: Path, inference_id: str) -> dict[str, Any]:
    """One inference by its id, the beginning of it, or ``last``."""
    inferences = read(folder)
    if not inferences:
        raise InputError("no inference was logged yet: `hartonomous search` logs one")
    if inference_id == "last":
        return inferences[-1]
    matches = [entry for entry in inferences if entry["inference_id"].startswith(inference_id)]
    if len(matches) != 1:
        raise InputError(
            f"{len(matches)} inferences begin with {inference_id!r}: `hartonomous inferences` "
            f"lists them, and `last` is the newest"
        )
    return matches[0]
