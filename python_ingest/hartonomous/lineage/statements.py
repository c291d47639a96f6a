"""A batch as Cypher: a few statements with many rows each.

A node is merged together with its edges: one statement for all nodes of the same label, properties
and relations, so that a node is looked up once and not once more for every edge. Identifiers come
from the schema alone; values are parameters.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .batch import Batch, Key
from .graph import OWNED, SCHEMA, WATERMARK, Edge, Node

_ORDER = {label: place for place, label in enumerate(SCHEMA.labels)}


class Statement(NamedTuple):
    """Cypher that unwinds the parameter ``rows``: lists of values, whose places it knows."""

    text: str
    rows: list[list[Any]]


class _Side(NamedTuple):
    """An edge as its node sees it: the node's own end, what is at the other one."""

    type: str
    outgoing: bool
    other: str
    properties: tuple[str, ...]


CONSTRAINTS = [
    f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.key IS UNIQUE"
    for label in (*SCHEMA.labels, WATERMARK)
]
"""Before anything is merged: they keep keys unique, and find them by an index."""


def statements(batch: Batch, fresh: Container[str] = ()) -> Iterator[Statement]:
    """The statements that write a batch.

    Args:
        batch: nodes and edges.
        fresh: ids of inferences that the graph is known not to have: these, and what belongs to
            them, are created, which costs a third less than looking for them first.

    Raises:
        ValueError: a label, relation or property that the schema does not have.
    """
    kinds: dict[tuple[str, str, str, bool, tuple[str, ...]], int] = {}
    known_sides: list[_Side] = []
    sides: dict[Key, list[int]] = {}
    others: dict[Key, list[list[Any]]] = {}
    apart: dict[tuple[str, str, str, tuple[str, ...]], list[list[Any]]] = {}
    nodes = batch.nodes
    for (type_, start, end), properties in batch.edges.items():
        # The edge goes with the end that is likely the newer, and has fewer of its kind.
        outgoing = _ORDER.get(start[0], 0) >= _ORDER.get(end[0], 0)
        node, other = (start, end) if outgoing else (end, start)
        if node not in nodes:
            node, other, outgoing = other, node, not outgoing
        names = tuple(properties) if properties else ()
        if node in nodes:
            kind = (type_, node[0], other[0], outgoing, names)
            side = kinds.setdefault(kind, len(kinds))
            if side == len(known_sides):
                known_sides.append(_Side(type_, outgoing, other[0], names))
            of_node = sides.setdefault(node, [])
            if side not in of_node:
                of_node.append(side)
                others.setdefault(node, []).append([other[1], *properties.values()])
                continue
        shape = (type_, start[0], end[0], names)
        apart.setdefault(shape, []).append([start[1], end[1], *properties.values()])
    alike: dict[tuple[bool, str, tuple[str, ...], tuple[int, ...]], list[_Row]] = {}
    for (label, key), properties in nodes.items():
        is_fresh = label in OWNED and key.partition("/")[0] in fresh
        node_sides = sides.get((label, key), ())
        shape_ = (is_fresh, label, tuple(properties), tuple(node_sides))
        row = ([key, *properties.values()], others.get((label, key), []))
        alike.setdefault(shape_, []).append(row)
    # In the schema's order: what belongs to an inference must find it made.
    in_order = sorted(alike.items(), key=lambda shape_and_rows: _ORDER.get(shape_and_rows[0][1], 0))
    for (is_fresh, label, names, numbers), rows in in_order:
        shared = _shared(rows, len(numbers))
        of_shape = tuple([known_sides[number] for number in numbers])
        text = _node_text(label, names, of_shape, shared, is_fresh)
        yield Statement(text, _grouped(rows, shared))
    for (type_, start_label, end_label, names), edges in apart.items():
        yield Statement(_edge_text(type_, start_label, end_label, names), edges)


_Row = tuple[list[Any], list[list[Any]]]
"""A node's key and properties, and what is at the other end of each of its sides."""


