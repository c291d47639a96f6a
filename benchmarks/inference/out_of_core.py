"""A model that does not fit: decoding under a memory limit of a quarter of its weights.

    python benchmarks/inference/out_of_core.py WORK

Runs itself twice as a child, without a limit on two threads and with one on a single thread (each
thread takes buffers of its own), over the GPT-2-small-shaped model of compare.py, and reads each
child's own peak of resident memory (VmHWM of /proc/self/status). The weights are float32; the limit
is a quarter of their bytes. Tokens must be the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path


def child(work: Path, limit: str, tokens: int) -> None:
    """One process: prefill of 8 tokens and ``tokens`` steps; prints JSON."""
    import duckdb

    connection = duckdb.connect(
        config={"threads": 1, "memory_limit": limit} if limit else {"threads": 2}
    )
    connection.execute(f"SET temp_directory = '{work}/spill'")
    connection.execute(f"ATTACH '{work}/inference.duckdb' AS landing (READ_ONLY)")
    connection.execute(f"ATTACH '{work}/inference.built.duckdb' AS built (READ_ONLY)")
    connection.execute("USE built")
    connection.execute(
        "CREATE TEMP TABLE cache (layer INT, position INT, hidden FLOAT[], outputs FLOAT[])"
    )
    connection.execute(
        "CREATE TEMP TABLE pending AS SELECT i::INT AS position, i::INT AS token_id "
        "FROM range(8) t(i)"
    )
    baseline = peak()
    connection.execute("INSERT INTO cache FROM run_tokens('pending', 'cache')")
    chosen, times = [], []
    for step in range(tokens):
        started = time.perf_counter()
        token, _, _ = connection.execute("FROM choose_token('cache')").fetchone()
        chosen.append(token)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE pending AS SELECT ?::INT AS position, ?::INT AS token_id",
            [8 + step, token],
        )
        connection.execute("INSERT INTO cache FROM run_tokens('pending', 'cache')")
        times.append(time.perf_counter() - started)
    median = sorted(times)[len(times) // 2]
    print(json.dumps({"tokens": chosen, "ms": median * 1000, "peak": peak(), "before": baseline}))


def peak() -> float:
    """Peak resident memory of this process so far, in MB (10^6 bytes)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no VmHWM in /proc/self/status: this benchmark needs Linux")


def run(work: Path, limit: str, tokens: int) -> dict:
    output = subprocess.run(
        [sys.executable, __file__, str(work), "--child", "--limit", limit, "--tokens", str(tokens)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(output)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--tokens", type=int, default=8)
    parser.add_argument("--limit", default="")
    parser.add_argument("--child", action="store_true")
    options = parser.parse_args()
    if options.child:
        child(options.work, options.limit, options.tokens)
        return
    from models import database

    database(options.work)
    import duckdb

    with duckdb.connect(f"{options.work}/inference.duckdb", read_only=True) as connection:
        ((weights,),) = connection.execute(
            "SELECT max(parameters) * 4 FROM raw.models WHERE family = 'gpt2'"
        ).fetchall()
    limit = options.limit or f"{weights / 4 / 1e6:.0f}MB"
    free = run(options.work, "", options.tokens)
    limited = run(options.work, limit, options.tokens)
    assert free["tokens"] == limited["tokens"], "the limit changed what was generated"
    print(f"weights {weights / 1e6:.0f} MB (float32), memory_limit {limit}")
    print(f"without a limit: {free['ms']:.0f} ms a token, {free['peak']:.0f} MB resident")
    print(
        f"with it:         {limited['ms']:.0f} ms a token ({limited['ms'] / free['ms']:.2f}x), "
        f"{limited['peak']:.0f} MB resident ({limited['before']:.0f} MB before the first token)"
    )


if __name__ == "__main__":
    main()
