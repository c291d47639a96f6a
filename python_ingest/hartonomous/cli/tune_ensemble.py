"""hartonomous tune-ensemble."""

from __future__ import annotations

from typing import Annotated

import typer

from ..database import Database
from ..ensemble_tuning import tune as library
from . import options
from .output import print_json, print_table, say


def tune_ensemble(
    apply: Annotated[
        bool,
        typer.Option(
            "--apply",
            help="Write the weights into seeds/ensemble_weights.csv, build it, and log their "
            "evidence; without it they are only shown.",
        ),
    ] = False,
    minimum: Annotated[
        int, typer.Option(min=1, help="Rated answers below which nothing is proposed.")
    ] = library.MINIMUM,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Propose weights of the ensemble's members from what was said of its answers.

    Outcomes are read from the graph (NEO4J_URI, or `hartonomous graph start`), else from the log.
    """
    tuned = library.tune_ensemble(Database.locate(database), minimum=minimum, apply=apply)
    if as_json:
        print_json(tuned.as_dict())
        return
    proposal = tuned.proposal
    print_table(
        ["member", "weight", "proposed", "for good", "for bad", "precision", "recall"],
        [
            [
                name,
                f"{proposal.now[name]:.3f}",
                f"{proposal.proposed[name]:.3f}",
                f"{member.good:.1f}",
                f"{member.bad:.1f}",
                f"{member.precision:.3f}",
                f"{member.recall:.3f}",
            ]
            for name, member in proposal.members.items()
        ],
        right=["weight", "proposed", "for good", "for bad", "precision", "recall"],
    )
    now, then = proposal.replayed_now, proposal.replayed_proposed
    say(
        f"{proposal.rated} rated answers ({proposal.good} good), from {tuned.source}; mean "
        f"reciprocal rank of good results {_shown(now.good)} now, {_shown(then.good)} with the "
        f"proposal; of bad ones {_shown(now.bad)} and {_shown(then.bad)}"
    )
    if tuned.is_applied:
        say("applied: the next ensemble search votes with these weights")
    elif not proposal.is_change:
        say("these are the weights of today: nothing to apply")
    elif not proposal.is_supported:
        say("the evidence does not support a change")
    else:
        say("`hartonomous tune-ensemble --apply` applies them")


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
