"""Take a text out of everything that this project keeps, and prove it.

Out of the log, the landed tables with their embeddings, and what was built of them; a tombstone in
the log tells the graph. Each step leaves its file whole, and all of them may be repeated: killed
half-way, the same command goes on.
"""

from __future__ import annotations

from .text import Forgotten, Found, forget_older, forget_text, verify

__all__ = ["Forgotten", "Found", "forget_older", "forget_text", "verify"]
