"""How many of the true neighbors codes put in front: by differing bits, and by weighted bits.

    python benchmarks/search/code_orders.py FOLDER [--queries N]

FOLDER holds embeddings.parquet and queries.parquet as data.py makes them. The decision
docs/decisions/0011-search-by-cells-and-codes.md has the result.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

CANDIDATES = (50, 100, 200, 400, 600)


def vectors(file: Path) -> np.ndarray:
    """The column `vector` of a Parquet file, float32 (m, n)."""
    column = pq.read_table(file, columns=["vector"]).column("vector").combine_chunks()
    return column.values.to_numpy().reshape(len(column), -1).astype(np.float32)


def shares(scores: np.ndarray, truth: np.ndarray) -> list[float]:
    """Of the true neighbors (q, 10), the share among the best c by score (q, m), for each c."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None, :], axis=1)
    found = np.take_along_axis(ranks, truth, axis=1)
    return [float((found < candidates).mean()) for candidates in CANDIDATES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=300)
    arguments = parser.parse_args()
    rows = vectors(arguments.folder / "embeddings.parquet")
    queries = vectors(arguments.folder / "queries.parquet")[: arguments.queries]
    truth = np.argpartition(-(queries @ rows.T), 10, axis=1)[:, :10]
    bits = np.where(rows > 0, 1, -1).astype(np.float32)
    asked = np.where(queries > 0, 1, -1).astype(np.float32)
    mean = np.abs(queries).mean(axis=1, keepdims=True)
    weights = np.minimum(3, np.round(1.5 * np.abs(queries) / mean))
    print(f"{len(rows)} rows, {len(queries)} queries", *CANDIDATES, sep="\t")
    for name, question in (("differing bits", asked), ("weighted bits", asked * weights)):
        print(name, *(f"{share:.3f}" for share in shares(question @ bits.T, truth)), sep="\t")


if __name__ == "__main__":
    main()
