"""The files of a log: their names, their lines, and who may touch them when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows: there all take turns
    fcntl = None  # type: ignore[assignment]

from filelock import FileLock

_LOCK = ".lock"
_OF_A_DAY = re.compile(r"\d{4}-\d\d-\d\d\.jsonl")


def log_files(folder: Path) -> list[Path]:
    """Every file of the log, by name: days in order, then those of SQL."""
    return sorted(path for path in folder.glob("*.json*") if path.suffix in (".json", ".jsonl"))


def is_of_sql(path: Path) -> bool:
    """Whether others than :mod:`.writing` wrote this file: its entries may be of any day.

    Callers of SQL do; DuckDB takes no lock of ours.
    """
    return not _OF_A_DAY.fullmatch(path.name)


def parsed(line: bytes) -> dict[str, Any] | None:
    """The entry of a line; None for one that a kill cut short, or that was blanked."""
    if not line.strip():
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


@contextmanager
def appending(folder: Path) -> Iterator[None]:
    """Any number of processes append at once, none while the log is rewritten."""
    with _locked(folder, exclusive=False):
        yield


@contextmanager
def rewriting(folder: Path) -> Iterator[None]:
    """Alone with the log, but for callers of SQL."""
    with _locked(folder, exclusive=True):
        yield


@contextmanager
def _locked(folder: Path, *, exclusive: bool) -> Iterator[None]:
    if fcntl is None:
        with FileLock(folder / _LOCK):
            yield
        return
    with open(folder / _LOCK, "ab") as lock:  # closed, it is let go of: by a kill, too
        fcntl.flock(lock, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