def _shared(rows: list[_Row], sides: int) -> tuple[int, ...]:
    """The sides whose other ends few nodes have to themselves: these are looked up once for all.

    A thousand inferences used one model, and three results belong to one decision.
    """
    few = sorted((len({row[1][side][0] for row in rows}), side) for side in range(sides))
    chosen: list[int] = []
    for distinct, side in few:
        wider = [*chosen, side]
        if distinct * 2 > len(rows):
            break
        if len({tuple(row[1][of][0] for of in wider) for row in rows}) * 2 <= len(rows):
            chosen = wider
    return tuple(sorted(chosen))


def _grouped(rows: list[_Row], shared: tuple[int, ...]) -> list[list[Any]]:
    """Rows as a statement takes them; with shared ends [their keys..., [rows of these]]."""
    groups: dict[tuple[str, ...], list[list[Any]]] = {}
    for own, others in rows:
        row = list(own)
        for side, values in enumerate(others):
            row += values[1:] if side in shared else values
        groups.setdefault(tuple([others[side][0] for side in shared]), []).append(row)
    if not shared:
        return groups[()]
    return [[*keys, members] for keys, members in groups.items()]


@lru_cache(maxsize=4096)
def _node_text(
    label: str,
    names: tuple[str, ...],
    sides: tuple[_Side, ...],
    shared: tuple[int, ...],
    fresh: bool,
) -> str:
    verb = "CREATE" if fresh else "MERGE"
    SCHEMA.check(Node(label, "", dict.fromkeys(names)))
    lines = ["UNWIND $rows AS r"]
    if shared:
        lines = ["UNWIND $rows AS g"]
        # Merged, not matched: an end that was never published must not lose the edge.
        lines += [
            f"MERGE (m{side}:{sides[side].other} {{key: g[{place}]}})"
            for place, side in enumerate(shared)
        ]
        ends = ", ".join(f"m{side}" for side in shared)
        lines += [f"WITH {ends}, g", f"UNWIND g[{len(shared)}] AS r"]
    types = SCHEMA.labels[label].properties
    if fresh:
        values = "".join(f", `{name}`: {value}" for name, value in _values(names, types, 1))
        lines.append(f"CREATE (n:{label} {{key: r[0]{values}}})")
    else:
        lines.append(f"MERGE (n:{label} {{key: r[0]}})")
        lines += _set("n", names, types, 1)
    place = 1 + len(names)
    for number, side in enumerate(sides):
        ends_ = ((label, ""), (side.other, ""))
        SCHEMA.check(
            Edge(
                side.type,
                *(ends_ if side.outgoing else ends_[::-1]),
                dict.fromkeys(side.properties),
            )
        )
        if number not in shared:
            lines.append(f"MERGE (m{number}:{side.other} {{key: r[{place}]}})")
            place += 1
        start, end = ("n", f"m{number}") if side.outgoing else (f"m{number}", "n")
        lines.append(f"{verb} ({start})-[e{number}:{side.type}]->({end})")
        lines += _set(f"e{number}", side.properties, SCHEMA.relations[side.type].properties, place)
        place += len(side.properties)
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def _edge_text(type_: str, start: str, end: str, names: tuple[str, ...]) -> str:
    SCHEMA.check(Edge(type_, (start, ""), (end, ""), dict.fromkeys(names)))
    lines = [
        "UNWIND $rows AS r",
        f"MERGE (a:{start} {{key: r[0]}})",
        f"MERGE (b:{end} {{key: r[1]}})",
        f"MERGE (a)-[e:{type_}]->(b)",
        *_set("e", names, SCHEMA.relations[type_].properties, 2),
    ]
    return "\n".join(lines)


def _set(variable: str, names: tuple[str, ...], types: Mapping[str, str], first: int) -> list[str]:
    parts = [f"{variable}.`{name}` = {value}" for name, value in _values(names, types, first)]
    return [f"SET {', '.join(parts)}"] if parts else []


def _values(
    names: tuple[str, ...], types: Mapping[str, str], first: int
) -> Iterator[tuple[str, str]]:
    for place, name in enumerate(names, start=first):
        yield name, f"datetime(r[{place}])" if types[name] == "datetime" else f"r[{place}]"
