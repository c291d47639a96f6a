"""``hartonomous build``: dbt over one database, with the profile and models that belong to it."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from . import project as dbt_project
from .database import Database
from .dbt_process import DbtOutcome, run_dbt
from .errors import DatabaseBusyError, HartonomousError
from .generated import write_generated
from .inference.models import RunnableModel, default_models, landed_models, runnable_models
from .landing.schema import SCHEMA, TABLES
from .landing.spaces import Space
from .landing.texts_rows import now
from .project import Defaults
from .run_metadata import run_metadata

DEFAULT_TARGET = "duckdb"
SPACES = "HARTONOMOUS_SPACES"
"""Environment variable of dbt: the spaces other than the default one, by id, with commas."""
RUNS = "build_runs"
"""The dbt model that notes every run."""
_LOCK = ".build.lock"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildResult:
    """What a build did: models built, tests passed, seconds."""

    built: int
    passed: int
    seconds: float


class BuildFailedError(HartonomousError):
    """dbt ran, and nodes failed."""


@contextmanager
def _profiles(project: Path) -> Iterator[str]:
    """The user's profiles folder, else the example profile in a temporary one."""
    for folder in (os.environ.get("DBT_PROFILES_DIR"), project, Path.home() / ".dbt"):
        if folder and (file := Path(folder) / "profiles.yml").is_file():
            text = file.read_text()
            if any(line.startswith("hartonomous:") for line in text.splitlines()):
                yield str(folder)
                return
    with tempfile.TemporaryDirectory(prefix="hartonomous-profiles-") as folder:
        example = (project / "profiles.yml.example").read_text()
        (Path(folder) / "profiles.yml").write_text(example)
        yield folder


