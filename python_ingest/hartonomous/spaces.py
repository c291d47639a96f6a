"""Which embedding space a search reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from .errors import InputError
from .landing.spaces import Space


@dataclass(frozen=True)
class BuiltSpace(Space):
    """A space that was built; ``suffix`` is what its models' names carry, '' by default."""

    suffix: str = ""

    def require_dimension(self, vector: Sequence[float] | np.ndarray) -> None:
        """Raise InputError where a query vector does not fit the space."""
        values = np.asarray(vector)
        if values.shape != (self.dimension,):
            raise InputError(
                f"the query vector has shape {list(values.shape)}; the space {self.space_id} of "
                f"{self.model_name} takes {self.dimension} numbers"
            )
        if not np.isfinite(values).all():
            raise InputError("the query vector holds NaN or infinity")


def landed_spaces(connection: duckdb.DuckDBPyConnection) -> list[BuiltSpace]:
    """All spaces, the default one of the last build first."""
    rows = connection.execute(
        "SELECT space_id, model_name, model_id, dimension, metric, suffix FROM spaces "
        "ORDER BY suffix <> '', created_at, space_id"
    ).fetchall()
    return [BuiltSpace(*row[:5], suffix=row[5]) for row in rows]


def choose_space(connection: duckdb.DuckDBPyConnection, model: str | None = None) -> BuiltSpace:
    """The space of a model: by landed name, by folder name, or the space's own id.

    Raises:
        InputError: nothing was landed, or no space of that model.
    """
    try:
        spaces = landed_spaces(connection)
    except duckdb.CatalogException as error:
        raise InputError("the spaces were not built yet: run `hartonomous build`") from error
    if not spaces:
        raise InputError("no texts were landed: `hartonomous ingest texts FILE`, then build")
    if model is None:
        chosen = spaces[0]
    else:
        named = [
            space
            for space in spaces
            if model in (space.model_name, space.space_id)
            or (Path(model).is_dir() and Path(model).resolve().name == space.model_name)
        ]
        if not named:
            known = ", ".join(space.model_name for space in spaces)
            raise InputError(f"no texts are embedded by {model!r}; there are spaces of {known}")
        chosen = named[0]
    built = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'built' AND table_name = ?",
        [f"embeddings{chosen.suffix}"],
    ).fetchone()
    if built is None:
        raise InputError(f"the space {chosen.space_id} was not built yet: run `hartonomous build`")
    return chosen
