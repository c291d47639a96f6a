"""Embedding spaces: one model, one dimension, one metric."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..errors import InputError
from .sink import Sink
from .texts_rows import now, record_batch

# A space names a dbt model and suffixes callables, and engines limit identifiers to 128.
_MAX_SLUG_CHARACTERS = 80


@dataclass(frozen=True)
class Space:
    """A row of ``raw.spaces``; ``last_embedding_id`` is the highest id given so far, 0 at first."""

    space_id: str
    model_name: str
    model_id: str
    dimension: int
    metric: str
    last_embedding_id: int = 0


def slug(model_name: str, dimension: int, metric: str = "cosine") -> str:
    """Name of a space, fit for an identifier on every engine.

    The last part of the model's name in lower case, what is not a letter or digit of ASCII as
    ``_``, then the dimension, then the metric where it is not cosine:
    ``sentence-transformers/all-MiniLM-L6-v2`` at 384 is ``all_minilm_l6_v2_384``.
    """
    last = model_name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    base = re.sub(r"[^a-z0-9]+", "_", last.lower()).strip("_")[:_MAX_SLUG_CHARACTERS].rstrip("_")
    if not base or not base[0].isalpha():
        base = f"space_{base}".rstrip("_")
    return f"{base}_{dimension}" + ("" if metric == "cosine" else f"_{metric}")


def list_spaces(sink: Sink) -> list[Space]:
    """Every space, by its name."""
    rows = sink.query(
        "SELECT space_id, model_name, model_id, dimension, metric, last_embedding_id "
        "FROM raw.spaces ORDER BY space_id"
    )
    return [Space(*row) for row in rows]


def find_space(sink: Sink, name: str | None) -> Space:
    """The space of that id or of that model's name; the first one landed where none is named."""
    spaces = list_spaces(sink)
    order = dict(sink.query("SELECT space_id, created_at FROM raw.spaces"))
    matching = [s for s in spaces if name is None or name in (s.space_id, s.model_name)]
    if not matching:
        listed = ", ".join(space.space_id for space in spaces) or "none: land texts first"
        raise InputError(f"there is no space {name or ''!r} (there are: {listed})")
    return min(matching, key=lambda space: (order[space.space_id], space.space_id))


def find_spaces(sink: Sink, model_name: str, metric: str = "cosine") -> list[Space]:
    """The spaces of a model and metric."""
    return [s for s in list_spaces(sink) if s.model_name == model_name and s.metric == metric]


def choose_space(
    sink: Sink, model_name: str, model_id: str, dimension: int, metric: str = "cosine"
) -> Space:
    """The space of (model, dimension, metric), as it is or as it will be made; writes nothing.

    InputError where the model has a space of another dimension: vectors of one model do not
    differ in it. A name that another model's space has taken gets a number.
    """
    spaces = list_spaces(sink)
    for space in spaces:
        if (space.model_name, space.metric) != (model_name, metric):
            continue
        if space.dimension != dimension:
            raise InputError(
                f"the vectors have {dimension} dimensions, the space {space.space_id} of model "
                f"{model_name!r} has {space.dimension}: land them under another model name"
            )
        return space
    taken = {space.space_id for space in spaces}
    wanted = slug(model_name, dimension, metric)
    space_id, number = wanted, 2
    while space_id in taken:
        space_id, number = f"{wanted}_{number}", number + 1
    return Space(space_id, model_name, model_id, dimension, metric)


def save_space(sink: Sink, space: Space) -> None:
    """Insert the space or replace its row; call it inside a transaction."""
    created = sink.query("SELECT created_at FROM raw.spaces WHERE space_id = ?", [space.space_id])
    sink.delete("spaces", "space_id = ?", [space.space_id])
    row = {
        "space_id": [space.space_id],
        "model_name": [space.model_name],
        "model_id": [space.model_id],
        "dimension": [space.dimension],
        "metric": [space.metric],
        "last_embedding_id": [space.last_embedding_id],
        "created_at": [created[0][0] if created else now()],
    }
    sink.insert("spaces", [record_batch("spaces", row)])


def with_last_id(space: Space, last_embedding_id: int) -> Space:
    """The space after ids up to ``last_embedding_id`` were given."""
    return replace(space, last_embedding_id=last_embedding_id)
