"""The page as one file: data packed into it, no address in it, whole or not there at all."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import tempfile
import zlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .colors import PALETTES
from .columns import Column
from .points import Points

SCRIPTS = ("unpack", "colors", "camera", "gl", "plain", "pick", "marks", "panel", "main")
"""The page's scripts, in the order in which they build on each other."""
_STEPS = 65_535
"""Positions are whole steps of the box that holds them: half of float32, finer than any screen."""


def check_output(output: str | os.PathLike[str]) -> Path:
    """The path of the page to write.

    Raises:
        InputError: not named as a page, or in a folder that is missing.
    """
    path = Path(output)
    # A slip such as `--output my.duckdb` must not replace a database.
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--output takes a file NAME.html; it got {str(output)!r}")
    path = path.absolute()
    if path.is_dir():
        raise InputError(f"--output: {path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise InputError(
            f"--output: there is no folder {path.parent}; make it, or name a file elsewhere"
        )
    return path


def save(path: Path, page: bytes) -> int:
    """Write a page beside its place and move it there, so that no reader meets half of it.

    Returns the bytes written.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    unfinished = None
    try:
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".map-", suffix=".html")
        with os.fdopen(handle, "wb") as file:
            file.write(page)
        # mkstemp makes a file for its owner alone; a page has the mode of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(unfinished, 0o666 & ~mask)
        os.replace(unfinished, path)
    except OSError as error:
        raise InputError(
            f"--output: {path} cannot be written ({error.strerror or error}); name a file in a "
            "folder that you may write to"
        ) from error
    finally:
        if unfinished is not None and os.path.exists(unfinished):
            os.unlink(unfinished)
    return len(page)


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
    return _encoded(
        Template(_source("page.html")).substitute(
            title=html.escape(f"{header['model']} · {len(points.ids):,} points"),
            # Only this script and this style may run, and nothing may be fetched: should a text
            # ever become markup, it would still be dead markup.
            policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'",
            style=style,
            script=script,
            header=_data({**header, "count": len(points.ids), "box": box, "palettes": PALETTES}),
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
    packed = zlib.compress(_encoded(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))
    return base64.b64encode(packed).decode()


def _data(value: Any) -> str:
    """JSON that no text can leave: without ``<`` there is no end tag and no comment in it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _encoded(text: str) -> bytes:
    # JSON metadata may hold half of a surrogate pair, which UTF-8 has no bytes for.
    return text.encode("utf-8", errors="replace")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _script(name: str) -> str:
    return _source(f"{name}.js")


def _source(name: str) -> str:
    # A checkout may have other line ends, which browsers turn to \n before they hash.
    return (files(__package__) / "page" / name).read_text("utf-8").replace("\r\n", "\n")
