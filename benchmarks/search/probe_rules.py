"""How many codes a search compares, by the rule that says which cells it probes.

    python benchmarks/search/probe_rules.py FOLDER [--rows 1000000]

Reads the cells of the database that compare.py built in FOLDER. Candidates are unlimited: what
counts is whether a cell that a true neighbor stands in is probed. "nearest n" probes n cells; "p +
n, at most m" those no farther beyond the p-th nearest than cell number n is on average, and at most
m of them. "strangers" are held out; "rows" are of the space itself, as where nobody landed queries
and the build tunes by its own rows.

docs/decisions/0011-search-by-cells-and-codes.md has the result.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from product import ExactVectorSearch
from vectors import built_folder, load

PROBES = (48, 64, 96, 128, 192, 256)
REACHES = (32, 48, 64, 96)
FROM = (1, 4, 8, 16)
SPREADS = (2, 4, 8)


def cells_of(connection, ids):
    """Centroids (c, n) of length 1, rows of each cell (c,), and the cells of each embedding."""
    cells = connection.execute("SELECT cell, row_count, embedding FROM cells ORDER BY cell")
    cells = cells.fetchall()
    first = cells[0][0]
    centroids = np.array([cell[2] for cell in cells], dtype=np.float32)
    stands = {int(identifier): [] for identifier in ids}
    found = connection.execute(
        "SELECT embedding_id, cell FROM cell_codes WHERE embedding_id IN "
        "(SELECT unnest(CAST($ids AS INTEGER[])))",
        {"ids": str(list(stands))},
    ).fetchall()
    for identifier, cell in found:
        stands[identifier].append(cell - first)
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    return centroids, np.array([cell[1] for cell in cells]), stands


def tuning_queries(connection):
    """Vectors (q, n) of the build's tuning queries and the ids of their neighbors (q, 10)."""
    rows = connection.execute(
        "SELECT any_value(query.embedding), list(neighbor.embedding_id) FROM tuning_queries "
        "AS query JOIN tuning_neighbors AS neighbor USING (query_id) GROUP BY query_id"
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.float32), np.array([row[1] for row in rows])


class Asked:
    """Queries with the distances of all cells, and which probe first meets each true neighbor."""

    def __init__(self, queries, truth, centroids, row_counts, stands) -> None:
        queries = queries / np.linalg.norm(queries, axis=1, keepdims=True)
        distance = 1 - queries @ centroids.T
        order = distance.argsort(axis=1)
        rank = order.argsort(axis=1)
        self.distance = np.sort(distance, axis=1)
        self.compared = row_counts[order].cumsum(axis=1)
        self.needed = np.array([
            [min(ranks[stands[near]]) for near in nearest]
            for ranks, nearest in zip(rank, truth.tolist(), strict=True)
        ])  # fmt: skip

    def figures(self, probes):
        """Recall, and codes compared: mean, median, 95th percentile."""
        codes = np.take_along_axis(self.compared, probes[:, None] - 1, axis=1)
        figures = [codes.mean(), np.median(codes), np.percentile(codes, 95)]
        recall = (self.needed < probes[:, None]).mean()
        return [f"{recall:.4f}", *(f"{n / 1000:.0f}k" for n in figures)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    data = load(arguments.folder, arguments.rows)
    method = ExactVectorSearch(
        data, built_folder(arguments.folder, arguments.rows) / ExactVectorSearch.name
    )
    method.open(1)
    asked = {
        "strangers": (data.queries, method.ids_of(data.truth[:, :10])),
        "rows": tuning_queries(method.connection),
    }
    truths = np.concatenate([truth.ravel() for _, truth in asked.values()])
    cells = cells_of(method.connection, np.unique(truths))
    asked = {name: Asked(*queries, *cells) for name, queries in asked.items()}
    method.close()

    def report(rule, probes_of):
        figures = (found.figures(probes_of(found.distance)) for found in asked.values())
        print(rule, *(figure for part in figures for figure in part), sep="\t", flush=True)

    columns = ("recall", "mean codes", "median", "95th percentile")
    print("probed", *(f"{name}: {column}" for name in asked for column in columns), sep="\t")
    for probes in PROBES:
        report(f"nearest {probes}", lambda distance, n=probes: np.full(len(distance), n))
    averaged = asked["rows"].distance
    for first in FROM:
        for probes in REACHES:
            reach = (averaged[:, probes - 1] - averaged[:, first - 1]).mean()
            for most in (spread * probes for spread in SPREADS if spread == 4 or first == 4):
                report(
                    f"{first} + {probes}, at most {most}",
                    lambda distance, first=first, reach=reach, most=most: np.minimum(
                        (distance <= distance[:, first - 1 : first] + reach).sum(axis=1), most
                    ),
                )


if __name__ == "__main__":
    main()
