"""What a node of the picture says: its kind, a title, and a line below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..lineage.graph import Node

Properties = Mapping[str, Any]


def title(node: Node) -> str:
    """The node's own name, as people would say it."""
    said = _TITLES.get(node.label, _named)(node.properties)
    return said or node.key


def subtitle(node: Node) -> str:
    """What matters of it at a glance, or nothing."""
    return _SUBTITLES.get(node.label, _nothing)(node.properties)


def _named(p: Properties) -> str:
    return str(p.get("name") or "")


def _nothing(p: Properties) -> str:
    return ""


def _number(value: Any, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _asked(p: Properties) -> str:
    return p.get("query_text") or f"text {str(p.get('query_hash') or '')[:12]}"


def _answered(p: Properties) -> str:
    took = f", {p['duration_ms']:.0f} ms" if p.get("duration_ms") is not None else ""
    return f"{p.get('task_type') or 'answer'} by {p.get('method') or '?'}{took}"


def _decided(p: Properties) -> str:
    return f"confidence {_number(p['confidence'])}" if p.get("confidence") is not None else "answer"


def _ranked(p: Properties) -> str:
    return f"{p.get('rank', '')}. {p.get('text') or p.get('id') or ''}"


def _measured(p: Properties) -> str:
    parts = [
        f"{name} {_number(p[name], 4)}"
        for name in ("distance", "score", "logprob", "behind")
        if p.get(name) is not None
    ]
    return ", ".join(parts)


def _text(p: Properties) -> str:
    return p.get("text") or f"text {str(p.get('text_hash') or '')[:12]}"


def _run(p: Properties) -> str:
    return f"run {str(p.get('invocation_id') or '')[:8]}"


def _feedback(p: Properties) -> str:
    rank = f" (rank {p['rank']})" if p.get("rank") is not None else ""
    return f"{p.get('verdict') or 'said'}{rank}"


_TITLES: dict[str, Callable[[Properties], str]] = {
    "Inference": _asked,
    "Decision": _decided,
    "Result": _ranked,
    "Alternative": _ranked,
    "Text": _text,
    "Run": _run,
    "Feedback": _feedback,
    "Embedding": lambda p: f"embedding {p.get('embedding_id', '')}",
    "Cell": lambda p: f"cell {p.get('cell', '')}",
    "CellTraining": lambda p: f"{p.get('cells', '')} cells, {p.get('coding', '')} codes".strip(),
    "ReasoningMode": lambda p: str(p.get("type") or ""),
    "Space": lambda p: str(p.get("space_id") or ""),
    "Weights": lambda p: "weights",
}
_SUBTITLES: dict[str, Callable[[Properties], str]] = {
    "Inference": _answered,
    "Result": _measured,
    "Alternative": _measured,
    "Decision": lambda p: str(p.get("text") or ""),
    "Embedding": lambda p: str(p.get("space_id") or ""),
    "Text": lambda p: str(p.get("source") or ""),
    "Dataset": lambda p: f"{p['texts']:,} texts" if p.get("texts") is not None else "",
    "SourceFile": lambda p: f"sha256 {str(p.get('sha256') or '')[:12]}",
    "Model": lambda p: str(p.get("architecture") or ""),
    "Space": lambda p: f"{p['dimension']} dimensions" if p.get("dimension") else "",
    "DbtModel": lambda p: f"code {str(p.get('checksum') or '')[:12]}",
    "Run": lambda p: str(p.get("started_at") or "")[:19].replace("T", " "),
    "Feedback": lambda p: str(p.get("note") or p.get("caller") or ""),
    "Weights": lambda p: str(p.get("weights") or ""),
    "Student": lambda p: f"of {p['parent']}" if p.get("parent") else "",
}
