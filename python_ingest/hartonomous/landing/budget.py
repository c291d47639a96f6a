"""A bound on the memory of blocks that were handed on and are still in use."""

from __future__ import annotations

import threading
import weakref

import numpy as np

_PATIENCE = 1.0


class Budget:
    """Lets a producer of arrays wait until its consumer has let go of earlier ones.

    DuckDB reads an Arrow stream through pyarrow's scanner, which fetches some 200 batches ahead,
    whatever their size; how far it may run ahead is decided here.
    """

    def __init__(self, limit: int) -> None:
        """``limit``: bytes of arrays in use at once."""
        self._limit = limit
        self._used = 0
        self._released = threading.Condition()

    def hold(self, block: np.ndarray) -> memoryview:
        """A view of a C-ordered block that counts until it is let go of; waits for room first.

        A consumer that holds on to everything until it gets more is given one more each second:
        memory then grows past the limit, slowly, and nothing stands still for ever.

        Use the view, not the array, where memory is handed on: arrays made from an array refer to
        the one that owns the memory, and what stands between is gone at once.
        """
        size = block.nbytes
        with self._released:
            while self._used and self._used + size > self._limit:
                if not self._released.wait(_PATIENCE):
                    break
            self._used += size
        view = memoryview(block.reshape(-1))
        weakref.finalize(view, self._give_back, size).atexit = False
        return view

    def _give_back(self, size: int) -> None:
        # Runs in whichever thread drops the last reference, never in one that holds the lock.
        with self._released:
            self._used -= size
            self._released.notify_all()
