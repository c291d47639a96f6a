"""Small spaces of seeded vectors, one a metric, landed and built in a project of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hartonomous import Hartonomous
from hartonomous.landing.queries import land_query_vectors
from project_copies import copy_settings

ROWS = {"cosine": 3000, "euclidean": 1500, "dot": 1500}
DIMENSIONS = {"cosine": 48, "euclidean": 100, "dot": 70}
QUERIES = 80


def vectors_of(metric: str) -> tuple[np.ndarray, np.ndarray]:
    """(rows (m, n), queries (q, n)) float32 around common centers: neighbors mean something.

    Euclidean ones lie far from the origin, where signs say nothing; inner products have a few
    dimensions that are larger than all others together, and lengths that differ.
    """
    rng = np.random.default_rng(list(ROWS).index(metric))
    width, rows = DIMENSIONS[metric], ROWS[metric]
    basis = rng.standard_normal((12, width))
    centers = rng.standard_normal((40, 12))
    count = rows + QUERIES
    inner = centers[rng.integers(0, 40, count)] + 0.5 * rng.standard_normal((count, 12))
    found = inner @ basis + 0.2 * rng.standard_normal((count, width))
    if metric == "euclidean":
        found += 9
    if metric == "dot":
        found[:, :3] *= 6
        found *= rng.uniform(0.7, 1.3, (count, 1))
    found = found.astype(np.float32)
    return found[:rows], found[rows:]


def write(path: Path, vectors: np.ndarray, name: str, start: int = 0) -> Path:
    """A Parquet file of vectors with a text and two columns to filter by."""
    number = np.arange(start, start + len(vectors))
    flat = pa.array(vectors.reshape(-1))
    offsets = pa.array(np.arange(len(vectors) + 1, dtype=np.int32) * vectors.shape[1])
    columns = {
        "text": [f"{name} {i}" for i in number],
        "vector": pa.ListArray.from_arrays(offsets, flat),
        "kind": [["a", "b", "c", "d"][i % 4] for i in number],
        "rank": number,
    }
    pq.write_table(pa.table(columns), path)
    return path


def land_vectors(
    hartonomous: Hartonomous, folder: Path, vectors: np.ndarray, name: str, start: int, model: str
) -> None:
    """Land a Parquet file of vectors as the collection ``name`` of a model's space."""
    hartonomous.ingest_embeddings(
        write(folder / f"{name}.parquet", vectors, name, start),
        vector_column="vector",
        column="text",
        name=name,
        model_name=model,
        reducer="pca",
    )


def copy_project(project: Path, copy: Path) -> Path:
    """What searching needs of the project: dbt writes into its project, and parses all of it."""
    shutil.copytree(project / "macros", copy / "macros")
    shutil.copytree(project / "tests" / "dbt", copy / "tests" / "dbt")
    for folder in ("embeddings", "tuning"):
        shutil.copytree(project / "models" / folder, copy / "models" / folder)
    for folder, names in {
        "search": [
            "vector_search",
            "cell_search",
            "batch_search",
            "neighbors",
            "duplicates",
            "exact_vector_search",
            "approx_spatial_search",
            "hybrid_search",
            "vector_index_search",
            "place_query",
        ],
        "reports": ["cell_drift", "search_measurements"],
    }.items():
        (copy / "models" / folder).mkdir()
        for name in names:
            for suffix in (".sql", ".yml"):
                source = project / "models" / folder / f"{name}{suffix}"
                shutil.copyfile(source, copy / "models" / folder / f"{name}{suffix}")
    copy_settings(project, copy)
    return copy


def land(folder: Path) -> Hartonomous:
    """A database with a space of each metric; the cosine one has held-out queries."""
    hartonomous = Hartonomous(folder / "cells.duckdb")
    for metric in ROWS:
        rows, queries = vectors_of(metric)
        hartonomous.ingest_embeddings(
            write(folder / f"{metric}.parquet", rows, metric),
            vector_column="vector",
            column="text",
            name=metric,
            model_name=metric,
            metric=metric,
            reducer="pca",
        )
        if metric == "cosine":
            file = write(folder / "queries.parquet", queries, "query")
            sink = hartonomous.database.sink()
            land_query_vectors(sink, file, model="cosine_48", vector_column="vector", column="text")
            sink.close()
    return hartonomous
