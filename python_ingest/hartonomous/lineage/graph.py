"""What the lineage graph is made of: nodes, edges, and every label and relation there is.

Labels and relations follow the habits of Neo4j and carry the meanings of W3C PROV-O
(https://www.w3.org/TR/prov-o/), which :data:`SCHEMA` names. Every node has the property ``key``,
unique in its label and the same at every publish. Processors yield :class:`Node` and
:class:`Edge`; transports write them. Nothing but :data:`SCHEMA` ever becomes an identifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from .kinds import Label, Relation
from .labels import LABELS
from .relations import RELATIONS

VERSION = 1
"""Of the graph's shape: a publisher refuses to write into a graph of another one."""

Properties = Mapping[str, Any]
NO_PROPERTIES: Properties = MappingProxyType({})


class Node(NamedTuple):
    """A node: properties are scalars or lists of scalars; None removes the property.

    A property that is not named stays as it is in the graph.
    """

    label: str
    key: str
    properties: Properties = NO_PROPERTIES


class Edge(NamedTuple):
    """A relation from one node to another, each named by (label, key).

    There is one of a type between two nodes. An end that was never published is made, with its key
    alone.
    """

    type: str
    start: tuple[str, str]
    end: tuple[str, str]
    properties: Properties = NO_PROPERTIES


@dataclass(frozen=True)
class Schema:
    """All labels, in the order in which they are written, and all relations."""

    labels: Mapping[str, Label]
    relations: Mapping[str, Relation]

    def check(self, element: Node | Edge) -> None:
        """Raise ValueError for what the schema does not know: a mistake of the processor."""
        if isinstance(element, Node):
            kind: Label | Relation | None = self.labels.get(element.label)
            name = element.label
        else:
            kind, name = self.relations.get(element.type), element.type
            if kind is not None and (element.start[0], element.end[0]) not in kind.ends:
                raise ValueError(f"{name} does not join {element.start[0]} and {element.end[0]}")
        if kind is None:
            raise ValueError(f"the lineage graph has no {name!r}")
        if unknown := element.properties.keys() - kind.properties.keys():
            raise ValueError(f"{name} has no {', '.join(sorted(unknown))}")


SCHEMA = Schema(LABELS, RELATIONS)

OWNED = ("Inference", "Decision", "Result", "Alternative")
"""Labels whose nodes are written with their inference, and whose keys begin with its id."""

WATERMARK = "Watermark"
"""The publisher's own label: how far a database was published (transport.Watermark)."""
