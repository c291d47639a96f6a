"""What inference costs against tokens, layers and width: figures and a plot.

    python benchmarks/inference/scaling.py WORK [--plot FILE.png]

GPT-2-shaped models of random weights; the forward pass of a prompt by run_tokens, beside PyTorch on
one thread. One quantity varies at a time, the others stay at 64 tokens, 4 layers, width 256.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import torch
from models import PARTS, gpt2_small
from transformers import GPT2LMHeadModel

from hartonomous import Hartonomous
from hartonomous.project import slug

TOKENS, LAYERS, WIDTHS = (8, 32, 64, 128, 256), (1, 2, 4, 8), (64, 128, 256, 512)
BASE = (64, 4, 256)


def name(layers: int, width: int) -> str:
    return f"scaling-{layers}x{width}"


def build(work: Path) -> Hartonomous:
    hartonomous = Hartonomous(work / "scaling.duckdb")
    shapes = {(layers, BASE[2]) for layers in LAYERS} | {(BASE[1], width) for width in WIDTHS}
    hartonomous.ingest_model(str(gpt2_small(work, 1, 64, 1000)), name="first")
    for layers, width in sorted(shapes):
        hartonomous.ingest_model(
            str(gpt2_small(work, layers, width, 1000)), name=name(layers, width)
        )
    callables = [f"run_tokens_{slug(name(layers, width))}" for layers, width in shapes]
    hartonomous.build(select=[*PARTS, *callables])
    return hartonomous


def measure(hartonomous: Hartonomous, work: Path, tokens: int, layers: int, width: int):
    """(SQL ms, PyTorch ms), medians of 3."""
    suffix = slug(name(layers, width))
    with hartonomous.database.connect() as connection:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE cache "
            "(layer INT, position INT, hidden FLOAT[], outputs FLOAT[])"
        )
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE pending AS "
            "SELECT i::INT AS position, (i * 7 % 999)::INT AS token_id "
            f"FROM range({tokens}) t(i)"
        )
        statement = f"SELECT count(*), sum(hidden[1]) FROM run_tokens_{suffix}('pending', 'cache')"
        sql = median(lambda: connection.execute(statement).fetchall())
    model = GPT2LMHeadModel.from_pretrained(gpt2_small(work, layers, width, 1000)).eval()
    ids = (torch.arange(tokens) * 7 % 999)[None]
    with torch.inference_mode():
        reference = median(lambda: model.transformer(ids))
    return sql, reference


def median(call) -> float:
    call()
    times = []
    for _ in range(3):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    hartonomous = build(options.work)
    series = {
        "tokens": [(n, measure(hartonomous, options.work, n, BASE[1], BASE[2])) for n in TOKENS],
        "layers": [(n, measure(hartonomous, options.work, BASE[0], n, BASE[2])) for n in LAYERS],
        "width": [(n, measure(hartonomous, options.work, BASE[0], BASE[1], n)) for n in WIDTHS],
    }
    for quantity, points in series.items():
        for value, (sql, reference) in points:
            print(f"{quantity} {value}: SQL {sql:.0f} ms, PyTorch {reference:.1f} ms")
    if options.plot:
        plot(series, options.plot)


def plot(series: dict, file: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(12, 4), sharey=True, layout="constrained")
    for axis, (quantity, points) in zip(axes, series.items(), strict=True):
        values = [value for value, _ in points]
        for index, label in enumerate(("SQL, two cores", "PyTorch, one thread")):
            axis.plot(values, [times[index] for _, times in points], marker="o", label=label)
        axis.set(xlabel=quantity, xscale="log", yscale="log")
        axis.set_xticks(values, [str(value) for value in values])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("milliseconds")
    axes[0].legend()
    figure.suptitle("A forward pass of a GPT-2-shaped model (64 tokens, 4 layers, width 256)")
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    main()
