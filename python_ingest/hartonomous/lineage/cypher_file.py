"""Lineage as a Cypher script: the same statements as over Bolt, with their values written out.

``cypher-shell -f lineage.cypher`` makes the graph, or brings one up to date.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from .batch import Batch
from .graph import WATERMARK
from .new_file import NewFile
from .statements import CONSTRAINTS, statements
from .transport import Watermark

_ROWS = 500
_ROWS_MARK = "$rows"


class CypherFile:
    """Writes a script that holds everything; it takes its place when it is whole."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file = NewFile(path)
        self._write("// The lineage graph of a Hartonomous database, for cypher-shell -f.\n")
        for constraint in CONSTRAINTS:
            self._write(f"{constraint};\n")

    def watermark(self, database: str) -> Watermark:
        """The beginning: a script holds everything."""
        return Watermark(database)

    def write(self, batch: Batch, watermark: Watermark) -> None:
        """Add the statements of a batch, and how far they reach."""
        for text, rows in statements(batch):
            for start in range(0, len(rows), _ROWS):
                self._write(text.replace(_ROWS_MARK, literal(rows[start : start + _ROWS]), 1))
                self._write(";\n")
        values = {
            "position": json.dumps(watermark.position),
            "digests": json.dumps(watermark.digests),
            "schema": watermark.schema,
        }
        told = ", ".join(f"w.{name} = {literal(value)}" for name, value in values.items())
        self._write(f"MERGE (w:{WATERMARK} {{key: {literal(watermark.database)}}}) SET {told};\n")

    def _write(self, text: str) -> None:
        self._file.write(text)

    def finish(self) -> None:
        """The script takes its place."""
        self._file.finish()

    def close(self) -> None:
        """Remove a script that was not finished."""
        self._file.close()


def literal(value: Any) -> str:
    """A value as a Cypher literal.

    In a text, a backslash is never followed by ``u``: some versions of Cypher read ``\\u0027`` as a
    quote wherever it stands, even after another backslash. Nor does a text hold an end of line, so
    that a script may be taken apart by ``;`` at the end of one.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "null"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        for character, name in (("\n", "n"), ("\r", "r"), ("\t", "t"), ("\b", "b"), ("\f", "f")):
            escaped = escaped.replace(character, f"\\{name}")
        quoted = escaped.replace("\\u", "\\' + 'u")
        return f"('{quoted}')" if quoted != escaped else f"'{quoted}'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(part) for part in value)}]"
    raise ValueError(f"{type(value).__name__} is no value of the lineage graph")
