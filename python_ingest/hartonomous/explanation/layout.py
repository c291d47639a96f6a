"""Where the nodes of a history stand: columns by kind, and in them an order with few crossings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ..lineage.graph import Edge, Node
from .path import AnswerPath, Name

COLUMNS: Sequence[tuple[str, Sequence[str]]] = (
    ("asked", ("Caller", "Feedback")),
    ("answered", ("Inference",)),
    (
        "how",
        (
            "Decision",
            "ReasoningMode",
            "Weights",
            "Callable",
            "Run",
            "Model",
            "Student",
            "Space",
        ),
    ),
    ("results", ("Result", "Alternative")),
    ("rows and code", ("Embedding", "DbtModel", "Tensor", "Layer")),
    ("texts and cells", ("Text", "Cell", "Exposure")),
    ("collections", ("Dataset", "CellTraining", "LandedTable")),
    ("source", ("SourceFile",)),
)
"""Titles of the columns, left to right, with the labels that stand in them from above."""

WIDTH, HEIGHT = 210, 46
"""Of a node's box, in CSS pixels."""
_GAP_X, _GAP_Y, _TOP, _LEFT = 76, 14, 56, 24
_SWEEPS = 6


@dataclass(frozen=True)
class Box:
    """A node and the top left corner of its box, in CSS pixels."""

    node: Node
    x: int
    y: int


@dataclass(frozen=True)
class Layout:
    """Boxes by name, the titles of the columns with their x, and the size of the whole."""

    boxes: dict[Name, Box]
    titles: list[tuple[str, int]]
    width: int
    height: int


def place(path: AnswerPath) -> Layout:
    """Boxes in columns; within a column nodes of a kind stand together, near what they join.

    The order is found by sweeps of the barycenter heuristic (Sugiyama, Tagawa and Toda 1981,
    https://doi.org/10.1109/TSMC.1981.4308636).
    """
    columns = _columns(path)
    order = _untangled(columns, path.edges)
    tallest = max(len(column) for column in order)
    boxes: dict[Name, Box] = {}
    titles = []
    for place_x, ((title, _), column) in enumerate(zip(columns, order, strict=True)):
        x = _LEFT + place_x * (WIDTH + _GAP_X)
        titles.append((title, x))
        first = _TOP + (tallest - len(column)) * (HEIGHT + _GAP_Y) // 2
        for place_y, name in enumerate(column):
            boxes[name] = Box(path.nodes[name], x, first + place_y * (HEIGHT + _GAP_Y))
    return Layout(
        boxes,
        titles,
        2 * _LEFT + len(columns) * (WIDTH + _GAP_X) - _GAP_X,
        _TOP + tallest * (HEIGHT + _GAP_Y) + _LEFT,
    )


def _columns(path: AnswerPath) -> list[tuple[str, list[Name]]]:
    """The columns that have nodes, with the nodes by kind and as they were met."""
    rank = {label: i for _, labels in COLUMNS for i, label in enumerate(labels)}
    found = []
    for title, labels in COLUMNS:
        names = [name for name in path.nodes if name[0] in labels]
        if names:
            found.append((title, sorted(names, key=lambda name: rank[name[0]])))
    return found


def _untangled(columns: list[tuple[str, list[Name]]], edges: Sequence[Edge]) -> list[list[Name]]:
    near: dict[Name, list[Name]] = defaultdict(list)
    for edge in edges:
        near[edge.start].append(edge.end)
        near[edge.end].append(edge.start)
    order = [list(names) for _, names in columns]
    rank = {label: i for _, labels in COLUMNS for i, label in enumerate(labels)}
    for sweep in range(_SWEEPS):
        heights = {
            name: (place + 0.5) / len(column)
            for column in order
            for place, name in enumerate(column)
        }
        for column in order if sweep % 2 == 0 else reversed(order):
            wanted = {
                name: _mean([heights[n] for n in near[name]], heights[name]) for name in column
            }
            # Nodes of a kind stay together: the eye looks for them there.
            column.sort(key=lambda name: (rank[name[0]], wanted[name]))
            heights.update({n: (place + 0.5) / len(column) for place, n in enumerate(column)})
    return order


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
