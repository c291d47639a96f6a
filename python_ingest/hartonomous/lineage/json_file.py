"""Lineage as one JSON document, for other tools: ``{"schema", "nodes", "edges"}``.

It is held in memory until it is whole: for graphs of some hundred thousand nodes, take another.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .batch import Batch
from .graph import VERSION
from .new_file import NewFile
from .transport import Watermark


class JsonFile:
    """Writes a document that holds everything; it takes its place when it is whole."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file = NewFile(path)
        self._whole = Batch()

    def watermark(self, database: str) -> Watermark:
        """The beginning: a document holds everything."""
        return Watermark(database)

    def write(self, batch: Batch, watermark: Watermark) -> None:
        """Add a batch."""
        for key, properties in batch.nodes.items():
            self._whole.nodes.setdefault(key, {}).update(properties)
        for edge, properties in batch.edges.items():
            self._whole.edges.setdefault(edge, {}).update(properties)

    def finish(self) -> None:
        """Write the document, and put it in its place."""
        nodes, edges = self._whole.nodes, self._whole.edges
        for _, start, end in edges:  # an end that was never told of is a node, too
            nodes.setdefault(start, {})
            nodes.setdefault(end, {})
        document = {
            "schema": VERSION,
            "nodes": [
                {"label": label, "key": key, "properties": _known(properties)}
                for (label, key), properties in nodes.items()
            ],
            "edges": [
                {
                    "type": type_,
                    "start": {"label": start[0], "key": start[1]},
                    "end": {"label": end[0], "key": end[1]},
                    "properties": _known(properties),
                }
                for (type_, start, end), properties in edges.items()
            ],
        }
        self._file.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        self._file.finish()

    def close(self) -> None:
        """Throw away a document that was not finished."""
        self._file.close()


def _known(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
