"""How many codes a search compares, by the number of cells and by how rows are put into them.

    python benchmarks/search/cell_rules.py FOLDER [--cells 2000 4000] [--queries N]

FOLDER holds million.parquet and queries.parquet as data.py makes them (with --rows a part of them
is taken). Candidates are unlimited: what counts is whether one of the cells that a true neighbor
stands in is probed. The decision docs/decisions/0011-search-by-cells-and-codes.md has the result.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from code_orders import vectors

from hartonomous.cells.kmeans import group_centroids, train_centroids

RECALLS = (0.98, 0.985, 0.99, 0.9925, 0.995)
BORDER_CELLS, OVERLAP, FARTHEST = 6, 1.1, 2.0
"""The project's border_cells, border_overlap and border_distance."""
SAMPLE_ROWS_A_CELL = 32
BATCH = 20_000


def nearest_cells(rows, centroids, groups, centers, compared):
    """The nearest cells of each row (m, 6), and their distances: inf where there is none.

    ``compared``: only cells of that many nearest groups; None: all.
    """
    cells = np.empty((len(rows), BORDER_CELLS), np.int32)
    far = np.empty((len(rows), BORDER_CELLS), np.float32)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        distance = 1 - part @ centroids.T
        if compared is not None:
            to_center = -(part @ centers.T)
            kept = np.zeros(to_center.shape, bool)
            near = np.argpartition(to_center, compared, axis=1)[:, :compared]
            np.put_along_axis(kept, near, True, axis=1)
            distance = np.where(kept[:, groups], distance, np.inf)
        few = np.argpartition(distance, BORDER_CELLS, axis=1)[:, :BORDER_CELLS]
        few = np.take_along_axis(few, np.take_along_axis(distance, few, 1).argsort(axis=1), 1)
        cells[start : start + BATCH] = few
        far[start : start + BATCH] = np.take_along_axis(distance, few, 1)
    return cells, far


def stands(cells, far, centroids):
    """Whether a row stands in each of them (m, 6), by the rule of cell_assignments.sql."""
    between = 1 - centroids @ centroids.T
    kept = np.isfinite(far) & (far <= FARTHEST * far[:, :1])
    kept[:, 0] = True
    for place in range(1, BORDER_CELLS):
        for nearer in range(place):
            pair = between[cells[:, nearer], cells[:, place]]
            kept[:, place] &= ~(OVERLAP * pair < far[:, place])
    return kept


def codes_compared(cells, kept, centroids, queries, truth):
    """Codes that a search compares, on average, to find RECALLS of the true neighbors (q, 10)."""
    order = np.argsort(-(queries @ centroids.T), axis=1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(centroids))[None, :], axis=1)
    passed = np.bincount(cells[kept], minlength=len(centroids))[order].cumsum(axis=1)
    probe = np.array([
        np.where(kept[near], ranks[cells[near]], len(centroids)).min(axis=1)
        for ranks, near in zip(rank, truth, strict=True)
    ])  # fmt: skip
    needed = np.sort(probe.ravel())[np.ceil(np.array(RECALLS) * probe.size).astype(int) - 1]
    return [float(passed[:, min(n, len(centroids) - 1)].mean()) for n in needed]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cells", type=int, nargs="+", default=[2000, 4000])
    parser.add_argument("--rows", type=int)
    parser.add_argument("--queries", type=int, default=500)
    arguments = parser.parse_args()
    rows = vectors(arguments.folder / "million.parquet")[: arguments.rows]
    queries = vectors(arguments.folder / "queries.parquet")[: arguments.queries]
    truth = np.concatenate([
        np.argpartition(-(query @ rows.T), 10, axis=1)[:, :10]
        for query in np.array_split(queries, max(1, len(queries) // 50))
    ])  # fmt: skip
    print("cells", "compared with", "cells a row", *RECALLS, sep="\t", flush=True)
    for count in arguments.cells:
        sample = np.random.default_rng(0).choice(
            len(rows), min(len(rows), count * SAMPLE_ROWS_A_CELL), replace=False
        )
        centroids = train_centroids(rows[np.sort(sample)], count, "cosine", 42)
        centers, groups = group_centroids(centroids, "cosine", 42)
        for compared in (4, None):
            cells, far = nearest_cells(rows, centroids, groups, centers, compared)
            kept = stands(cells, far, centroids)
            found = codes_compared(cells, kept, centroids, queries, truth)
            name = "all cells" if compared is None else f"cells of {compared} of {len(centers)}"
            figures = [f"{codes / 1000:.0f}k" for codes in found]
            print(
                len(centroids),
                name,
                f"{kept.mean() * BORDER_CELLS:.2f}",
                *figures,
                sep="\t",
                flush=True,
            )


if __name__ == "__main__":
    main()
