"""A small history of one answer, as the processors yield it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hartonomous.lineage.from_inferences import from_inferences
from hartonomous.lineage.graph import Edge, Node

INFERENCE = "1f" * 16
HOSTILE = "</script><img src=x onerror=alert(1)>&\"'<!-- \u2028 ]]>"


def entry(query: str = "who repairs a roof?", results: int = 3) -> dict[str, Any]:
    """A log entry of a search with ``results`` results and two alternatives."""
    rows = [
        {"rank": n, "id": n * 7, "distance": 0.1 * n, "text": f"text {n} {query}"}
        for n in range(1, results + 3)
    ]
    return {
        "inference_id": INFERENCE,
        "created_at": "2026-11-23T15:00:00.000000",
        "caller": "ann",
        "task": "search",
        "method": "auto",
        "space_id": "s_384",
        "models": ["minilm"],
        "model_ids": ["m" * 64],
        "query_hash": "f" * 64,
        "query_text": query,
        "settings": {"top_k": results},
        "duration_ms": 21.5,
        "confidence": 0.71,
        "results": rows[:results],
        "alternatives": rows[results:],
    }


def elements(query: str = "who repairs a roof?", results: int = 3) -> Iterator[Node | Edge]:
    """The answer's own nodes, what they come from, and another answer that has no part in it."""
    yield from from_inferences([entry(query, results), {**entry(), "inference_id": "other"}])
    for n in range(1, results + 3):
        embedding, text = ("Embedding", f"s_384/{n * 7}"), ("Text", f"t{n}")
        yield Edge("EMBEDS", embedding, text)
        yield Edge("IN_SPACE", embedding, ("Space", "s_384"))
        yield Node("Text", f"t{n}", {"text": f"text {n}", "source": "notes"})
        yield Edge("PART_OF", text, ("Dataset", "notes"))
    yield Node("SourceFile", "notes.csv@ab", {"name": "notes.csv", "sha256": "ab" * 32})
    yield Edge("DERIVED_FROM", ("Dataset", "notes"), ("SourceFile", "notes.csv@ab"))
    model = ("Model", f"minilm@{'m' * 64}")
    yield Edge("HAS_LAYER", model, ("Layer", f"{'m' * 64}/0"))
    yield Edge("GENERATED_BY", ("Callable", "vector_search"), ("DbtModel", "m.vector_search"))
    chain = ["m.vector_search", "m.cells", "m.cell_codes", "m.far_away"]
    for reader, read in pairwise(chain):
        yield Edge("DEPENDS_ON", ("DbtModel", reader), ("DbtModel", read))
    yield from from_inferences(
        [
            {
                "event": "feedback",
                "event_id": "f1",
                "inference_id": INFERENCE,
                "verdict": "good",
                "note": query,
            }
        ]
    )
