"""Where lineage is written to, and how far it was.

A transport takes batches, each with the watermark that holds once it is written. One that can keep
the watermark with the batch, in one transaction, is never left with half of either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from .batch import Batch
from .graph import VERSION


@dataclass(frozen=True)
class Watermark:
    """How far a database was published.

    ``position``: of the log, file name -> bytes (:func:`hartonomous.inference_log.follow`).
    ``digests``: of the catalogue and dbt's artifacts, group -> what it was
    (:mod:`.changes`). ``schema``: the shape of the graph that it was written in.
    """

    database: str
    position: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    schema: int = VERSION

    def at(self, position: Mapping[str, int]) -> Watermark:
        """The same, further on in the log."""
        return replace(self, position=dict(position))

    def with_digests(self, digests: Mapping[str, str]) -> Watermark:
        """The same, with other digests of the catalogue."""
        return replace(self, digests=dict(digests))


class Transport(Protocol):
    """Writes batches of nodes and edges."""

    name: str
    """Where to, for people: without any secret."""

    def watermark(self, database: str) -> Watermark:
        """How far this database was published here; the beginning where it never was."""
        ...

    def write(self, batch: Batch, watermark: Watermark) -> None:
        """Write a batch, all or nothing, with the watermark that holds after it."""
        ...

    def finish(self) -> None:
        """What is to be done when all is written: a file takes its place."""
        ...

    def close(self) -> None:
        """Let go of connections and of files that were not finished."""
        ...
