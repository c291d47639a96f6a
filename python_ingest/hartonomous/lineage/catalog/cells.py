"""Embedding spaces, and the cells that were trained over them."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph import Edge, Node
from .rows import Connection, model_key, moment, rows


def elements(connection: Connection) -> Iterator[Node | Edge]:
    """Space, CellTraining and Cell."""
    for space_id, model_name, model_id, dimension, metric, created_at in rows(
        connection,
        "SELECT space_id, model_name, model_id, dimension, metric, created_at "
        "FROM landing.raw.spaces ORDER BY space_id",
    ):
        yield Node(
            "Space",
            space_id,
            {
                "space_id": space_id,
                "model_name": model_name,
                "dimension": dimension,
                "metric": metric,
                "created_at": moment(created_at),
            },
        )
        if model_id:
            model = ("Model", model_key(model_name, model_id))
            yield Edge("GENERATED_BY", ("Space", space_id), model)
    names = ("cells", "cell_groups", "coding", "bits", "sample_rows", "space_rows", "seed")
    for training_id, space_id, created_at, *values in rows(
        connection,
        f"SELECT training_id, space_id, created_at, {', '.join(names)} "
        "FROM landing.raw.cell_trainings ORDER BY training_id",
    ):
        yield Node(
            "CellTraining",
            training_id,
            {
                "training_id": training_id,
                "space_id": space_id,
                "created_at": moment(created_at),
                **dict(zip(names, values, strict=True)),
            },
        )
        yield Edge("DERIVED_FROM", ("CellTraining", training_id), ("Space", space_id))
    for training_id, cell in rows(
        connection, "SELECT training_id, cell FROM landing.raw.cells ORDER BY ALL"
    ):
        key = f"{training_id}/{cell}"
        yield Node("Cell", key, {"training_id": training_id, "cell": cell})
        yield Edge("PART_OF", ("Cell", key), ("CellTraining", training_id))
