"""Metadata as columns of a page: numbers, which get a gradient, or categories, which a palette."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .points import FIXED_COLUMN, cut

# A double holds every whole number up to here; JavaScript has no other numbers.
_LARGEST_EXACT = 2**53


@dataclass(frozen=True)
class Column:
    """One column of the drawn points.

    Attributes:
        name: the collection's, or a key of the metadata.
        labels: None for numbers; else the categories, the most frequent first.
        values: a number, or the index of a label, a point; None where the text has no value.
    """

    name: str
    labels: list[str] | None
    values: list[float | int | None]

    def as_dict(self) -> dict[str, Any]:
        """The column as the page reads it."""
        return {"name": self.name, "labels": self.labels, "values": self.values}


def read_columns(
    rows: Sequence[dict[str, Any]], characters: int = 200, wanted: str | None = None
) -> list[Column]:
    """Every column that any row has, the collection first, then in the order of first appearance.

    A column is one of numbers if all its values are; otherwise each value stands for the category
    of its text, which is cut to ``characters``. ``wanted`` is there in any case: a sample may have
    left out the few rows that have it.
    """
    names = dict.fromkeys([FIXED_COLUMN, *(name for row in rows for name in row)])
    if wanted is not None:
        names.setdefault(wanted)
    return [_column(name, [row.get(name) for row in rows], characters) for name in names]


def first_categories(columns: Sequence[Column], most: int) -> str | None:
    """The name of the first column of two to ``most`` categories."""
    return next(
        (c.name for c in columns if c.labels is not None and 2 <= len(c.labels) <= most), None
    )


def _column(name: str, values: Sequence[Any], characters: int) -> Column:
    values = [None if _has_no_value(value) else value for value in values]
    if all(_is_number(value) for value in values if value is not None) and any(
        value is not None for value in values
    ):
        return Column(name, None, list(values))
    texts = [None if value is None else cut(_text(value), characters) for value in values]
    counted = Counter(text for text in texts if text is not None)
    labels = sorted(counted, key=lambda text: (-counted[text], text))
    index = {text: at for at, text in enumerate(labels)}
    return Column(name, labels, [None if text is None else index[text] for text in texts])


def _has_no_value(value: Any) -> bool:
    # JSON may spell a number that no double holds (1e999): it has no place on a scale.
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) <= _LARGEST_EXACT
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
