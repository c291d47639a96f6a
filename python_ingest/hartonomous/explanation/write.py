"""``hartonomous explain INFERENCE --html``: the picture of one answer's history, as a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import inference_log
from .. import project as dbt_project
from ..database import Database
from ..errors import InputError
from ..html_page import check_output, save
from ..lineage.from_artifacts import from_artifacts
from ..lineage.from_catalog import from_catalog
from ..lineage.from_inferences import from_inferences
from ..lineage.graph import Edge, Node
from ..lineage.names import names_of
from .page import render
from .path import path_of


@dataclass(frozen=True)
class Drawn:
    """A page that was written: its path, size, and what it shows."""

    path: str
    bytes: int
    inference_id: str
    nodes: int
    edges: int
    left_out: int

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def draw(
    database: Database,
    inference: str,
    output: str | os.PathLike[str],
    *,
    target_folder: Path | None = None,
) -> Drawn:
    """Draw where an answer came from: from who asked to the files that were landed.

    The picture needs no graph server: it is made of the log, the tables and dbt's artifacts, by
    what publishes them.

    Args:
        database: landed.
        inference: an inference's id, the beginning of it, or ``last``.
        output: the page, NAME.html; one that is there is replaced.
        target_folder: dbt's, with its artifacts; found by itself where not given. Where they are
            missing the picture lacks code and runs.

    Raises:
        InputError: no such inference, or the page cannot be written.
    """
    path = check_output(output)
    database.require_landed()
    entry = inference_log.find(database.inference_folder, inference)
    found = path_of(entry["inference_id"], _elements(database, entry, target_folder))
    size = save(path, render(found))
    return Drawn(
        str(path), size, entry["inference_id"], len(found.nodes), len(found.edges), found.left_out
    )


def _elements(
    database: Database, entry: Mapping[str, Any], target_folder: Path | None
) -> Iterator[Node | Edge]:
    said = [
        event
        for event in inference_log.read_events(database.inference_folder)
        if event["event"] == "weights" or event.get("inference_id") == entry["inference_id"]
    ]
    yield from from_inferences([entry, *said], names_of(database))
    found = [row.get("id") for row in (*entry["results"], *entry["alternatives"])]
    yield from from_catalog(
        database,
        used={(entry["space_id"], name) for name in found if isinstance(name, int)},
        # An ensemble's results are texts, which its spaces share.
        used_texts={name for name in found if isinstance(name, str)},
    )
    try:
        yield from from_artifacts(target_folder or dbt_project.target_folder())
    except InputError:  # never built in this project, or a build is writing them
        return
