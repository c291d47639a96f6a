"""What the catalogue knows of the names that log entries use."""

from __future__ import annotations

import duckdb

from .. import project as dbt_project
from ..database import Database
from ..errors import InputError
from ..inference.models import default_models, landed_models, runnable_models
from ..spaces import landed_spaces
from .from_inferences import OF_SPACES, Names

_OF_EMBEDDING = ("embed",)
_OF_LANGUAGE = ("generate", "generate_beam", "score", "next_tokens")


def names_of(database: Database) -> Names:
    """Ids of landed models, and what their callables and those of spaces carry."""
    try:
        defaults = dbt_project.defaults(dbt_project.locate())
    except InputError:  # no project here: every name is a default one
        defaults = dbt_project.Defaults()
    suffixes: dict[tuple[str, str], str] = {}
    with database.connect(built=False) as connection:
        landed = landed_models(connection, defaults)
        runnable = runnable_models(landed, default_models(connection, defaults))
    for model in runnable:
        suffixes |= {(name, model.name): model.embedding for name in _OF_EMBEDDING}
        suffixes |= {(name, model.name): model.language for name in _OF_LANGUAGE}
    walks = dbt_project.model_suffixes(name for name, _ in landed)
    suffixes |= {
        ("generate_via_spatial", name): f"_{suffix}" if suffix else ""
        for name, suffix in walks.items()
    }
    if database.built.exists():
        try:
            with database.connect() as connection:
                for space in landed_spaces(connection):
                    suffixes |= {(name, space.space_id): space.suffix for name in OF_SPACES}
        except duckdb.CatalogException:  # built by an older version
            pass
    return Names(models=dict(landed), suffixes=suffixes)
