"""Arrow values as JSON values: what a column of a Parquet file becomes in metadata."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.types as pt


def is_text(kind: pa.DataType) -> bool:
    """Is it a column of strings, dictionary-encoded or not?"""
    if pt.is_dictionary(kind):
        kind = kind.value_type
    return pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind)


def is_vector(kind: pa.DataType) -> bool:
    """Is it a column of lists of half, single or double precision numbers?"""
    is_list = pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind)
    return is_list and pt.is_floating(kind.value_type)


def has_json_form(kind: pa.DataType) -> bool:
    """Can its values stand in metadata? Vectors and bytes cannot."""
    if pt.is_dictionary(kind):
        kind = kind.value_type
    if is_vector(kind) or pt.is_null(kind):
        return pt.is_null(kind)
    if pt.is_nested(kind):
        fields = [kind.field(i).type for i in range(kind.num_fields)]
        return not pt.is_union(kind) and all(has_json_form(field) for field in fields)
    return not (
        pt.is_binary(kind)
        or pt.is_large_binary(kind)
        or pt.is_fixed_size_binary(kind)
        or pt.is_binary_view(kind)
    )


def python_values(column: pa.Array) -> list[Any]:
    """The values of a column; nanoseconds are cut to microseconds, the most that Python holds."""
    kind = column.type
    if pt.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    elif pt.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    elif pt.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    return column.to_pylist()


def json_value(value: Any) -> Any:
    """A value of ``to_pylist`` as JSON holds it.

    Dates and times become ISO 8601 text, durations seconds, decimals numbers where a double holds
    them and text otherwise; NaN and infinities, which JSON lacks, become null.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return int(value)
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, dict):
        return {str(key): json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    return str(value)
