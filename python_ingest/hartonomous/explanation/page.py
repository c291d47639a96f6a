"""The picture of an answer's history as one HTML page that needs no network."""

from __future__ import annotations

import html
import json
from string import Template
from typing import Any

from ..html_page import data, encoded, policy, source
from ..lineage.graph import Edge
from .layout import HEIGHT, WIDTH, Box, Layout, place
from .path import AnswerPath
from .words import subtitle, title

_LONGEST = 200
"""Characters of a text in the picture; the panel shows the whole."""


def render(path: AnswerPath) -> bytes:
    """The page, UTF-8: boxes and arrows drawn without a script, which adds what a click shows."""
    layout = place(path)
    asked = path.nodes[path.inference]
    left_out = f"; {path.left_out} more results are not drawn" if path.left_out else ""
    moment = str(asked.properties.get("timestamp") or "")[:19].replace("T", " ")
    about = f"inference {asked.key}, {moment} UTC: {subtitle(asked)}{left_out}"
    style = source(__package__, "page.css")
    script = "(() => {\n'use strict';\n" + source(__package__, "page.js") + "})();\n"
    numbers = {name: number for number, name in enumerate(layout.boxes)}
    return encoded(
        Template(source(__package__, "page.html")).substitute(
            title=html.escape(f"Why: {title(asked)}"),
            about=html.escape(about),
            policy=policy(script, style),
            style=style,
            script=script,
            width=layout.width,
            height=layout.height,
            titles="\n".join(
                f'<text class="column" x="{x}" y="28">{html.escape(name)}</text>'
                for name, x in layout.titles
            ),
            edges="\n".join(_arrow(layout, edge) for edge in path.edges),
            nodes="\n".join(map(_box, layout.boxes.values())),
            data=data(
                {
                    "nodes": [_node(box) for box in layout.boxes.values()],
                    "edges": [
                        {
                            "start": numbers[edge.start],
                            "end": numbers[edge.end],
                            "type": edge.type,
                            "said": _said(edge),
                        }
                        for edge in path.edges
                    ],
                }
            ),
        )
    )


def _node(box: Box) -> dict[str, Any]:
    properties = [
        [name, _value(value)] for name, value in box.node.properties.items() if value is not None
    ]
    return {"label": box.node.label, "title": title(box.node), "properties": properties}


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(edge: Edge) -> str:
    parts = [f"{name} {_value(value)}" for name, value in edge.properties.items() if value]
    return f" ({', '.join(parts)})" if parts else ""


def _box(box: Box) -> str:
    node = box.node
    first, second = title(node)[:_LONGEST], subtitle(node)[:_LONGEST]
    named = html.escape(f"{node.label}: {first}")
    # An inner svg cuts off what is too long for its box.
    return (
        f'<svg class="node {node.label}" x="{box.x}" y="{box.y}" width="{WIDTH}" '
        f'height="{HEIGHT}" tabindex="0" role="button" aria-label="{named}">'
        f"<title>{named}</title>"
        f'<rect class="box" x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="6"/>'
        f'<rect class="band" x="1" y="1" width="5" height="{HEIGHT - 2}" rx="2"/>'
        f'<text x="14" y="19">{html.escape(_one_line(first))}</text>'
        f'<text class="below" x="14" y="36">{html.escape(_one_line(f"{node.label} {second}"))}'
        "</text></svg>"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _arrow(layout: Layout, edge: Edge) -> str:
    start, end = layout.boxes[edge.start], layout.boxes[edge.end]
    y1, y2 = start.y + HEIGHT // 2, end.y + HEIGHT // 2
    if start.x < end.x:
        x1, x2 = start.x + WIDTH, end.x
        bend = max((x2 - x1) // 2, 24)
        shape = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    elif start.x > end.x:
        x1, x2 = start.x, end.x + WIDTH
        bend = max((x1 - x2) // 2, 24)
        shape = f"M{x1} {y1}C{x1 - bend} {y1} {x2 + bend} {y2} {x2} {y2}"
    else:  # within a column, around its left side
        x1 = start.x
        shape = f"M{x1} {y1}C{x1 - 40} {y1} {x1 - 40} {y2} {x1} {y2}"
    said = html.escape(f"{edge.type}{_said(edge)}"[:_LONGEST])
    return f'<path d="{shape}"><title>{said}</title></path>'
