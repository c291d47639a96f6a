"""``--where`` conditions as filters: data that search callables take, never SQL text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .errors import InputError

OPERATORS = ("!=", "<=", ">=", "=", "<", ">")
_CONDITION = re.compile(r"^(?P<column>.+?)(?P<operator>!=|<=|>=|=|<|>)(?P<value>.*)$", re.S)


def parse(conditions: Iterable[str], known: Sequence[str]) -> list[dict[str, Any]]:
    """Conditions such as ``domain=law`` or ``year>=2010`` as {column, operator, value}.

    The same column with ``=`` twice means either value (operator ``in``). Numbers compare as
    numbers under <, <=, >, >=.

    Raises:
        InputError: no operator, or a column that no landed text has.
    """
    filters: list[dict[str, Any]] = []
    for condition in conditions:
        match = _CONDITION.match(condition)
        if match is None:
            raise InputError(
                f"--where takes COLUMN=VALUE (or !=, <, <=, >, >=); it got {condition!r}"
            )
        column, operator, value = (
            match["column"].strip(),
            match["operator"],
            match["value"].strip(),
        )
        if column not in known:
            raise InputError(
                f"--where: no text has a column {column!r}; there are {', '.join(sorted(known))}"
            )
        same = next((f for f in filters if f["column"] == column and operator == "="), None)
        if same is not None and same["operator"] in ("=", "in"):
            values = same["value"] if same["operator"] == "in" else [same["value"]]
            same.update(operator="in", value=[*values, value])
        else:
            filters.append(
                {"column": column, "operator": operator, "value": _typed(value, operator)}
            )
    return filters


def _typed(value: str, operator: str) -> str | float:
    if operator in ("=", "!="):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def as_json(filters: Sequence[dict[str, Any]]) -> str | None:
    """The callables' ``filters`` argument; None where there are none."""
    return json.dumps(list(filters), ensure_ascii=False) if filters else None
