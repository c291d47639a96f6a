"""Appending to the log."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from .entry import Inference
from .files import appending


def append(folder: Path, inference: Inference) -> None:
    """Add one inference, as it is; one file a day keeps the folder small.

    Once this returns, a ``kill -9`` of the process loses nothing: the operating system has the
    line. A power cut may take the last seconds: waiting for the disk would cost 4 to 8 ms a call.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    append_entry(folder, vars(inference))


def append_event(folder: Path, event: Mapping[str, Any]) -> None:
    """Add what is no inference: see events.py. Errors are as with :func:`append`."""
    append_entry(folder, event)


def append_entry(folder: Path, entry: Mapping[str, Any]) -> None:
    """Add one line to the file of the entry's day."""
    line = _line(entry)
    path = folder / f"{entry['created_at'][:10]}.jsonl"
    try:
        try:
            with appending(folder):
                _write(path, line)
        except FileNotFoundError:  # the first entry of all
            folder.mkdir(parents=True, exist_ok=True)
            with appending(folder):
                _write(path, line)
    except OSError as error:
        raise InputError(
            f"the answer could not be logged in {folder}: {error.strerror or error}; nothing is "
            "answered without a log: make the folder writable, or room on the disk"
        ) from error


def _write(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        # What a kill cut short has no end of line: it must not swallow this entry. Where another
        # process is just writing, the line that is begun for nothing stays blank.
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        # One write to a file opened with O_APPEND is not torn apart by other writers.
        written = os.write(descriptor, line)
        if written < len(line):
            raise OSError(f"{written} of {len(line)} bytes were written")
    finally:
        os.close(descriptor)


def _line(entry: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
    except ValueError:  # NaN and infinity are no JSON: other readers would pass over the line
        text = json.dumps(_finite(entry), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value
