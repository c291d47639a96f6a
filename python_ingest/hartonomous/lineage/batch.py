"""Nodes and edges that are written together, each once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .graph import OWNED, Edge, Node

Key = tuple[str, str]
"""(label, key) of a node."""

_REMEMBERED = 200_000
"""Nodes, such as models and embeddings, that a run of the publisher knows to be written."""


class Batch:
    """A set of nodes and edges: what comes twice is merged, later properties win."""

    def __init__(self, elements: Iterable[Node | Edge] = ()) -> None:
        self.nodes: dict[Key, dict[str, Any]] = {}
        self.edges: dict[tuple[str, Key, Key], dict[str, Any]] = {}
        self.extend(elements)

    def extend(self, elements: Iterable[Node | Edge]) -> None:
        """Add nodes and edges."""
        nodes, edges = self.nodes, self.edges
        for element in elements:
            if isinstance(element, Node):
                label, key, properties = element
                if known := nodes.get((label, key)):
                    known.update(properties)
                else:
                    nodes[label, key] = dict(properties)
            else:
                type_, start, end, properties = element
                if known := edges.get((type_, start, end)):
                    known.update(properties)
                else:
                    edges[type_, start, end] = dict(properties)

    def leave_out(self, written: dict[Key, dict[str, Any]]) -> None:
        """Leave out nodes that were written before just as they are; add the others to those."""
        for key, properties in list(self.nodes.items()):
            if key[0] in OWNED:
                continue
            if written.get(key) == properties:
                del self.nodes[key]
            elif len(written) < _REMEMBERED:
                written[key] = properties

    def __len__(self) -> int:
        return len(self.nodes) + len(self.edges)
