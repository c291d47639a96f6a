"""The dbt-duckdb plugin that profiles name: it gives every dbt connection the extensions."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from .extensions import load_extensions


class Plugin(BasePlugin):
    """Loads vss and spatial from their wheels when dbt opens the database."""

    def configure_connection(self, conn: Any) -> None:
        """Called once by dbt-duckdb for the connection that all threads share."""
        load_extensions(conn)
