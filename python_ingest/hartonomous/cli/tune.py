"""hartonomous tune, hartonomous train-cells: how searches by cells and codes are kept good."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from .. import tune as library
from ..build import DEFAULT_TARGET
from ..database import Database
from ..landing.cells import SEED, train_cells
from ..landing.spaces import find_space
from ..landing.targets import server_sink
from ..progress import Progress
from . import options
from .output import print_json, print_table, say


def tune(
    queries: Annotated[int, typer.Option(help="Searches of each setting.")] = 30,
    model: options.Model = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Time searches on this machine; the next build chooses its setting by these milliseconds.

    Shows the settings that reach the target with their recall and time, what is served now, and
    whether the cells still fit the rows.
    """
    tuning = library.tune(
        Database.locate(database), model=model, queries=queries, progress=Progress()
    )
    if as_json:
        print_json(tuning.as_dict())
        return
    print_table(
        ["path", "probes", "candidates", "recall", "p50 ms", "p95 ms"],
        [
            [t.path, t.probes, t.candidates, f"{t.recall:.4f}", t.p50_ms, t.p95_ms]
            for t in sorted(tuning.timings, key=lambda timing: timing.p50_ms)
        ],
        right=["probes", "candidates", "recall", "p50 ms", "p95 ms"],
    )
    served = tuning.served
    if served:
        say(
            f"served now: {served['path']}, {served['probes']} probes, {served['candidates']} "
            f"candidates; recall {served['recall']:.4f}, target {tuning.target_recall}"
        )
    if tuning.drift and tuning.drift["should_retrain"]:
        say("the cells no longer fit the rows: `hartonomous train-cells`, then `hartonomous build`")
    say("`hartonomous build` chooses by these times")


def train_cells_command(
    cells: Annotated[
        int | None, typer.Option(help="How many cells; four times the square root of the rows.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of k-means.")] = SEED,
    model: options.Model = None,
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Train the cells and codes of a space anew; the next build swaps them in.

    Searches go on with the old cells until that build has coded every row.
    """
    if target == DEFAULT_TARGET:
        sink = Database.locate(database).sink(must_exist=True)
    else:
        sink = server_sink(target)
    with closing(sink), Progress().stages() as report:
        space = find_space(sink, model)
        training = train_cells(sink, space, cells=cells, seed=seed, progress=report)
    if as_json:
        print_json({key: value for key, value in asdict(training).items() if key != "notices"})
        return
    say(
        f"{training.space_id}: {training.cells:,} cells from {training.sample_rows:,} of "
        f"{training.space_rows:,} vectors; codes of {training.bits} bits ({training.coding}), "
        f"which kept {training.coding_kept:.3f} of the sample's neighbors; `hartonomous build` "
        "swaps them in"
    )
