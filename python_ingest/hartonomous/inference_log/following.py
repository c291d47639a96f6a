"""Following the log from where a reader left it: an outbox of whoever passes entries on."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .entry import completed
from .files import log_files, parsed

_CHUNK = 1 << 20


def follow(
    folder: Path, position: Mapping[str, int]
) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Every complete entry after a position, each with the position after it; then it ends.

    Entries of one file come in their order; files are merged by their entries' ``created_at``.
    Inferences have every key (older lines lack some), events are as they were written. A line that
    is still being written is left for the next time; one that a kill cut short is passed over.

    Keep the position where it survives, after what was done with the entry is safe: then nothing is
    lost, and after a kill at most the last entries come again.

    Args:
        folder: of the log.
        position: file name -> bytes read; empty for the beginning. Names of files that are gone
            are left out of what is returned.
    """
    here: dict[str, int] = {}
    streams = []
    for path in log_files(folder):
        size = _size(path)
        start = position.get(path.name, 0)
        start = start if start <= size else 0  # another file under an old name
        if path.name in position:
            here[path.name] = start
        if size > start:
            streams.append(_complete(path, start))
    for name, entry, end in heapq.merge(*streams, key=_created_at):
        here[name] = end
        yield entry, dict(here)


def _created_at(found: tuple[str, dict[str, Any], int]) -> str:
    return str(found[1].get("created_at", ""))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _complete(path: Path, start: int) -> Iterator[tuple[str, dict[str, Any], int]]:
    """(file name, entry, bytes up to its end) of each complete line from a byte on.

    A chunk at a time, the file closed between: there may be thousands of files.
    """
    end = start
    rest = b""
    while chunk := _read(path, end + len(rest)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            end += len(line) + 1
            entry = parsed(line)
            if entry is not None:
                yield path.name, completed(entry), end


def _read(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(_CHUNK)
    except FileNotFoundError:  # dropped by age meanwhile
        return b""
