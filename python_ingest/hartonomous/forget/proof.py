"""Proving that a text is gone: every value of every table and log, and every byte of the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ..database import Database
from ..inference_log import text_hash
from ..inference_log.files import log_files, parsed
from .tables import holding

MINIMUM_BYTES = 12
"""A shorter text stands in any large file by chance."""
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Found:
    """A place that still holds the text: a column of a table, a file of the log, bytes of a file.

    ``kind`` is value, or bytes: what stands there within something longer.
    """

    where: str
    kind: str
    count: int


def find_everywhere(database: Database, digest: str, text: str | None) -> list[Found]:
    """Every place that holds the text of a hash; bytes are looked for where the text is known."""
    found = [*_in_tables(database, digest), *_in_log(database.inference_folder, digest)]
    if text is not None and len(text.encode()) >= MINIMUM_BYTES:
        found += _in_bytes(database, text.encode())
    return found


def _in_tables(database: Database, digest: str) -> Iterator[Found]:
    with database.connect(built=database.built.exists()) as connection:
        for alias in ("landing", "built"):
            try:
                holders = holding(connection, alias, digest)
            except duckdb.BinderException:  # not attached
                continue
            for table, name, count in holders:
                yield Found(f"{table}.{name}", "value", count)


def _in_log(folder: Path, digest: str) -> Iterator[Found]:
    for path in log_files(folder):
        count = 0
        for line in path.read_bytes().split(b"\n"):
            entry = parsed(line)
            count += sum(text_hash(value) == digest for value in _texts(entry))
        if count:
            yield Found(str(path), "value", count)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _in_bytes(database: Database, sought: bytes) -> Iterator[Found]:
    files = [database.landed, database.built]
    files += [Path(f"{file}.wal") for file in files]
    for path in (*files, *log_files(database.inference_folder)):
        count = _count(path, sought) if path.exists() else 0
        if count:
            yield Found(str(path), "bytes", count)


def _count(path: Path, sought: bytes) -> int:
    count = 0
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            window = rest + chunk
            count += window.count(sought)
            rest = window[len(window) - len(sought) + 1 :]  # too short to hold one by itself
    return count
