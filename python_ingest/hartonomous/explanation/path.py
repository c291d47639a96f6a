"""The part of the lineage graph that one answer has come from.

Edges of the graph lead from what was made to what it was made of, so that the history of an answer
is what can be reached from its inference. Three kinds of edges are not followed: those that lead
down into a model (its layers and tensors answer every question alike), what a run built besides,
and each embedding's own way to the space and the model that the inference used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..lineage.graph import Edge, Node

Name = tuple[str, str]
"""(label, key) of a node."""

_DOWNWARD = ("HAS_LAYER", "HAS_TENSOR", "BUILT")
_REPEATED = (("Embedding", "IN_SPACE"), ("Embedding", "GENERATED_BY"))
_HOPS = {"DEPENDS_ON": 2}
"""How often in a row an edge is followed: all that a callable reads would hide the answer."""
_MOST = {"RETURNED": 20, "CONSIDERED": 10}
"""Of a node's edges of a type, how many are drawn."""


@dataclass(frozen=True)
class AnswerPath:
    """Nodes by name, the edges between them, and how many results were left out."""

    inference: Name
    nodes: dict[Name, Node]
    edges: list[Edge]
    left_out: int


def path_of(inference_id: str, elements: Iterable[Node | Edge]) -> AnswerPath:
    """What an inference can be traced to, and what was said of it.

    Args:
        inference_id: the inference's whole id.
        elements: nodes and edges of the lineage graph, in any order and of any number of
            inferences. Nodes of one name are one: the later properties are added.
    """
    start: Name = ("Inference", inference_id)
    properties: dict[Name, dict[str, object]] = {}
    leaving: dict[Name, dict[tuple[str, Name], Edge]] = defaultdict(dict)
    said: list[Edge] = []
    for element in elements:
        if isinstance(element, Node):
            known = properties.setdefault((element.label, element.key), {})
            known.update({k: v for k, v in element.properties.items() if v is not None})
        elif element.type == "ABOUT":
            if element.end == start:
                said.append(element)
        elif element.type not in _DOWNWARD and (element.start[0], element.type) not in _REPEATED:
            leaving[element.start][element.type, element.end] = element
    reached, edges, left_out = _reach(start, leaving)
    for edge in said:
        reached[edge.start] = None
        edges.append(edge)
    nodes = {name: Node(*name, properties.get(name, {})) for name in reached}
    return AnswerPath(start, nodes, edges, left_out)


def _reach(
    start: Name, leaving: dict[Name, dict[tuple[str, Name], Edge]]
) -> tuple[dict[Name, None], list[Edge], int]:
    """Names in the order in which they are met, the edges between them, and what was left out."""
    reached: dict[Name, None] = {start: None}
    edges: list[Edge] = []
    left_out = 0
    waiting: list[tuple[Name, str, int]] = [(start, "", 0)]
    for name, by, hops in waiting:
        counted: dict[str, int] = defaultdict(int)
        for (kind, end), edge in leaving[name].items():
            counted[kind] += 1
            if counted[kind] > _MOST.get(kind, len(leaving[name])):
                left_out += 1
                continue
            here = hops + 1 if kind == by else 1
            if here > _HOPS.get(kind, here):
                continue
            edges.append(edge)
            if end not in reached:
                reached[end] = None
                waiting.append((end, kind, here))
    return reached, edges, left_out
