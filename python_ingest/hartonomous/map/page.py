"""The map's page: positions, texts and columns packed into one file."""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Sequence
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..html_page import data, encoded, policy, source
from .colors import PALETTES
from .columns import Column
from .points import Points

SCRIPTS = ("unpack", "colors", "camera", "gl", "plain", "pick", "marks", "panel", "main")
"""The page's scripts, in the order in which they build on each other."""
_STEPS = 65_535
"""Positions are whole steps of the box that holds them: half of float32, finer than any screen."""


def render(points: Points, columns: Sequence[Column], header: dict[str, Any]) -> bytes:
    """The page, UTF-8.

    Args:
        points: what is drawn.
        columns: their metadata.
        header: model, space, dimension, metric, total, seed, characters, color and query: what the
            page says about the points; the box and the palettes are added.
    """
    packed, box = quantize(points.positions)
    style = _source("page.css")
    script = "(() => {\n'use strict';\n" + "".join(map(_script, SCRIPTS)) + "})();\n"
    return encoded(
        Template(_source("page.html")).substitute(
            title=html.escape(f"{header['model']} · {len(points.ids):,} points"),
            policy=policy(script, style),
            style=style,
            script=script,
            header=data({**header, "count": len(points.ids), "box": box, "palettes": PALETTES}),
            positions=base64.b64encode(packed.astype("<u2").tobytes()).decode(),
            columns=_deflated(
                {"ids": points.ids.tolist(), "columns": [column.as_dict() for column in columns]}
            ),
            texts=_deflated(points.texts),
        )
    )


def quantize(positions: NDArray[np.float32]) -> tuple[NDArray[np.uint16], dict[str, list[float]]]:
    """Positions as uint16[n, 3] steps of their bounding box, and that box.

    A position is ``low + step / 65535 * size``, within half a step of what it was.
    """
    exact = positions.astype(np.float64)
    low = exact.min(axis=0)
    size = exact.max(axis=0) - low
    steps = np.rint((exact - low) / np.where(size > 0, size, 1) * _STEPS)
    return steps.astype(np.uint16), {"low": low.tolist(), "size": size.tolist()}


def _deflated(value: Any) -> str:
    packed = zlib.compress(encoded(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))
    return base64.b64encode(packed).decode()


def _script(name: str) -> str:
    return _source(f"{name}.js")


def _source(name: str) -> str:
    return source(__package__, name)
