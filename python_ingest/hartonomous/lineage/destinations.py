"""Which transport a publisher writes to, by name."""

from __future__ import annotations

import os
from pathlib import Path

from .. import project as dbt_project
from ..database import Database
from ..errors import InputError
from . import server
from .bolt import BoltTransport
from .cypher_file import CypherFile
from .json_file import JsonFile
from .openlineage import URL, EventFile, EventServer, OpenLineage
from .target import locate, require
from .transport import Transport

NAMES = ("bolt", "cypher", "json", "openlineage")
_FILES = {
    "cypher": "lineage.cypher",
    "json": "lineage.json",
    "openlineage": "lineage.openlineage.jsonl",
}


def choose(database: Database, to: str | None = None, output: Path | None = None) -> Transport:
    """The transport that is named; by itself the graph server that there is, else a Cypher script.

    Args:
        database: what is published.
        to: bolt, cypher, json or openlineage.
        output: the file, of those that write one; by default in dbt's target folder.

    Raises:
        InputError: an unknown name, a server that cannot be reached, an output that does not fit.
    """
    if to is None:
        to = "bolt" if output is None and locate(database) else "cypher"
    if to not in NAMES:
        raise InputError(f"--to takes {', '.join(NAMES)}; it got {to!r}")
    if to == "bolt":
        if output is not None:
            raise InputError("--output names a file; --to bolt writes into a graph server")
        return BoltTransport(require(database))
    if to == "openlineage" and output is None and (url := os.environ.get(URL)):
        return OpenLineage(EventServer(url, server.files(database).folder / "openlineage"))
    path = output or (target_folder() or Path("target")) / _FILES[to]
    if to == "cypher":
        return CypherFile(path)
    return JsonFile(path) if to == "json" else OpenLineage(EventFile(path))


def target_folder() -> Path | None:
    """dbt's target folder; None where there is no project."""
    named = os.environ.get("DBT_TARGET_PATH")
    if named:
        return Path(named)
    try:
        return dbt_project.locate() / "target"
    except InputError:
        return None


def artifacts_folder() -> Path | None:
    """dbt's target folder, where a run left its artifacts."""
    folder = target_folder()
    return folder if folder is not None and (folder / "manifest.json").is_file() else None
