"""The colors of a map, on a light and on a dark ground.

Six hues for categories, of which every two differ by at least 28 in CIE L*a*b* (Delta E 1976) both
for who sees all colors and for protanopes, deuteranopes and tritanopes (Machado, Oliveira and
Fernandes 2009, doi:10.1109/TVCG.2009.113), and stand out of the ground 3 to 1 (WCAG 2.1, 1.4.11).
Four shapes carry them on to 24 categories. Numbers take viridis (matplotlib), without the end that
would fade into the ground.
"""

from __future__ import annotations

from typing import Any

SHAPES = ("disc", "square", "triangle", "diamond")

PALETTES: dict[str, dict[str, Any]] = {
    "light": {
        "ground": "#ffffff",
        "categories": ["#1a85ff", "#d41159", "#999933", "#b0509a", "#332288", "#661100"],
        "gradient": ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779",
                     "#6dcd59", "#9bd93c"],
        "other": "#6b7177",
        "none": "#b4b9be",
        "plain": "#1a85ff",
    },
    "dark": {
        "ground": "#14171c",
        "categories": ["#7f7fff", "#cc3344", "#e69f00", "#aa4499", "#99ddff", "#eedd88"],
        "gradient": ["#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6dcd59", "#b4de2c",
                     "#fde725"],
        "other": "#8a9097",
        "none": "#565c64",
        "plain": "#7fb4ff",
    },
}  # fmt: skip

CATEGORIES = len(PALETTES["light"]["categories"]) * len(SHAPES)
"""Categories that look each their own way; the rarer ones share one gray."""
