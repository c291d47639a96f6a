"""What logging costs a call: an entry of ten results is made, hashed, and appended.

    python benchmarks/lineage/log_cost.py [--calls 2000] [--writers 1] [--fsync] [--hash]

Prints the 50th and 95th percentile in milliseconds, of one process or of several that write at
once. --fsync waits for the disk at each call, which the log does not do; --hash keeps no texts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hartonomous import inference_log
from hartonomous.inference_log import entry, writing

TEXT = "Plants make sugar from water, carbon dioxide and light, and give off oxygen. " * 2


def inference(number: int) -> inference_log.Inference:
    rows = [
        {"rank": rank, "id": rank, "text": f"{rank} {TEXT}", "source": "texts",
         "distance": 0.1 * rank, "similarity": 1 - 0.1 * rank, "confidence": 0.5}
        for rank in range(1, 16)
    ]  # fmt: skip
    return inference_log.Inference(
        "search", "auto", "all_minilm_l6_v2_384", ["all-MiniLM-L6-v2"], f"question {number}",
        {"top_k": 10, "metric": "cosine", "filters": []}, 1.5, 0.9, rows[:10], rows[10:],
        model_ids=["d" * 64], recall_estimate=0.99, run_id="0" * 36,
    )  # fmt: skip


def measure(folder: Path, calls: int, fsync: bool, hashes: bool) -> list[float]:
    """Milliseconds of each call, sorted."""
    took = []
    for number in range(calls):
        started = time.perf_counter()
        made = vars(inference(number))
        writing.append_entry(folder, entry.without_texts(made) if hashes else made)
        if fsync:
            (file,) = folder.glob("2*.jsonl")
            descriptor = os.open(file, os.O_RDWR)
            os.fsync(descriptor)
            os.close(descriptor)
        took.append((time.perf_counter() - started) * 1000)
    return sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--fsync", action="store_true")
    parser.add_argument("--hash", action="store_true")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.into:
        print(json.dumps(measure(options.into, options.calls, options.fsync, options.hash)))
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--into", folder, "--calls", str(options.calls)]
        command += [f"--{name}" for name in ("fsync", "hash") if getattr(options, name)]
        processes = [
            subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(options.writers)
        ]
        took = sorted(ms for process in processes for ms in json.loads(process.communicate()[0]))
        size = sum(path.stat().st_size for path in Path(folder).glob("*.jsonl")) / len(took)
    p50, p95 = (took[int(len(took) * share)] for share in (0.5, 0.95))
    print(
        f"{options.writers} writers, {len(took)} calls of {size:,.0f} bytes: "
        f"p50 {p50:.3f} ms, p95 {p95:.3f} ms, largest {took[-1]:.1f} ms"
    )


if __name__ == "__main__":
    main()
