"""What of the catalogue changed since it was published last, without keeping a copy of it.

Elements fall into groups by label or relation and by a hash of their key; each group has a digest
that does not depend on the order in which they come. Only groups whose digest differs are written.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping

from .graph import Edge, Node

_BUCKETS = 64
_MODULUS = 2**64


def group(element: Node | Edge) -> str:
    """The group of an element."""
    if isinstance(element, Node):
        name, key = element.label, element.key
    else:
        name, key = element.type, element.start[1]
    return f"{name}/{zlib.crc32(key.encode()) % _BUCKETS}"


def digests(elements: Iterable[Node | Edge]) -> dict[str, str]:
    """Group -> digest of its elements, 16 hexadecimal digits."""
    sums: dict[str, int] = {}
    for element in elements:
        *identity, properties = element
        told = repr((identity, sorted(properties.items())))
        value = hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).digest()
        of = group(element)
        sums[of] = (sums.get(of, 0) + int.from_bytes(value)) % _MODULUS
    return {of: f"{value:016x}" for of, value in sums.items()}


def changed(
    elements: Iterable[Node | Edge], now: Mapping[str, str], before: Mapping[str, str]
) -> Iterator[Node | Edge]:
    """The elements of groups whose digest is another one than before."""
    for element in elements:
        of = group(element)
        if now.get(of) != before.get(of):
            yield element
