"""A landing of texts, vectors or queries as a person sees it: bars, notices and a summary."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..progress import Progress
from .sink import Sink

Landed = TypeVar("Landed")


def told(
    progress: Progress,
    land: Callable[..., Landed],
    sink: Sink,
    path: str | os.PathLike[str],
    **options: Any,
) -> Landed:
    """Run ``land(sink, path, **options)`` with a bar a stage; then say what it noticed and did."""
    started = time.monotonic()
    with progress.stages() as report:
        landed: Any = land(sink, path, progress=report, **options)
    for notice in landed.notices:
        progress.warn(notice)
    did = f"{landed.added:,} landed" if landed.added else "nothing new, nothing changed"
    known = f", {landed.known:,} were there" if landed.known else ""
    name = getattr(landed, "source", None) or landed.name
    progress.say(
        f"{name}: {landed.rows:,} rows, {did}{known} in the space {landed.space_id} "
        f"({time.monotonic() - started:.1f} s)"
    )
    return landed
