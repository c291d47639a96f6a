"""A model's tokenizer, by its own SQL callables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ..database import Database
from ..progress import QUIET, Progress
from .calls import rows
from .models import RunnableModel
from .names import LANGUAGE
from .ready import opened


@dataclass(frozen=True)
class Token:
    """A token of a text; ``text`` is how the vocabulary stores it."""

    id: int
    text: str


def tokenize(
    database: Database, text: str, *, model: str | None = None, progress: Progress = QUIET
) -> list[Token]:
    """The tokens that a model reads a text as, those of its template included.

    ``model`` is a landed model's name or id, the default language model where not given. Raises
    InputError for an unknown model or one without a tokenizer that SQL can run.
    """
    with opened(database, model, LANGUAGE, progress) as (connection, chosen):
        found = rows(
            connection,
            f"SELECT token_id, token FROM tokenize{chosen.tokenizer}($1) ORDER BY position",
            [text],
        )
    return [Token(*row) for row in found]


def encode(connection: duckdb.DuckDBPyConnection, model: RunnableModel, text: str) -> list[int]:
    """The ids of a text's tokens."""
    found = rows(
        connection,
        f"SELECT token_id FROM tokenize{model.tokenizer}($1) ORDER BY position",
        [text],
    )
    return [token_id for (token_id,) in found]


def decode(connection: duckdb.DuckDBPyConnection, model: RunnableModel, ids: Sequence[int]) -> str:
    """The text of tokens; special ones are left out."""
    found = rows(
        connection, f"SELECT text FROM detokenize{model.tokenizer}($1)", [json.dumps(list(ids))]
    )
    return str(found[0][0] or "") if found else ""


def maximum_positions(connection: duckdb.DuckDBPyConnection, model: RunnableModel) -> int:
    """Tokens that a language model reads at most.

    As many as it has learned positions; where they are rotary, as its configuration says.
    """
    (learned,) = connection.execute(
        f"SELECT count(*) FROM inference_position_embeddings{model.language_weights}"
    ).fetchone() or (0,)
    if learned:
        return int(learned)
    (text,) = connection.execute(
        "SELECT config FROM landing.raw.models WHERE name = ?", [model.name]
    ).fetchone() or ("{}",)
    config = json.loads(text).get("config") or {}
    positions = int(config.get("max_position_embeddings") or 2048)
    window = config.get("sliding_window")
    slides = config.get("model_type") == "mistral" or config.get("use_sliding_window")
    return min(positions, int(window)) if window and slides else positions
