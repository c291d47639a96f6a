"""A database of a few texts with vectors of their own, landed and not built."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TEXTS = [f"The text number {n} of the little database." for n in range(40)]


def land_small(folder):
    """A Hartonomous over ``small.duckdb``, with held-out queries, one of which is a text, too."""
    from hartonomous import Hartonomous

    vectors = np.random.default_rng(3).standard_normal((len(TEXTS), 8)).astype(np.float32)
    file = folder / "texts.parquet"
    pq.write_table(pa.table({"text": TEXTS, "vector": list(vectors)}), file)
    hartonomous = Hartonomous(folder / "small.duckdb")
    hartonomous.ingest_embeddings(
        file, vector_column="vector", column="text", name="little", model_name="m", reducer="pca"
    )
    return hartonomous


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
