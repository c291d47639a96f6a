"""The dbt-duckdb plugin that profiles name: extensions, storage and memory of dbt's connections."""

from __future__ import annotations

import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from .extensions import ROW_GROUP, load_extensions

MEMORY_LIMIT = "HARTONOMOUS_MEMORY_LIMIT"
"""Environment variable: what DuckDB may hold, such as 3GB; the rest is spilled to disk."""


class Plugin(BasePlugin):
    """Prepares the database that dbt opened."""

    def configure_connection(self, conn: Any) -> None:
        """Called once by dbt-duckdb for the connection that all threads share."""
        load_extensions(conn)
        _store_in_small_groups(conn)
        if limit := os.environ.get(MEMORY_LIMIT):
            conn.execute("SET memory_limit = $limit", {"limit": limit})


def _store_in_small_groups(conn: Any) -> None:
    """Open the database file again, with ROW_GROUP: that is an option of ATTACH alone."""
    name, path = conn.execute(
        "SELECT database_name, path FROM duckdb_databases() "
        "WHERE database_name = current_database()"
    ).fetchone()
    if path is None:  # in memory
        return
    quoted, file = name.replace('"', '""'), path.replace("'", "''")
    conn.execute("ATTACH ':memory:' AS hartonomous_meanwhile")
    conn.execute("USE hartonomous_meanwhile")
    conn.execute(f'DETACH "{quoted}"')
    conn.execute(f"ATTACH '{file}' AS \"{quoted}\" (ROW_GROUP_SIZE {ROW_GROUP})")
    conn.execute(f'USE "{quoted}"')
    conn.execute("DETACH hartonomous_meanwhile")
