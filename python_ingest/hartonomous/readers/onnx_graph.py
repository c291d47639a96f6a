"""The graph of an ONNX model: its nodes as rows, and how it uses each initializer."""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .json_file import canonical_json

_MOST_VALUES = 16  # of an attribute: longer lists and tensors are told by length and hash


@dataclass(frozen=True)
class GraphNode:
    """One operator: ``inputs``, ``outputs`` and ``attributes`` are JSON text."""

    name: str
    op_type: str
    inputs: str
    outputs: str
    attributes: str


@dataclass(frozen=True)
class Use:
    """How the graph uses an initializer.

    ``transposed``: it stands on the right of matrix products only, so that its columns are the
    output neurons. ``name``: what the exporter would have called it, from the path of the node
    that uses it; None when its own name tells more.
    """

    transposed: bool
    name: str | None


# ONNX data type -> struct format and size of an element, for tensors short enough to be shown.
_PLAIN_TYPES = {1: ("<f", 4), 6: ("<i", 4), 7: ("<q", 8), 9: ("<?", 1), 11: ("<d", 8)}

# Names that an exporter invents: onnx::MatMul_123 (constant folding), 123 (older exporters).
_ANONYMOUS = re.compile(r"onnx::\w+|\d+")


def graph_nodes(graph: Any) -> list[GraphNode]:
    """The nodes of the main graph in order; nested graphs are counted, not entered."""
    nodes = []
    for node in graph.node:
        attributes = {text(attribute.name): _attribute(attribute) for attribute in node.attribute}
        if text(node.domain) not in ("", "ai.onnx"):
            attributes["domain"] = node.domain
        nodes.append(
            GraphNode(
                text(node.name),
                text(node.op_type),
                canonical_json([text(name) for name in node.input]),
                canonical_json([text(name) for name in node.output]),
                canonical_json(attributes),
            )
        )
    return nodes


def text(value: str | bytes) -> str:
    """A string field: protobuf gives bytes where they are not UTF-8.

    Raises:
        InputError: it is bytes.
    """
    if isinstance(value, bytes):
        raise InputError(f"the ONNX file is broken: a name in it is not UTF-8: {value[:40]!r}")
    return value


def initializer_uses(graph: Any, names: set[str]) -> dict[str, Use]:
    """How the main graph uses each of the initializers called ``names``."""
    users: dict[str, list[tuple[Any, int]]] = {}
    for node in graph.node:
        for position, name in enumerate(node.input):
            if name in names:
                users.setdefault(name, []).append((node, position))
    uses = {}
    taken = set(names)
    for name, found in users.items():
        transposed = all(_is_right_factor(node, position) for node, position in found)
        derived = _derived_name(name, *found[0]) if len(found) == 1 else None
        if derived in taken:
            derived = None
        elif derived is not None:
            taken.add(derived)
        uses[name] = Use(transposed, derived)
    return uses


def _is_right_factor(node: Any, position: int) -> bool:
    """Whether the input is B in A x B, so that its columns are output neurons."""
    if position != 1:
        return False
    if node.op_type == "MatMul":
        return True
    return node.op_type in ("Gemm", "FusedMatMul") and not any(
        attribute.name == "transB" and attribute.i for attribute in node.attribute
    )


def _derived_name(name: str, node: Any, position: int) -> str | None:
    if not _ANONYMOUS.fullmatch(name) or not node.name.startswith("/"):
        return None
    path = node.name.strip("/").split("/")[:-1]
    if not path:
        return None
    if node.op_type in ("MatMul", "Gemm", "FusedMatMul") and position == 1:
        return ".".join(path) + ".weight"
    if node.op_type == "Add" or (node.op_type == "Gemm" and position == 2):
        return ".".join(path) + ".bias"
    return None


def _attribute(attribute: Any) -> Any:
    """The value of an attribute as JSON: what is long is told by its length and hash."""
    kind = attribute.type
    if kind == 1:
        return _number(attribute.f)
    if kind == 2:
        return attribute.i
    if kind == 3:
        return _bytes(attribute.s)
    if kind == 4:
        return _tensor(attribute.t)
    if kind == 5:
        return {"graph": text(attribute.g.name), "nodes": len(attribute.g.node)}
    lists = {6: attribute.floats, 7: attribute.ints, 8: attribute.strings}
    if kind in lists:
        values = lists[kind]
        shown = [
            _number(value) if kind == 6 else _bytes(value) if kind == 8 else value
            for value in values[:_MOST_VALUES]
        ]
        return shown if len(values) <= _MOST_VALUES else {"values": shown, "length": len(values)}
    return {"type": kind}


def _tensor(tensor: Any) -> dict[str, Any]:
    data = tensor.raw_data or tensor.SerializeToString(deterministic=True)
    told = {"dims": list(tensor.dims), "data_type": tensor.data_type}
    layout = _PLAIN_TYPES.get(tensor.data_type)
    if layout and 0 < len(tensor.raw_data) <= 8 * _MOST_VALUES and len(data) % layout[1] == 0:
        values = [value for (value,) in struct.iter_unpack(layout[0], data)]
        return told | {"values": [_number(value) for value in values]}
    return told | {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _number(value: float) -> float | int | bool | str:
    # JSON knows no NaN or infinity.
    return value if abs(value) < float("inf") else str(value)


def _bytes(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")[:1000]
