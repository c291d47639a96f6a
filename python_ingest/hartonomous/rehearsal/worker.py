"""One target's rehearsal, in a process of its own: dbt's adapters keep state in their modules.

    python -m hartonomous.rehearsal.worker sqlserver PROJECT PROFILES OUT

PROFILES is the folder of profiles.yml, OUT the folder of the recordings. Exit code 0 when every
node of both runs succeeded.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

from ..landing.fabric_ddl import fabric_statements
from ..landing.sqlserver_sink import SQLServerSink
from .answers import AnswerBook
from .catalog import Catalog
from .recording import Recorder, RecordingConnection

# Models of the database that was built last on DuckDB: their spaces do not exist on the server.
_GENERATED = "path:models/generated"

# Unit tests compare rows that a server would have computed from fixtures; without one there is
# nothing to compare. They run on DuckDB.
_SKIPPED_RESOURCES = ("--exclude-resource-type", "unit_test", "--exclude", _GENERATED)
_FINE = {"success", "pass", "no-op"}


def connection_manager(target: str) -> type:
    """The adapter's class whose connections are replaced."""
    if target == "fabric":
        from dbt.adapters.fabric import FabricConnectionManager

        return FabricConnectionManager
    from dbt.adapters.sqlserver import SQLServerConnectionManager

    return SQLServerConnectionManager


def patch(target: str, current: dict[str, Recorder]) -> None:
    """Let the adapter open recording connections, with what it sends when it opens one."""
    from dbt.adapters.contracts.connection import ConnectionState

    manager = connection_manager(target)

    def open_recording(cls: Any, connection: Any) -> Any:
        if connection.state == ConnectionState.OPEN:
            return connection
        connection.handle = RecordingConnection(current["recorder"])
        connection.state = ConnectionState.OPEN
        if target == "fabric":
            timeout = connection.credentials.lock_timeout
            if timeout > 0:
                connection.handle.cursor().execute(f"SET LOCK_TIMEOUT {timeout}")
        elif connection.credentials.xact_abort:
            cls._apply_session_settings(connection)
        return connection

    manager.open = classmethod(open_recording)


def dbt(command: str, target: str, project: Path, profiles: Path, out: Path, *more: str) -> Any:
    """Run a dbt command in this process; returns dbt's result."""
    from dbt.cli.main import dbtRunner

    work = out / f"dbt_{target}"
    arguments = [command, "--project-dir", str(project), "--profiles-dir", str(profiles)]
    arguments += ["--target", target, "--target-path", str(work), "--threads", "1", *more]
    flags = [
        "--quiet",
        "--no-use-colors",
        "--log-path",
        str(work),
        "--no-send-anonymous-usage-stats",
    ]
    return dbtRunner().invoke([*flags, *arguments])


def land(target: str, recorder: Recorder) -> None:
    """The landing's own statements."""
    if target == "fabric":
        for statement in fabric_statements():
            recorder.record(statement)
    else:
        SQLServerSink(connect=lambda: RecordingConnection(recorder)).ensure_schema()


def build(target: str, project: Path, profiles: Path, out: Path) -> list[str]:
    """One dbt build; returns what went wrong, a line each."""
    random.seed(0)  # dbt-sqlserver names the views of tests by chance
    result = dbt("build", target, project, profiles, out, *_SKIPPED_RESOURCES)
    if result.exception is not None:
        return [f"dbt build --target {target}: {result.exception}"]
    return [
        f"{target}: {run.node.unique_id}: {run.status}: {(run.message or '').strip()}"
        for run in result.result.results
        if str(run.status) not in _FINE
    ]


def rehearse(target: str, project: Path, profiles: Path, out: Path) -> list[str]:
    """Record a first and an incremental run of one target; returns what went wrong."""
    from dbt.adapters.factory import FACTORY

    catalog = Catalog(target)
    book = AnswerBook(catalog)
    current = {"recorder": Recorder(book, national_strings=target != "fabric")}
    patch(target, current)
    parsed = dbt("parse", target, project, profiles, out)
    if parsed.exception is not None:
        return [f"dbt parse --target {target}: {parsed.exception}"]
    catalog.add_landing()
    catalog.add_manifest(parsed.result, project)

    first = current["recorder"]
    land(target, first)
    problems = build(target, project, profiles, out)
    first.write(out / f"{target}.sql")
    if problems:
        return problems

    cached = FACTORY.adapters[target].cache.relations.values()
    catalog.add_cached(relation.inner for relation in cached)
    catalog.add_indexes(first.batches)
    second = current["recorder"] = Recorder(book, first.national_strings)
    land(target, second)
    problems = build(target, project, profiles, out)
    second.write(out / f"{target}_incremental.sql")
    return [f"{problem} (incremental run)" for problem in problems]


def main() -> int:
    """Command line of the worker."""
    target, project, profiles, out = sys.argv[1:5]
    problems = rehearse(target, Path(project), Path(profiles), Path(out))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
