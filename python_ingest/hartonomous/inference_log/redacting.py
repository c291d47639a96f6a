"""Taking a text, or what is old, out of the log.

A line that loses a text is filled up with spaces, and a line that goes is all spaces: every other
byte stays where it is, so that a reader's position in a file (following.py) stays true. A file is
written anew beside itself and then takes its place: a kill leaves the old one or the new one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from .entry import completed, text_hash
from .files import is_of_sql, log_files, parsed, rewriting

_NEW = ".rewrite"
_BEING_WRITTEN = 60.0
"""Seconds after which a file of SQL that ends in the middle of a line was cut short by a kill."""


@dataclass
class Redacted:
    """Where a text stood: ids of inferences that asked it, ids/ranks of results that held it."""

    asked: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    texts: int = 0
    """How often it stood there, in all."""


def find_text(folder: Path, sought: str) -> Redacted:
    """Where a text stands in the log, which stays as it is; arguments as with :func:`redact`."""
    found = Redacted()
    for path in log_files(folder):
        for line in path.read_bytes().split(b"\n"):
            entry = parsed(line)
            if entry is not None:
                _taken_out(entry, sought, found)
    return found


def redact(folder: Path, sought: str) -> Redacted:
    """Take a text out of every entry that holds it as a value; entries stay.

    Args:
        folder: of the log.
        sought: the text's hash (:func:`.entry.text_hash`).

    Raises:
        InputError: a caller of SQL is just writing a file.
    """
    redacted = Redacted()

    def without(line: bytes) -> bytes:
        entry = parsed(line)
        if entry is None:
            # What a kill cut short was never an answer, and may hold the text.
            return b" " * len(line)
        kept = _taken_out(entry, sought, redacted)
        return line if kept is None else _fitted(kept, len(line))

    _rewrite(folder, without)
    return redacted


def drop_before(folder: Path, moment: str) -> int:
    """Drop inferences that were made before a moment (as ``created_at``); how many it were.

    Events stay: they are what was said of inferences, and that texts were forgotten. Files in
    which nothing is left are deleted.
    """
    dropped = [0]

    def without(line: bytes) -> bytes:
        entry = parsed(line)
        if entry is None or "event" in entry or completed(entry)["created_at"] >= moment:
            return line
        dropped[0] += 1
        return b" " * len(line)

    _rewrite(folder, without, delete_blank=True)
    return dropped[0]


def _taken_out(entry: dict[str, Any], sought: str, found: Redacted) -> dict[str, Any] | None:
    """The entry without the text, noted in ``found``; None where it does not hold it."""
    count = [0]
    kept: dict[str, Any] = _without(entry, sought, count)
    if not count[0]:
        return None
    found.texts += count[0]
    if "event" not in entry:
        _note(completed(entry), sought, found)
    return kept


def _without(value: Any, sought: str, count: list[int]) -> Any:
    """The value without every text of the hash; in a list of texts null stands in its place."""
    if isinstance(value, dict):
        kept = {}
        for key, part in value.items():
            if isinstance(part, str) and text_hash(part) == sought:
                count[0] += 1
            else:
                kept[key] = _without(part, sought, count)
        return kept
    if isinstance(value, list):
        return [_without(part, sought, count) for part in value]
    if isinstance(value, str) and text_hash(value) == sought:
        count[0] += 1
        return None
    return value


def _note(entry: dict[str, Any], sought: str, redacted: Redacted) -> None:
    inference_id = entry["inference_id"]
    if entry["query_text"] is not None and text_hash(entry["query_text"]) == sought:
        redacted.asked.append(inference_id)
    for key, ranks in (("results", redacted.results), ("alternatives", redacted.alternatives)):
        for result in entry[key]:
            texts = result.values() if isinstance(result, dict) else ()
            if any(isinstance(text, str) and text_hash(text) == sought for text in texts):
                ranks.append(f"{inference_id}/{result.get('rank')}")


def _fitted(entry: dict[str, Any], length: int) -> bytes:
    """The entry as a line of just this many bytes."""

    def dumped() -> bytes:
        text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")

    line = dumped()
    for key in ("alternatives", "settings", "results"):
        # Never seen: a text's key is longer than what writing numbers anew may add.
        if len(line) > length:
            entry.pop(key, None)
            line = dumped()
    return line.ljust(length)


def _rewrite(folder: Path, change: Callable[[bytes], bytes], *, delete_blank: bool = False) -> None:
    if not folder.is_dir():
        return
    with rewriting(folder):
        for left in folder.glob(f".*{_NEW}"):  # by a kill
            left.unlink()
        for path in log_files(folder):
            _rewrite_file(path, change, delete_blank)


def _rewrite_file(path: Path, change: Callable[[bytes], bytes], delete_blank: bool) -> None:
    before = path.read_bytes()
    is_torn = bool(before) and not before.endswith(b"\n")
    if is_torn and is_of_sql(path) and time.time() - path.stat().st_mtime < _BEING_WRITTEN:
        raise InputError(
            f"{path.name} is just being written by a caller of SQL: run the same command again"
        )
    lines = before.split(b"\n")
    after = b"\n".join(change(line) if line.strip() else line for line in lines)
    if after == before:
        return
    if delete_blank and not after.strip():
        path.unlink()
        return
    fresh = path.with_name(
        f".{path.stem}{_NEW}"
    )  # no name that a reader takes for a file of the log
    with fresh.open("wb") as file:
        file.write(after)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(fresh, path.stat().st_mode & 0o777)
    os.replace(fresh, path)
