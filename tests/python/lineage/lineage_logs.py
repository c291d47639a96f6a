"""Logs to publish, and what a graph holds."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

from hartonomous import inference_log
from hartonomous.database import Database
from hartonomous.lineage.bolt import Graph


@dataclass
class Logged:
    """A database whose log grows."""

    database: Database
    answers: int = 0

    def answer(self, count: int = 1, **values: Any) -> list[str]:
        """Log answers; their ids."""
        ids = []
        for _ in range(count):
            self.answers += 1
            entry = answer(self.answers, **values)
            inference_log.append_event(self.database.inference_folder, entry)
            ids.append(entry["inference_id"])
        return ids

    def say(self, event: dict[str, Any]) -> None:
        """Log an event."""
        inference_log.append_event(self.database.inference_folder, event)


def answer(number: int, **values: Any) -> dict[str, Any]:
    """The log entry of a search: three results, three alternatives."""
    draw = random.Random(number)
    found = [
        {
            "rank": rank,
            "id": draw.randrange(40),
            "text": f"text {rank} of answer {number}",
            "distance": rank / 10,
            "confidence": 1 - rank / 10,
        }
        for rank in range(1, 7)
    ]
    return {
        "inference_id": f"{number:032x}",
        "created_at": f"2026-11-23T08:{number // 60 % 60:02}:{number % 60:02}.000000",
        "caller": "auditor",
        "task": "search",
        "method": "exact",
        "space_id": "space_4",
        "models": ["BERT-base"],
        "model_ids": ["5e1f"],
        "students": [],
        "run_id": "0b6cf2c7-3a3c-4b39-8d0e-6a1f7f6f2f11",
        "query_hash": "00",
        "query_text": f"question {number}",
        "settings": {"top_k": 3},
        "duration_ms": 1.5,
        "confidence": 0.9,
        "recall_estimate": 1.0,
        "results": found[:3],
        "alternatives": found[3:],
        **values,
    }


def held(graph: Graph) -> dict[str, int]:
    """How many there are of each label and relation."""
    labels = graph.read("MATCH (n) RETURN labels(n)[0] AS name, count(*) AS number")
    relations = graph.read("MATCH ()-[r]->() RETURN type(r) AS name, count(*) AS number")
    return {row["name"]: row["number"] for row in [*labels, *relations]}


def contents(graph: Graph) -> tuple[list[Any], list[Any]]:
    """Everything, but for how far the publisher was."""
    nodes = graph.read(
        "MATCH (n) WHERE NOT n:Watermark RETURN labels(n)[0] AS label, properties(n) AS properties"
    )
    edges = graph.read(
        "MATCH (a)-[r]->(b) RETURN labels(a)[0] AS of, a.key AS start, type(r) AS type, "
        "labels(b)[0] AS to, b.key AS end, properties(r) AS properties"
    )
    return sorted(map(_told, nodes)), sorted(map(_told, edges))


def _told(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, default=str)
