"""Reading the log: what was asked, newest first, or one by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import InputError
from .entry import completed
from .files import is_of_sql, log_files, parsed


def read(folder: Path) -> list[dict[str, Any]]:
    """All inferences, oldest first."""
    return list(reversed(list(_newest_first(folder))))


def read_events(folder: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """All events, oldest first, of one kind where given: feedback, forgotten, weights."""
    found = [
        entry
        for path in log_files(folder)
        for entry in _entries(path, lambda line: b'"event"' in line)
        if "event" in entry and kind in (None, entry["event"])
    ]
    return sorted(found, key=lambda entry: str(entry.get("created_at", "")))


def select(
    folder: Path,
    *,
    since: str | None = None,
    model: str | None = None,
    task: str | None = None,
    caller: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Inferences newest first.

    Args:
        folder: of the log.
        since: a date or time (ISO 8601) from which on.
        model: a model's name or id, or a student's name.
        task: search, embed, generate, ...
        caller: who asked.
        limit: no more than this many.
    """
    first = _moment(since) if since is not None else ""
    found: list[dict[str, Any]] = []
    for entry in _newest_first(folder):
        if limit is not None and len(found) >= limit:
            break
        if entry["created_at"] < first:
            break
        used = (*entry["models"], *entry["model_ids"], *entry["students"])
        if (
            (model is None or model in used)
            and task in (None, entry["task"])
            and caller in (None, entry["caller"])
        ):
            found.append(entry)
    return found


def find(folder: Path, inference_id: str) -> dict[str, Any]:
    """One inference by its id, the beginning of it, or ``last``."""
    newest = next(_newest_first(folder), None)
    if newest is None:
        raise InputError("no inference was logged yet: `hartonomous search` logs one")
    if inference_id == "last":
        return newest
    sought = inference_id.encode("utf-8", "replace")
    matches = [
        entry
        for path in log_files(folder)
        for entry in _inferences(path, lambda line: sought in line)
        if entry["inference_id"].startswith(inference_id)
    ]
    if len(matches) != 1:
        raise InputError(
            f"{len(matches)} inferences begin with {inference_id!r}: `hartonomous inferences` "
            f"lists them, and `last` is the newest"
        )
    return matches[0]


def _newest_first(folder: Path) -> Iterator[dict[str, Any]]:
    """A day at a time, so that the newest are found without reading all."""
    days: dict[str, list[dict[str, Any]]] = {}
    files: dict[str, Path] = {}
    for path in log_files(folder):
        if is_of_sql(path):
            for entry in _inferences(path):
                days.setdefault(entry["created_at"][:10], []).append(entry)
        else:
            files[path.stem] = path
    for day in sorted(days.keys() | files.keys(), reverse=True):
        found = days.get(day, [])
        if day in files:
            found = [*_inferences(files[day]), *found]
        yield from reversed(sorted(found, key=lambda entry: entry["created_at"]))


def _inferences(
    path: Path, wanted: Callable[[bytes], bool] = lambda line: True
) -> Iterator[dict[str, Any]]:
    return (completed(entry) for entry in _entries(path, wanted) if "event" not in entry)


def _entries(path: Path, wanted: Callable[[bytes], bool]) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:  # dropped by age since the folder was listed
        return
    for line in lines:
        entry = parsed(line) if wanted(line) else None
        if entry is not None:
            yield entry


def _moment(since: str) -> str:
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as error:
        raise InputError(
            f"--since takes a date or time such as 2026-11-23 or 2026-11-23T08:00; it got {since!r}"
        ) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
