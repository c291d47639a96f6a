"""What a text is: a hash over its canonical JSON, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON text with sorted keys, no spaces, and characters as they are (not escaped).

    Raises ValueError where the value has no JSON form: NaN, infinity, a lone surrogate,
    nesting deeper than the interpreter's stack.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        text.encode("utf-8")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise ValueError("a lone surrogate, which is no character") from error
    return text


def content_id(value: Any) -> str:
    """SHA-256 of the value's canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def text_id(source: str, text: str, metadata: dict[str, Any]) -> str:
    """Identity of a text: its collection, its words and its other columns.

    One text of two collections is two texts, so that removing a collection removes its own.
    """
    return content_id([source, text, metadata])
