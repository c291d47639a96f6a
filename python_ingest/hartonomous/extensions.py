"""DuckDB's extensions, from the wheels that this package depends on: no download at run time."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path

import duckdb

from .errors import InputError

REQUIRED = ("vss", "spatial")
"""vss: the HNSW vector index. spatial: GEOMETRY, ST_* functions and the R-tree index."""

INDEX_WIDTH = 256
"""Rows that a search of the HNSW index keeps in view (ef_search): at 100,000 real texts 64, the
extension's default, finds .981 of the true ten, 128 .994, 256 .997."""

FETCHED_BY_KEY = 5000
"""Rows up to which a semi-join reads a table by the index on its key, not whole: the rows that a
search compares in full (docs/decisions/0011-search-by-cells-and-codes.md)."""

ROW_GROUP = 4_096
"""Rows of a row group: DuckDB passes over those of which a search probes no cell. At two million
codes and 64 probes that takes 4 ms; with groups of 122,880, its default, 12 ms. Groups of 2,048,
the least, hold fewer codes that are not asked for, and the codes take 14 % more of the file."""

_log = logging.getLogger(__name__)


def wheel_path(extension: str) -> Path | None:
    """The extension's file in its wheel, for the DuckDB version that runs, or None."""
    try:
        module = importlib.import_module(f"duckdb_extension_{extension}")
    except ImportError:
        return None
    if module.__file__ is None:
        return None
    path = (
        Path(module.__file__).parent
        / "extensions"
        / f"v{duckdb.__version__}"
        / f"{extension}.duckdb_extension"
    )
    return path if path.is_file() else None


def load_extensions(connection: duckdb.DuckDBPyConnection) -> None:
    """Load vss and spatial into a connection, and set what searching goes by.

    From the wheels where they are installed; else DuckDB installs them from the network, which is
    said in a warning.

    Raises:
        InputError: neither a wheel nor a download could be had.
    """
    for extension in REQUIRED:
        path = wheel_path(extension)
        if path is not None:
            quoted = str(path).replace("'", "''")
            connection.execute(f"LOAD '{quoted}'")
            continue
        _log.warning(
            "the wheel duckdb-extension-%s==%s is missing: DuckDB downloads the extension",
            extension,
            duckdb.__version__,
        )
        try:
            connection.execute(f"INSTALL {extension}")
            connection.execute(f"LOAD {extension}")
        except duckdb.Error as error:
            raise InputError(
                f"DuckDB's extension {extension} is neither installed as a wheel nor could it be "
                f"downloaded: pip install duckdb-extension-{extension}=={duckdb.__version__} "
                f"({error})"
            ) from error
    # The vector index is stored in the built file, which can be thrown away and made again.
    connection.execute("SET GLOBAL hnsw_enable_experimental_persistence = true")
    connection.execute(f"SET GLOBAL hnsw_ef_search = {INDEX_WIDTH}")
    connection.execute(f"SET GLOBAL dynamic_or_filter_threshold = {FETCHED_BY_KEY}")
