"""Messages of SQL Server's Change Event Streaming, in the form that its vendor documents."""

from __future__ import annotations

import json
from typing import Any

ROW = {
    "inference_id": "c1",
    "created_at": "2026-11-23 16:45:01.120",
    "caller": "CONTOSO\\anna",
    "task": "search",
    "method": "exact",
    "space_id": "space_4",
    "models": '["BERT-base"]',
    "query_hash": "ab",
    "query_text": "who repairs a roof?",
    "settings": '{"top_k": 1}',
    "duration_ms": "12.5",
    "confidence": "0.75",
    "results": '[{"rank": 1, "id": 7, "text": "Roofers do.", "distance": 0.25}]',
    "alternatives": "[]",
    "recall_estimate": "1",
    "model_ids": '["5e1f"]',
    "students": "[]",
    "run_id": None,
}


def data(row: dict[str, Any], *, table: str = "inferences", schema: str = "raw") -> str:
    """The text of JSON in ``data``; ``current`` is one again, with a text for every value."""
    return json.dumps(
        {
            "eventsource": {
                "db": "hartonomous",
                "schema": schema,
                "tbl": table,
                "cols": [
                    {"name": name, "type": "nvarchar(max)", "index": index}
                    for index, name in enumerate(row)
                ],
                "pkkey": [{"columnname": "inference_id", "value": row.get("inference_id")}],
            },
            "eventrow": {"old": "{}", "current": json.dumps(row)},
        },
        indent=2,
    )


def message(text: str, *, operation: str = "INS", number: int = 1, **segment: Any) -> bytes:
    """A CloudEvent. Without a segment's fields it has those of the documentation's examples."""
    event = {
        "specversion": "1.0",
        "type": "com.microsoft.SQL.CES.DML.V1",
        "source": "/",
        "id": f"d43f09a6-d13b-4902-86d4-{number:012}",
        "logicalid": f"9c8d4ad2-bf54-4f10-a96f-038af496997f:0000002C0000030{number:05}:1",
        "time": "2026-11-23T16:45:20.650Z",
        "datacontenttype": "application/json",
        "operation": operation,
        **(segment or {"splitindex": 0, "splittotalcnt": 0}),
        "data": text,
    }
    return json.dumps(event).encode()


def in_segments(text: str, count: int, **values: Any) -> list[bytes]:
    """A change that was too large for one message."""
    size = -(-len(text) // count)
    return [
        message(
            text[index * size : (index + 1) * size],
            segmentindex=index,
            finalsegment=index == count - 1,
            **values,
        )
        for index in range(count)
    ]
