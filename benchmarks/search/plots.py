"""Two pictures of what compare.py measured.

    python benchmarks/search/plots.py [RESULTS.json] [--latency FILE.png] [--growth FILE.png]

Recall against latency: every setting of every method at each size, one thread. Cost against n: the
setting that the odd queries chose, at every size that was measured.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

PRODUCT = "hartonomous"
LOWEST_RECALL, MISSES_SHOWN = 0.8, 2e-4
TICKS = (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
COLORS = pyplot.colormaps["tab20"]
MARKERS = "os^vDPX*<>hp"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    results = Path("benchmarks/results/search_compare.json")
    images = Path("docs/images")
    parser.add_argument("results", type=Path, nargs="?", default=results)
    parser.add_argument("--latency", type=Path, default=images / "search_recall_latency.png")
    parser.add_argument("--growth", type=Path, default=images / "search_growth.png")
    options = parser.parse_args()
    figures = [
        figure
        for figure in json.loads(options.results.read_text())["figures"]
        if figure["threads"] == 1
    ]
    for file in (options.latency, options.growth):
        file.parent.mkdir(parents=True, exist_ok=True)
    recall_latency(figures, options.latency)
    growth(figures, options.growth)


def styles(figures: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """One color and marker a method in both pictures; the product's lines are the thick ones."""
    names = sorted({figure["method"] for figure in figures})
    return {
        name: {
            "color": "black" if name.startswith(PRODUCT) else COLORS(number % COLORS.N),
            "marker": MARKERS[number % len(MARKERS)],
            "markersize": 5,
            "linewidth": 2.5 if name.startswith(PRODUCT) else 1,
            "label": name,
        }
        for number, name in enumerate(names)
    }


def recall_latency(figures: list[dict[str, Any]], file: Path) -> None:
    """Milliseconds over recall, a panel a size.

    The axis is logarithmic in the share that is missed, as 0.99 and 0.999 are worlds apart; exact
    methods stand at its right end.
    """
    sizes = sorted({figure["rows"] for figure in figures})
    look = styles(figures)
    figure, axes = pyplot.subplots(
        1, len(sizes), figsize=(5.5 * len(sizes) + 2, 5), squeeze=False, layout="constrained"
    )
    for axis, rows in zip(axes[0], sizes, strict=True):
        lines = defaultdict(list)
        for point in figures:
            if point["rows"] == rows and point["recall"] >= LOWEST_RECALL:
                missed = max(1 - point["recall"], MISSES_SHOWN)
                lines[point["method"]].append((missed, point["p50_ms"]))
        for name, points in sorted(lines.items()):
            axis.plot(*zip(*sorted(points), strict=True), **look[name])
        axis.set(xscale="log", yscale="log", title=f"{rows:,} rows")
        axis.set(xlabel="recall@10", ylabel="ms a query, p50")
        axis.invert_xaxis()
        axis.set_xticks([1 - recall for recall in TICKS] + [MISSES_SHOWN])
        axis.set_xticklabels([f"{recall:g}" for recall in TICKS] + ["1"])
        axis.minorticks_off()
        axis.grid(alpha=0.3, which="both")
    handles = {
        label: handle
        for axis in axes[0]
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles, loc="outside right upper", fontsize="small")
    axes[0][0].set_title(f"{sizes[0]:,} rows, one thread, one query at a time")
    save(figure, file)


def growth(figures: list[dict[str, Any]], file: Path) -> None:
    """Milliseconds of the chosen setting over the number of rows."""
    look = styles(figures)
    lines = defaultdict(list)
    for point in figures:
        if point["chosen"]:
            lines[point["method"]].append((point["rows"], point["p50_ms"]))
    figure, axis = pyplot.subplots(figsize=(9, 5), layout="constrained")
    for name, points in sorted(lines.items()):
        axis.plot(*zip(*sorted(points), strict=True), **look[name])
    axis.set(
        xscale="log",
        yscale="log",
        xlabel="rows",
        ylabel="ms a query, p50",
        title="Cost of recall@10 of 0.99 (or the best that is reached), one thread",
    )
    axis.grid(alpha=0.3, which="both")
    figure.legend(loc="outside right upper", fontsize="small")
    save(figure, file)


def save(figure: Any, file: Path) -> None:
    """Write the picture and let go of it."""
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
    print(file)


if __name__ == "__main__":
    main()
