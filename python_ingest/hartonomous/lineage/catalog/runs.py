"""The runs that built something here."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph import Node
from .rows import Connection, has_table, moment, rows


def elements(connection: Connection) -> Iterator[Node]:
    """Run; what each one built stands in dbt's artifacts: from_artifacts."""
    if not has_table(connection, "build_runs"):
        return
    for run_id, started_at, command, version, dbt_version, commit in rows(
        connection,
        "SELECT run_id, started_at, command, hartonomous_version, dbt_version, git_commit "
        "FROM built.build_runs ORDER BY started_at",
    ):
        yield Node(
            "Run",
            run_id,
            {
                "invocation_id": run_id,
                "started_at": moment(started_at),
                "command": command,
                "hartonomous_version": version or None,
                "dbt_version": dbt_version,
                "git_commit": commit or None,
            },
        )
