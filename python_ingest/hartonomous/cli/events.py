"""dbt's nodes as one progress bar."""

from __future__ import annotations

from typing import Any

from .. import build as library
from ..database import Database
from ..progress import Progress


def build_with_progress(
    database: Database, *, quiet: bool = False, verbose: bool = False, **options: Any
) -> library.BuildResult:
    """Run dbt with a bar over its nodes; with ``verbose`` dbt prints its own log instead."""
    with Progress(quiet=quiet or verbose).stages() as report:
        return library.build(
            database,
            on_node=lambda number, total: report("building", number, total),
            verbose=verbose,
            **options,
        )
