"""What a page of a map holds, taken apart without a browser; and pages of made-up points."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from hartonomous.map.columns import read_columns
from hartonomous.map.page import render
from hartonomous.map.points import Points

HOSTILE = [
    "</script><img src=x onerror=\"document.title='owned'\">",
    "</script x",
    "<!--<script>",
    "]]></script><script>document.title='owned'</script>",
    "${document.title} $title \\u003c/script> &lt;b&gt; &amp;",
    "\x00 \x1b[31m \u2028 \u202e right to left",
]


def taken_apart(page: str | Path) -> dict[str, Any]:
    """The header's keys, positions float64[n, 3], ids, columns by name, and texts."""
    text = page.read_text("utf-8") if isinstance(page, Path) else page

    def block(name: str) -> str:
        return re.search(rf'<script type="[^"]*" id="{name}">(.*?)</script>', text, re.S)[1]

    header = json.loads(block("header"))
    steps = np.frombuffer(base64.b64decode(block("positions")), "<u2").reshape(-1, 3)
    columns = json.loads(zlib.decompress(base64.b64decode(block("columns"))))
    return {
        **header,
        "positions": np.array(header["box"]["low"]) + steps / 65535 * header["box"]["size"],
        "ids": columns["ids"],
        "columns": {column["name"]: shown(column) for column in columns["columns"]},
        "texts": json.loads(zlib.decompress(base64.b64decode(block("texts")))),
    }


def shown(column: dict[str, Any]) -> list[Any]:
    """A column's values as they were, labels looked up."""
    labels = column["labels"]
    return [
        value if value is None or labels is None else labels[value] for value in column["values"]
    ]


def page_of(
    texts: list[str], rows: list[dict[str, Any]] | None = None, **header: Any
) -> tuple[str, Points]:
    """A page of points at seeded places."""
    count = len(texts)
    points = Points(
        total=count,
        ids=np.arange(1, count + 1),
        positions=np.random.default_rng(5).normal(size=(count, 3)).astype(np.float32),
        texts=texts,
        rows=rows or [{"source": "made"}] * count,
    )
    about = {
        "model": "made", "space": "made_8", "dimension": 8, "metric": "cosine", "total": count,
        "seed": 0, "characters": 200, "color": None, "query": None,
    }  # fmt: skip
    return render(points, read_columns(points.rows), {**about, **header}).decode(), points


def hostile_page() -> str:
    """A page whose every text tries to become markup."""
    return page_of(
        HOSTILE,
        [{"source": text, text: text, "n": 1} for text in HOSTILE],
        model=HOSTILE[0],
        space=HOSTILE[1],
        color=HOSTILE[2],
        query={"text": HOSTILE[0], "position": None, "results": []},
    )[0]
