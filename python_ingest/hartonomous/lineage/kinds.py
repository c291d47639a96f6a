"""What is said of a kind of node and of a kind of edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Label:
    """A kind of node: what it is, its class in PROV-O, what its key is, and its properties.

    Types of properties: text, integer, number, boolean, datetime (ISO 8601 text in UTC, a DateTime
    in the graph), json (text), texts, integers.
    """

    description: str
    prov: str
    key: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Relation:
    """A kind of edge: what it says, its property in PROV-O, what it joins, its properties."""

    description: str
    prov: str
    ends: tuple[tuple[str, str], ...]
    properties: Mapping[str, str] = field(default_factory=dict)
