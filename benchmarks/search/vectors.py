"""The files that data.py makes, as matrices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from measure import Data, exact_truth
from numpy.typing import NDArray


def matrix(file: Path, rows: int | None = None) -> NDArray[np.float32]:
    """The first rows of the column `vector`, all by default: rows x dimension.

    One row group at a time, so that the file is in memory once.
    """
    with pq.ParquetFile(file) as source:
        wanted = source.metadata.num_rows if rows is None else rows
        if wanted > source.metadata.num_rows:
            raise SystemExit(f"{file} has {source.metadata.num_rows:,} rows, not {wanted:,}")
        result: NDArray[np.float32] | None = None
        done = 0
        for group in range(source.metadata.num_row_groups):
            column = source.read_row_group(group, columns=["vector"]).column("vector")
            part = column.combine_chunks().flatten().to_numpy().reshape(len(column), -1)
            if result is None:
                result = np.empty((wanted, part.shape[1]), dtype=np.float32)
            part = part[: wanted - done]
            result[done : done + len(part)] = part
            done += len(part)
            if done == wanted:
                break
    assert result is not None
    return result


def file_of(folder: Path, rows: int) -> Path:
    """The Parquet file whose first `rows` rows are searched: real ones as far as there are any."""
    real, million = folder / "embeddings.parquet", folder / "million.parquet"
    if not real.exists():
        raise SystemExit(f"no {real}: python benchmarks/search/data.py {folder} makes it")
    if rows <= pq.ParquetFile(real).metadata.num_rows:
        return real
    if not million.exists():
        raise SystemExit(f"no {million}: python benchmarks/search/data.py {folder} --million")
    return million


def load(folder: Path, rows: int) -> Data:
    """Vectors, queries and the true neighbors, which are computed once and kept."""
    file = file_of(folder, rows)
    vectors, queries = matrix(file, rows), matrix(folder / "queries.parquet")
    kept = built_folder(folder, rows) / "truth.npy"
    if not kept.exists() or kept.stat().st_mtime < file.stat().st_mtime:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, exact_truth(vectors, queries))
    return Data(file, vectors, queries, np.load(kept))


def built_folder(folder: Path, rows: int) -> Path:
    """Where the indexes over that many rows are kept."""
    return folder / "built" / str(rows)
