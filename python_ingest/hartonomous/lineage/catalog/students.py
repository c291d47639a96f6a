"""Students: which layers, tensors and rows of a parent they keep, and by what."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..graph import Edge, Node
from .rows import Connection, has_table, model_key, moment, rows

SCORE = "importance"
"""What a row is kept by: the percentile of its L2 norm within its tensor."""


def built(connection: Connection) -> Iterator[Node | Edge]:
    """Students that are dbt models, as they were built."""
    if not has_table(connection, "models"):
        return
    for name, student_id, parent_id, parent, parameters in rows(
        connection,
        """
        SELECT student.name, student.model_id, student.parent_model_id, parent.name,
            student.nonzero_parameters
        FROM built.models AS student
        JOIN built.stg_distinct_models AS parent ON parent.model_id = student.parent_model_id
        WHERE student.parent_model_id IS NOT NULL
        ORDER BY student.name
        """,
    ):
        table = 'built."' + name.replace('"', '""') + '"'
        try:
            first = connection.execute(
                f"SELECT importance_threshold FROM {table} LIMIT 1"
            ).fetchone()
        except duckdb.Error:  # made at run time: landed() has it
            continue
        properties = {
            "student_id": student_id,
            "parameters": parameters,
            "threshold": None if first is None else first[0],
            "score": SCORE,
        }
        yield from _student(connection, name, properties, parent, parent_id, table, "true")


def landed(connection: Connection) -> Iterator[Node | Edge]:
    """Students that sp_ExtractStudentModel made at run time."""
    for student_id, name, parent_id, parent, threshold, created_at in rows(
        connection,
        """
        SELECT student.student_id, student.name, student.parent_model_id,
            min(parent.name), student.importance_threshold, student.created_at
        FROM landing.raw.students AS student
        LEFT JOIN landing.raw.models AS parent ON parent.model_id = student.parent_model_id
        GROUP BY ALL
        ORDER BY student.name
        """,
    ):
        properties = {
            "student_id": student_id,
            "threshold": threshold,
            "score": SCORE,
            "created_at": moment(created_at),
        }
        yield from _student(
            connection,
            name,
            properties,
            parent or "",
            parent_id,
            "landing.raw.student_rows",
            "kept.student_id = $1",
            [student_id],
        )


def _student(
    connection: Connection,
    name: str,
    properties: dict[str, object],
    parent: str,
    parent_id: str,
    table: str,
    condition: str,
    parameters: list[object] | None = None,
) -> Iterator[Node | Edge]:
    this = ("Student", name)
    how = {"threshold": properties["threshold"], "score": properties["score"]}
    layers: dict[int, int] = {}
    tensors = []
    for tensor_id, tensor, parent_layer, layer, kept, of, ranges in rows(
        connection, _ROWS.format(table=table, condition=condition), parameters or []
    ):
        if parent_layer is not None:
            layers[parent_layer] = layer
        tensors.append(
            Edge(
                "DERIVED_FROM",
                this,
                ("Tensor", tensor_id),
                {"name": tensor, "kept_rows": kept, "of_rows": of, "rows": ranges, **how},
            )
        )
    yield Node(
        "Student",
        name,
        {"name": name, "parent": parent or None, "layers": sorted(layers), **properties},
    )
    yield Edge("DERIVED_FROM", this, ("Model", model_key(parent, parent_id)), how)
    for parent_layer, layer in sorted(layers.items()):
        of_parent = ("Layer", f"{parent_id}/{parent_layer}")
        yield Edge("DERIVED_FROM", this, of_parent, {"as_layer": layer})
    yield from tensors


# Kept rows that follow one another have the same difference between number and place: a range.
_ROWS = """
WITH kept AS (
    SELECT kept.*
    FROM {table} AS kept
    WHERE {condition}
),

tensors AS (
    SELECT
        kept.tensor_id,
        min(kept.parent_tensor_name) AS tensor,
        min(kept.parent_layer) AS parent_layer,
        min(kept.layer) AS layer,
        count(DISTINCT kept.row_index) FILTER (kept.is_kept) AS kept_rows,
        count(DISTINCT kept.row_index) AS of_rows
    FROM kept
    GROUP BY kept.tensor_id
),

placed AS (
    SELECT
        numbered.tensor_id,
        numbered.row_index,
        numbered.row_index - row_number() OVER (
            PARTITION BY numbered.tensor_id
            ORDER BY numbered.row_index
        ) AS island
    FROM (SELECT DISTINCT tensor_id, row_index FROM kept WHERE is_kept) AS numbered
),

ranges AS (
    SELECT placed.tensor_id, min(placed.row_index) AS first_row, max(placed.row_index) AS last_row
    FROM placed
    GROUP BY placed.tensor_id, placed.island
),

written AS (
    SELECT
        ranges.tensor_id,
        string_agg(
            CASE
                WHEN ranges.first_row = ranges.last_row THEN CAST(ranges.first_row AS VARCHAR)
                ELSE ranges.first_row || '-' || ranges.last_row
            END,
            ',' ORDER BY ranges.first_row
        ) AS rows
    FROM ranges
    GROUP BY ranges.tensor_id
)

SELECT
    tensors.tensor_id,
    tensors.tensor,
    tensors.parent_layer,
    tensors.layer,
    tensors.kept_rows,
    tensors.of_rows,
    coalesce(written.rows, '') AS rows
FROM tensors
LEFT JOIN written ON written.tensor_id = tensors.tensor_id
ORDER BY tensors.tensor, tensors.tensor_id
"""
