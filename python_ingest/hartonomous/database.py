"""A Hartonomous database on DuckDB: two files and a folder that belong together.

``NAME.duckdb`` holds what was landed, ``NAME.built.duckdb`` what dbt built from it (disposable:
its HNSW and R-tree indexes do not recover soundly from a crash), ``NAME.inferences/`` the log.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from .errors import DatabaseBusyError, InputError
from .extensions import load_extensions
from .landing.duckdb_sink import DuckDBSink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENVIRONMENT = "HARTONOMOUS_DATABASE"
DEFAULT = "hartonomous.duckdb"


def as_dicts(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of an executed query by column name."""
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


_idle: deque[duckdb.DuckDBPyConnection] = deque(maxlen=4)
"""DuckDB instances with the extensions loaded and nothing attached: loading takes 0.3 s."""

_TEMPORARY = (
    "SELECT format('\"{}\"', replace(table_name, '\"', '\"\"')) FROM duckdb_tables() "
    "WHERE database_name = 'temp'"
)
"""Tables that a caller made for itself: the next one's names must be free."""


@contextmanager
def _instance(*, with_extensions: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB to attach to. What was attached is let go of afterwards."""
    try:
        connection = _idle.pop()
    except IndexError:
        connection = duckdb.connect()
        # DuckDB draws it on stdout, where --json promises nothing but JSON.
        connection.execute("SET enable_progress_bar = false")
        # A name that is no table is an error, never a variable of this program.
        connection.execute("SET python_enable_replacements = false")
        if with_extensions:
            load_extensions(connection)
    else:
        with_extensions = True
    try:
        yield connection
    finally:
        try:
            connection.execute("USE memory")
            for alias in ("built", "landing"):
                connection.execute(f"DETACH DATABASE IF EXISTS {alias}")
            for (name,) in connection.execute(_TEMPORARY).fetchall():
                connection.execute(f"DROP TABLE temp.{name}")
        except duckdb.Error:  # a caller left something open: this instance is not used again
            connection.close()
        else:
            if with_extensions:
                _idle.append(connection)
            else:
                connection.close()


@dataclass(frozen=True)
class LandingReader:
    """The reading half of a sink, for who must not write."""

    connection: duckdb.DuckDBPyConnection

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read."""
        return self.connection.execute(sql, list(parameters)).fetchall()


@dataclass(frozen=True)
class Database:
    """The files of one database. ``landed`` is the path that the user names."""

    landed: Path

    @classmethod
    def locate(cls, path: str | os.PathLike[str] | None = None) -> Database:
        """The database named by the argument, else by HARTONOMOUS_DATABASE, else the default."""
        named = Path(path or os.environ.get(ENVIRONMENT) or DEFAULT)
        if named.is_dir():
            raise InputError(f"{named} is a folder; --database takes a file such as {DEFAULT}")
        if named.suffix != ".duckdb":
            named = named.with_name(named.name + ".duckdb")
        return cls(named.absolute())

    @property
    def built(self) -> Path:
        """The file that dbt builds; may be deleted at any time and built again."""
        return self.landed.with_suffix(".built.duckdb")

    @property
    def inference_folder(self) -> Path:
        """The folder of JSON lines that every search appends to."""
        return self.landed.with_suffix(".inferences")

    def sink(self, *, must_exist: bool = False) -> DuckDBSink:
        """The landing tables, opened for writing and created where missing.

        With ``must_exist`` a missing database is an InputError: what is to be removed cannot be in
        a file that is made for it.
        """
        if must_exist:
            self.require_landed()
        sink = DuckDBSink(self.landed)
        sink.ensure_schema()
        self.ensure_inference_folder()
        return sink

    def ensure_inference_folder(self) -> None:
        """Make the log folder with an empty first file: a glob over no file is an error."""
        self.inference_folder.mkdir(parents=True, exist_ok=True)
        first = self.inference_folder / "0.jsonl"
        if not first.exists():
            first.touch()

    def require_landed(self) -> None:
        """Raise InputError where nothing was landed under this name."""
        if not self.landed.exists():
            raise InputError(
                f"there is no database {self.landed}: `hartonomous ingest model <folder>` or "
                f"`hartonomous init` makes it; --database or {ENVIRONMENT} names another"
            )

    def require_built(self) -> None:
        """Raise InputError where the landed data was not built yet."""
        self.require_landed()
        if not self.built.exists():
            raise InputError(f"{self.landed} was never built: run `hartonomous build` first")

    @contextmanager
    def connect(
        self, *, built: bool = True, landed: bool = True
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection: the landed file as ``landing``, the built one as default.

        Any number of processes may hold one at the same time. Without ``landed`` the landed file
        is left alone, for who writes to it meanwhile.

        Raises:
            InputError: a file is missing or is no DuckDB file.
            DatabaseBusyError: another process writes to it.
        """
        self.require_landed()
        if built:
            self.require_built()
        with _instance(with_extensions=built) as connection:
            if landed:
                self._attach(connection, self.landed, "landing")
            if built:
                self._attach(connection, self.built, "built")
                connection.execute("USE built")
            yield connection

    @contextmanager
    def reader(self) -> Iterator[LandingReader]:
        """The landed rows, read-only, under the names that a sink uses (``raw.<table>``)."""
        with self.connect(built=False) as connection:
            connection.execute("USE landing")
            yield LandingReader(connection)

    @staticmethod
    def _attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> None:
        quoted = str(path).replace("'", "''")
        try:
            connection.execute(f"ATTACH '{quoted}' AS {alias} (READ_ONLY)")
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise DatabaseBusyError(
                    f"{path} is being written by another process (an ingest, a build, or a tool "
                    f"that opened it for writing): wait for it or close it, then try again"
                ) from error
            raise InputError(f"{path} cannot be opened as a DuckDB file: {error}") from error
        except duckdb.Error as error:
            raise InputError(f"{path} cannot be opened as a DuckDB file: {error}") from error
