"""The sink of a target that is a server."""

from __future__ import annotations

from ..errors import InputError
from .sink import Sink


def server_sink(target: str) -> Sink:
    """The landing tables of SQL Server, by the connection that the environment names.

    Raises:
        InputError: a target without a sink. Fabric Warehouse is loaded by COPY INTO from Parquet
            (landing.fabric_ddl), DuckDB by its own file.
    """
    if target == "sqlserver":
        from .sqlserver_sink import SQLServerSink

        return SQLServerSink()
    raise InputError(
        f"--target {target!r} cannot be landed into from here; use duckdb or sqlserver "
        "(Fabric Warehouse is loaded by COPY INTO: docs/engines.md)"
    )
