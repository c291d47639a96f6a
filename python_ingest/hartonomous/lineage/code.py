"""What a dbt model's code is: its file, and every macro that it may call."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

_DISPATCHED = re.compile(r"dispatch\(\s*'(\w+)'")


class Code:
    """Checksums of the models of a manifest."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._nodes: Mapping[str, Any] = manifest["nodes"]
        self._macros: Mapping[str, Any] = manifest["macros"]
        self._reached: dict[str, frozenset[str]] = {}

    def checksum(self, unique_id: str) -> str | None:
        """SHA-256 over the node's file and its macros; None for an unknown node."""
        node = self._nodes.get(unique_id)
        if node is None:
            return None
        package = node["package_name"]
        called = (node.get("depends_on") or {}).get("macros") or ()
        reached: set[str] = set()
        for name in called:
            reached |= self._reach(name, package)
        found = hashlib.sha256(str((node.get("checksum") or {}).get("checksum")).encode())
        for name in sorted(reached):
            found.update(name.encode() + b"\0" + self._macros[name]["macro_sql"].encode())
        return found.hexdigest()

    def _reach(self, start: str, package: str) -> frozenset[str]:
        """Macros of a package that a macro may call, itself included."""
        if start in self._reached:
            return self._reached[start]
        reached: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            macro = self._macros.get(name)
            if macro is None or name in reached or macro["package_name"] != package:
                continue
            reached.add(name)
            waiting += macro["depends_on"]["macros"]
            for dispatched in _DISPATCHED.findall(macro["macro_sql"]):
                waiting += self._variants.get(dispatched, ())
        self._reached[start] = frozenset(reached)
        return self._reached[start]

    @cached_property
    def _variants(self) -> dict[str, list[str]]:
        """Dispatched name -> its engines' variants: which one is chosen, dbt does not note."""
        found: dict[str, list[str]] = {}
        for unique_id, macro in self._macros.items():
            _, separator, name = macro["name"].partition("__")
            if separator:
                found.setdefault(name, []).append(unique_id)
        return found
