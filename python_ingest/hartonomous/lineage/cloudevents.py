"""Log entries from SQL Server's Change Event Streaming: CloudEvents whose data is a text of JSON.

The vendor's format: https://learn.microsoft.com/sql/relational-databases/track-changes/
change-event-streaming/message-format. A large change comes in segments that share a logical id;
``data`` holds ``eventsource`` (which table) and ``eventrow``, whose ``current`` is the row, again a
text of JSON, every value of it a text. The table is ``inferences`` of our landing schema, or of
``dbo``; the stream leaves out vectors, of which it has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..inference_log.entry import completed
from ..landing.schema import SCHEMA, TABLES

_TYPE = "com.microsoft.SQL.CES.DML."
_TABLE = TABLES["inferences"]
_SCHEMAS = (SCHEMA, "dbo")
_OPERATIONS = ("INS", "UPD")
"""An update is a row that lost its text (forget); deleted rows stay in the graph."""


class EventError(ValueError):
    """A message that is no event of the documented format."""


@dataclass
class Segments:
    """Puts changes together that came in several messages.

    ``pending`` holds, of each change that is not whole yet, the place of its first message: a
    reader's position must stay before it.
    """

    _parts: dict[str, dict[int, str]] = field(default_factory=dict)
    pending: dict[str, Any] = field(default_factory=dict)

    def add(self, event: Mapping[str, Any], place: Any = None) -> str | None:
        """The data of a change once its last segment came; None before.

        Raises:
            EventError: the event has no data.
        """
        data = event.get("data")
        if isinstance(data, Mapping):  # a bridge that unwrapped it
            data = json.dumps(data)
        if not isinstance(data, str):
            raise EventError("the event has no data")
        index, count = _place_of(event)
        if count == 1:
            return data
        logical = str(event.get("logicalid"))
        parts = self._parts.setdefault(logical, {})
        self.pending.setdefault(logical, place)
        parts[index] = data  # one that comes twice is the same
        if count is not None:
            parts[-1] = str(count)
        total = int(parts.get(-1, 0))
        if not total or len(parts) - 1 < total:
            return None
        del self._parts[logical], self.pending[logical]
        return "".join(parts[number] for number in range(total))


def _place_of(event: Mapping[str, Any]) -> tuple[int, int | None]:
    """(index, number of segments) of an event; None where only the last segment tells it.

    ``segmentindex`` and ``finalsegment`` as documented; the documentation's examples have the older
    ``splitindex`` and ``splittotalcnt``, which is 0 for a change that was not split.
    """
    try:
        if "segmentindex" in event:
            index = int(event["segmentindex"])
            return index, index + 1 if event.get("finalsegment") in (True, "true") else None
        return int(event.get("splitindex", 0)), max(1, int(event.get("splittotalcnt", 0)))
    except (TypeError, ValueError) as error:
        raise EventError("the event's segment is no number") from error


def event_of(message: bytes) -> dict[str, Any]:
    """The CloudEvent of a message.

    Raises:
        EventError: it is no JSON (Avro is not read), or no change of SQL Server.
    """
    try:
        event = json.loads(message)
    except ValueError as error:
        raise EventError("the message is no JSON: set the stream's encoding to JSON") from error
    if not isinstance(event, dict) or not str(event.get("type", "")).startswith(_TYPE):
        raise EventError("the message is no change event of SQL Server")
    return event


def entry_of(event: Mapping[str, Any], data: str) -> dict[str, Any] | None:
    """The log entry that a change inserted or updated; None for other tables and deletions.

    Args:
        event: of the change, or of its last segment.
        data: whole.

    Raises:
        EventError: the data is not as documented.
    """
    if event.get("operation") not in _OPERATIONS:
        return None
    try:
        change = json.loads(data)
        source, row = change["eventsource"], change["eventrow"]["current"]
        if source["tbl"] != _TABLE.name or source["schema"] not in _SCHEMAS:
            return None
        row = json.loads(row) if isinstance(row, str) else row
    except (ValueError, KeyError, TypeError) as error:
        raise EventError("the event's data is not as documented") from error
    if not isinstance(row, Mapping) or not row.get("inference_id"):
        raise EventError("the event's row has no inference_id")
    entry = {name: _value(kind, row[name]) for name, kind in _TABLE.columns.items() if name in row}
    # A column that is NULL is said to be: an update may have taken a text away.
    return {**completed(entry), "query_text": entry.get("query_text")}


def _value(kind: str, value: Any) -> Any:
    """A column's value from its text."""
    if value is None or not isinstance(value, str):
        return value
    if kind == "json":
        try:
            return json.loads(value)
        except ValueError:
            return None  # cut off: a value above 1 MB is
    if kind == "double":
        try:
            return float(value)
        except ValueError:
            return None
    return value
