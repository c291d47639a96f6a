"""JSON files of a model folder, read within bounds."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..errors import InputError

LARGEST_JSON = 64 << 20
"""Bytes of the largest JSON file that is read: the tokenizers of today take up to 40 MB."""


def read_json(path: Path, limit: int = LARGEST_JSON) -> Any:
    """The value of a JSON file.

    NaN and Infinity, which Python writes and JSON does not know, and numbers beyond float64
    become strings (``"Infinity"``), so that what is landed is JSON for every engine.

    Raises:
        InputError: the file is missing, larger than ``limit`` bytes, or not JSON in UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > limit:
            raise InputError(f"{path} has {size:,} bytes; a JSON file may have {limit:,}")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return parse_json(data, str(path))


def parse_json(data: bytes, where: str, pairs_hook: Any = None) -> Any:
    """The value of JSON bytes.

    Raises:
        InputError: they are not JSON in UTF-8.
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=str,
            parse_float=_finite,
            object_pairs_hook=pairs_hook,
        )
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise InputError(f"{where} is not valid JSON: {reason}") from error


def _finite(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def read_json_object(path: Path, limit: int = LARGEST_JSON) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises:
        InputError: as :func:`read_json`, or its value is not an object.
    """
    value = read_json(path, limit)
    if not isinstance(value, dict):
        raise InputError(f"{path} holds a JSON {type(value).__name__}, not an object")
    return value


def canonical_json(value: Any) -> str:
    """The one text of a JSON value: sorted keys, no spaces, Unicode as it is."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
