"""Entries that the tests of the log write."""

from __future__ import annotations

from hartonomous.inference_log import Inference


def inference(text: str = "who repairs a roof?", **values) -> Inference:
    """A search with two results and an alternative."""
    given = {
        "task": "search",
        "method": "exact",
        "space_id": "s",
        "models": ["m"],
        "query_text": text,
        "settings": {"top_k": 2},
        "duration_ms": 1.5,
        "confidence": 0.9,
        "results": [
            {"rank": 1, "id": 7, "distance": 0.1, "text": "A roofer mends roofs."},
            {"rank": 2, "id": 8, "distance": 0.2, "text": "Slates are laid from below."},
        ],
        "alternatives": [{"rank": 3, "id": 9, "distance": 0.3, "text": "Rain runs off."}],
    }
    return Inference(**{**given, **values})
