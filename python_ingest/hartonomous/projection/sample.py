"""Which rows a reducer is fitted on: a seeded draw that does not depend on their order."""

from __future__ import annotations

import hashlib
import heapq

SAMPLE_ROWS = 4000
"""Most rows a reducer is fitted on. Below 4,096 umap-learn keeps every distance exactly, and the
fit takes seconds (docs/guides/ingest-your-own.md)."""

SEED = 42
"""Seed of the draw and of the fit."""


class Sample:
    """The ``size`` keys with the smallest seeded hash of all keys offered.

    A uniform draw without replacement whose outcome depends on the set of keys and the seed
    alone: neither their order nor an interruption changes it. Memory is ``size`` keys.
    """

    def __init__(self, size: int = SAMPLE_ROWS, seed: int = SEED) -> None:
        self._size = size
        self._salt = f"{seed}:".encode()
        self._heap: list[tuple[int, bytes]] = []  # negated hashes: the largest is on top

    def offer(self, key: bytes) -> None:
        """Take part in the draw."""
        digest = hashlib.blake2b(self._salt + key, digest_size=8).digest()
        entry = (-int.from_bytes(digest, "big"), key)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def keys(self) -> set[bytes]:
        """The keys drawn."""
        return {key for _, key in self._heap}