@contextmanager
def _alone_in(project: Path) -> Iterator[None]:
    """Wait until no other process builds in this project.

    dbt writes into its project, and what :func:`write_generated` puts there belongs to one
    database: two builds at a time would each run with the models of either.
    """
    lock = FileLock(project / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.warning("another build runs in %s: waiting for it to end", project)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def build(
    database: Database,
    *,
    project: Path | None = None,
    target: str = DEFAULT_TARGET,
    full_refresh: bool = False,
    select: Sequence[str] = (),
    arguments: Sequence[str] = (),
    command: Sequence[str] = ("build",),
    on_node: Callable[[int, int], None] | None = None,
    verbose: bool = False,
) -> BuildResult:
    """Run dbt over the database.

    Args:
        database: on DuckDB the files to read and build; on other engines only names the log folder.
        project: the dbt project's folder; found by itself where not given.
        target: the profile's output.
        full_refresh: build incremental tables from scratch.
        select: dbt's selectors.
        arguments: more arguments for dbt, as they are.
        command: the dbt command and its own flags.
        on_node: called with (number, total) whenever a node or test is done.
        verbose: let dbt print its own log.

    Raises:
        BuildFailedError: a node or test failed; its message is in the text.
        DatabaseBusyError: another process holds the built file.
    """
    folder = project or dbt_project.locate()
    call = [*command, "--project-dir", str(folder), "--target", target]
    if select:
        if target == DEFAULT_TARGET:
            select = [*select, RUNS]  # inferences name the run that served them
        # Only tests whose every parent is built: others would read what is not there yet.
        call += ["--select", *select, "--indirect-selection", "cautious"]
    environment = {
        "HARTONOMOUS_DATABASE": str(database.landed),
        "HARTONOMOUS_BUILT": str(database.built),
        **run_metadata(folder),
    }
    with _alone_in(folder), _profiles(folder) as profiles:
        started, moment = time.monotonic(), now()
        if target == DEFAULT_TARGET:
            spaces = _prepare(database, folder)
            # What the ensemble's models read beside the default space: ensemble_members.sql.
            environment[SPACES] = ",".join(space.space_id for space in spaces[1:])
            full_refresh = full_refresh or _shape_changed(database, spaces)
        if full_refresh:
            call.append("--full-refresh")
        outcome = run_dbt(
            [*call, "--profiles-dir", profiles, *arguments],
            environment,
            on_node=on_node,
            verbose=verbose,
        )
    _raise_failures(outcome, database)
    if target == DEFAULT_TARGET and not select and command == ("build",):
        _forget_removed(database, moment)
    return BuildResult(outcome.built, outcome.passed, time.monotonic() - started)


def _prepare(database: Database, folder: Path) -> list[Space]:
    """Write the models of this database into the project; its spaces, the default one first."""
    _complete_landing(database)
    _discard_unsound(database)
    spaces, models = _landed(database, dbt_project.defaults(folder))
    write_generated(folder, spaces[1:], models, models[0].name if models else "")
    return spaces


def _complete_landing(database: Database) -> None:
    """Make the tables that a newer version lands into, where an older one landed.

    Only then is the landed file opened for writing, which its readers would have to wait for.
    """
    with database.connect(built=False) as connection:
        present = connection.execute(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'landing' AND schema_name = ?",
            [SCHEMA],
        ).fetchall()
    if {name for (name,) in present} >= TABLES.keys():
        database.ensure_inference_folder()
    else:
        database.sink(must_exist=True).close()


def _forget_removed(database: Database, moment: datetime) -> None:
    """Drop the notes of what was removed before the build began: the tables lack it by now."""
    with database.connect(built=False) as connection:
        found = connection.execute("SELECT COUNT(*) FROM landing.raw.removed_embeddings").fetchone()
    if found and found[0]:
        with closing(database.sink(must_exist=True)) as sink, sink.transaction():
            sink.delete("removed_embeddings", "removed_at <= ?", [moment])


def _raise_failures(outcome: DbtOutcome, database: Database) -> None:
    if outcome.returncode == 0:
        return
    text = "\n".join(outcome.failures or outcome.errors) or f"dbt ended with {outcome.returncode}"
    if "Could not set lock" in text or "Conflicting lock" in text:
        raise _busy(database)
    raise BuildFailedError(text)


def _busy(database: Database) -> DatabaseBusyError:
    return DatabaseBusyError(
        f"{database.built} is held by another process, and DuckDB has one writer: wait for it or "
        f"close it, then build again"
    )


def _landed(database: Database, defaults: Defaults) -> tuple[list[Space], list[RunnableModel]]:
    """Spaces and models of the database, the default ones first (as the macros choose them)."""
    with database.connect(built=False) as connection:
        landed = landed_models(connection, defaults)
        models = runnable_models(landed, default_models(connection, defaults))
        spaces = connection.execute(
            "SELECT space_id, model_name, model_id, dimension, metric FROM landing.raw.spaces "
            "ORDER BY space_id <> ?, created_at, space_id",
            [defaults.space],
        ).fetchall()
    return [Space(*row) for row in spaces], models


def _discard_unsound(database: Database) -> None:
    """Throw the built file away where a build was killed: its indexes do not replay soundly."""
    log = Path(str(database.built) + ".wal")
    if not log.exists():
        return
    try:
        duckdb.connect(str(database.built)).close()
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise _busy(database) from error
    except duckdb.Error:
        pass  # broken beyond opening: that is what is being thrown away
    database.built.unlink(missing_ok=True)
    log.unlink(missing_ok=True)


def _shape_changed(database: Database, spaces: Sequence[Space]) -> bool:
    """Whether a built vector column has another dimension than the landed space now."""
    if not database.built.exists():
        return False
    with database.connect() as connection:
        built = dict(
            connection.execute(
                "SELECT table_name, data_type FROM duckdb_columns() "
                "WHERE database_name = 'built' AND column_name = 'embedding'"
            ).fetchall()
        )
    for number, space in enumerate(spaces):
        name = "embeddings" if number == 0 else f"embeddings_{space.space_id}"
        if name in built and built[name] != f"FLOAT[{space.dimension}]":
            return True
    return False
