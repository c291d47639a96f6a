"""The dbt-duckdb plugin that profiles name: extensions and memory of every dbt connection."""

from __future__ import annotations

import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from .extensions import load_extensions

MEMORY_LIMIT = "HARTONOMOUS_MEMORY_LIMIT"
"""Environment variable: what DuckDB may hold, such as 3GB; the rest is spilled to disk."""


class Plugin(BasePlugin):
    """Loads vss and spatial when dbt opens the database, and bounds its memory."""

    def configure_connection(self, conn: Any) -> None:
        """Called once by dbt-duckdb for the connection that all threads share."""
        load_extensions(conn)
        if limit := os.environ.get(MEMORY_LIMIT):
            conn.execute("SET memory_limit = $limit", {"limit": limit})
