"""The vector of a question, in the space that it is asked in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..database import Database
from ..errors import InputError
from ..landing.texts_models import find_embedding_model, weights_folder
from ..spaces import BuiltSpace, choose_space
from .calls import RefusedError
from .embedding import embed_one
from .encoder import has_torch
from .ready import EMBEDDING, opened


def embed_question(database: Database, text: str, model: str | None = None) -> NDArray[np.float32]:
    """The vector of a text by the model of a space, float32[dimension]; lands nothing.

    In SQL, where the space's model is landed and runs there; else by sentence-transformers, where
    it is installed and the model's folder is known.

    Args:
        database: the database, built.
        text: what is asked.
        model: the space's model, its name, id or folder, or the space's own id; the default space
            where not given.

    Raises:
        InputError: no such space, or nothing that can embed in it.
    """
    with database.connect() as connection:
        space = choose_space(connection, model)
        row = connection.execute(
            "SELECT name FROM landing.raw.models WHERE model_id = ? ORDER BY name <> ? LIMIT 1",
            [space.model_id, space.model_name],
        ).fetchone()
    if row is None:
        return _by_torch(database, text, space, model)
    try:
        with opened(database, row[0], EMBEDDING) as (connection, chosen):
            return embed_one(connection, chosen, text)
    except RefusedError:
        if not has_torch():
            raise
        return _by_torch(database, text, space, model)


def _by_torch(
    database: Database, text: str, space: BuiltSpace, model: str | None
) -> NDArray[np.float32]:
    from ..texts.encoder import load_encoder

    named = model if model and Path(model).is_dir() else space.model_name
    try:
        folder = _folder(database, named)
    except InputError as error:
        raise InputError(
            f"the space {space.space_id} takes vectors of {space.model_name}, which neither is "
            f"landed nor can be loaded: {error}"
        ) from error
    return load_encoder(folder).encode([text])[0]


@lru_cache(maxsize=8)
def _folder(database: Database, named: str) -> str:
    """Where sentence-transformers loads a model from: its files are compared once a process."""
    with database.reader() as reader:
        return str(weights_folder(reader, find_embedding_model(reader, named)))
