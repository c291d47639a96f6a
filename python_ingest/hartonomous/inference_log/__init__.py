"""The inference log on DuckDB: a folder of append-only JSON lines beside the database.

DuckDB has one writer, and searching must not need it: ten processes search and log at once. Each
inference is one line, written by one ``write`` before the answer is shown. Callers of plain SQL add
files of their own by ``COPY`` (docs/guides/audit.md). A line with the key ``event`` is no inference
but something that was said or done later: feedback, a text that was forgotten, new weights.

Nothing is ever changed in the log but by ``hartonomous forget``, and that keeps every byte where it
is: a position in a file stays true.
"""

from __future__ import annotations

from .entry import Inference, caller_name, text_hash
from .events import BAD, GOOD, event, feedback
from .following import follow
from .reading import find, read, read_events, select
from .redacting import Redacted, drop_before, find_text, redact
from .serving import HASH, Served, record, served
from .writing import append, append_event

__all__ = [
    "BAD",
    "GOOD",
    "HASH",
    "Inference",
    "Redacted",
    "Served",
    "append",
    "append_event",
    "caller_name",
    "drop_before",
    "event",
    "feedback",
    "find",
    "find_text",
    "follow",
    "read",
    "read_events",
    "record",
    "redact",
    "select",
    "served",
    "text_hash",
]
