"""Make the vectors that the search benchmark runs on: real text, real embeddings, no download.

    python benchmarks/search/data.py FOLDER [--rows 100000] [--million]

FOLDER/embeddings.parquet  text, package, kind, length, vector list<float>: `hartonomous ingest
                           embeddings FOLDER/embeddings.parquet --vector-column vector` lands it
FOLDER/queries.parquet     the same columns, 1,000 texts that are not among the rows
FOLDER/million.parquet     with --million: the rows and synthetic ones between them, 1,000,000
FOLDER/data.json           what was made from what, and the geometry of both sets

An interrupted run goes on where it was. Texts come from the packages installed here, so another
environment gives other texts; data.json has their digest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shutil
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from embedding import embed
from numpy.typing import NDArray

from texts import Text, collect

QUERIES = 1_000
ROW_GROUP = 20_000


def table(texts: list[Text], vectors: NDArray[np.float32]) -> pa.Table:
    """The Parquet columns of texts and their vectors."""
    return pa.table(
        {
            "text": [text.text for text in texts],
            "package": [text.package for text in texts],
            "kind": [text.kind for text in texts],
            "length": pa.array([text.length for text in texts], pa.int32()),
            "vector": lists(vectors),
        }
    )


def lists(vectors: NDArray[np.float32]) -> pa.ListArray:
    """Rows of a matrix as list<float>, without a copy."""
    rows, dimension = vectors.shape
    offsets = pa.array(np.arange(0, (rows + 1) * dimension, dimension, dtype=np.int32))
    return pa.ListArray.from_arrays(offsets, pa.array(vectors.reshape(-1)))


def writer(file: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Texts are compressed, vectors are not: floats do not shrink and reading them is timed."""
    compression = {
        name if name != "vector" else "vector.list.element": "none" if name == "vector" else "zstd"
        for name in schema.names
    }
    return pq.ParquetWriter(
        file, schema, compression=compression, use_dictionary=["package", "kind"]
    )


def write(file: Path, rows: pa.Table) -> None:
    """Whole or not at all: the name appears when the file is finished."""
    partial = file.with_suffix(".partial")
    with writer(partial, rows.schema) as out:
        out.write_table(rows, row_group_size=ROW_GROUP)
    partial.replace(file)


def note(folder: Path, **facts: object) -> None:
    """Add facts to data.json."""
    file = folder / "data.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(known | facts, indent=2) + "\n")


def collected(folder: Path, wanted: int) -> list[Text]:
    """The texts, read from the packages once and then from a file, until the vectors are there."""
    file = folder / "chunks" / "texts.json"
    if file.exists():
        kept = json.loads(file.read_text())
        if len(kept) == wanted:
            return [Text(*row) for row in kept]
    started = time.monotonic()
    texts = collect(wanted)
    file.parent.mkdir(exist_ok=True)
    rows = [(text.text, text.package, text.kind) for text in texts]
    file.write_text(json.dumps(rows))
    print(f"{wanted:,} texts in {time.monotonic() - started:.0f} s", flush=True)
    return texts


def make_real(folder: Path, rows: int) -> None:
    """embeddings.parquet and queries.parquet."""
    target, queries = folder / "embeddings.parquet", folder / "queries.parquet"
    if target.exists() and queries.exists():
        found = pq.ParquetFile(target).metadata.num_rows
        if found != rows:
            raise SystemExit(f"{target} has {found:,} rows, not {rows:,}: name another folder")
        return
    texts = collected(folder, rows + QUERIES)
    digest = hashlib.sha256("\n".join(text.text for text in texts).encode()).hexdigest()
    started = time.monotonic()
    vectors = embed([text.text for text in texts], folder / "chunks")
    seconds = time.monotonic() - started
    write(target, table(texts[:rows], vectors[:rows]))
    write(queries, table(texts[rows:], vectors[rows:]))
    shutil.rmtree(folder / "chunks")
    packages = {text.package for text in texts}
    note(
        folder,
        rows=rows,
        queries=QUERIES,
        packages=len(packages),
        texts_sha256=digest,
        python=platform.python_version(),
        embedding_s=round(seconds, 1),
    )
    print(f"{target}: {rows:,} rows, {len(packages)} packages, {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--million", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    make_real(options.folder, options.rows)
    if options.million:
        from interpolation import make_million

        make_million(options.folder)


if __name__ == "__main__":
    main()
