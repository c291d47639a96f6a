"""DuckDB's extensions, from the wheels that this package depends on: no download at run time."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path

import duckdb

from .errors import InputError

REQUIRED = ("vss", "spatial")
"""vss: the HNSW vector index. spatial: GEOMETRY, ST_* functions and the R-tree index."""

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
    """Load vss and spatial into a connection.

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
