"""``hartonomous tune-ensemble``: propose weights from outcomes, and apply them when told to."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from .. import inference_log
from .. import project as dbt_project
from ..build import build
from ..database import Database
from ..ensemble import member_weights
from ..errors import InputError
from ..spaces import landed_spaces
from .outcomes import Outcome, from_graph, from_log
from .propose import Proposal, propose

MINIMUM = 10
"""Rated answers below which nothing is proposed."""
SEED = Path("seeds") / "ensemble_weights.csv"


@dataclass(frozen=True)
class Tuned:
    """A proposal, where its outcomes came from (a server's address, or the log), what was done."""

    proposal: Proposal
    source: str
    is_applied: bool

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            **self.proposal.as_dict(),
            "source": self.source,
            "is_applied": self.is_applied,
        }


def tune_ensemble(
    database: Database,
    *,
    minimum: int = MINIMUM,
    apply: bool = False,
    project: Path | None = None,
) -> Tuned:
    """Propose weights of the ensemble's members from what was said of its answers.

    Args:
        database: the database, built.
        minimum: rated answers below which nothing is proposed.
        apply: write the weights into the project's seed, build it, and log what they came from.
        project: the dbt project's folder; found by itself where not given.

    Raises:
        InputError: too few outcomes; or they do not support the proposal, and it is to be applied.
    """
    outcomes, source = _outcomes(database)
    with database.connect() as connection:
        now = member_weights(connection)
        recalls = _recalls(connection)
    if len(outcomes) < minimum:
        raise InputError(
            f"{len(outcomes)} answers of the ensemble are rated ({source}), and a proposal takes "
            f"{minimum}: `hartonomous feedback INFERENCE --good` or `--bad` rates one"
        )
    proposal = propose(outcomes, now, recalls)
    if not apply:
        return Tuned(proposal, source, is_applied=False)
    if not proposal.is_supported:
        raise InputError(
            "the rated answers are ordered worse with the proposed weights than with those of "
            "today, which therefore stay: rate more answers, or edit seeds/ensemble_weights.csv"
        )
    if proposal.is_change:
        _apply(database, proposal, project or dbt_project.locate(), source)
    return Tuned(proposal, source, is_applied=proposal.is_change)


def _outcomes(database: Database) -> tuple[list[Outcome], str]:
    from ..lineage import target as graph_target

    found = graph_target.locate(database)
    if found is None:
        return from_log(database), "the log"
    from ..lineage.bolt import Graph

    with Graph(found) as graph:
        return from_graph(graph), found.shown


def _recalls(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Space id -> the recall that its setting was measured to have."""
    found = {}
    for space in landed_spaces(connection):
        try:
            row = connection.execute(f"SELECT recall FROM search_settings{space.suffix}").fetchone()
        except duckdb.CatalogException:
            continue
        if row is not None and row[0] is not None:
            found[space.space_id] = float(row[0])
    return found


def _apply(database: Database, proposal: Proposal, project: Path, source: str) -> None:
    """The event first: an answer that is weighted so must find where its weights came from."""
    evidence = {
        key: value
        for key, value in proposal.as_dict().items()
        if key not in ("proposed", "is_supported", "is_change")
    }
    inference_log.append_event(
        database.inference_folder,
        inference_log.event(
            "weights", weights=proposal.proposed, evidence={**evidence, "source": source}
        ),
    )
    path = project / SEED
    before = path.read_bytes()
    _replace(path, _as_csv(proposal.proposed))
    try:
        build(database, project=project, select=["ensemble_weights", "ensemble_members"])
    except BaseException:
        _replace(path, before)
        raise


def _as_csv(weights: Mapping[str, float]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["member", "weight"])
    writer.writerows(sorted(weights.items()))
    return text.getvalue().encode()


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".csv.unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
