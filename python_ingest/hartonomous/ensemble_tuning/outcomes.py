"""What became of the ensemble's answers: feedback, with the votes that had led to them.

The graph has both, from every database that is published into it; without a graph server the log of
this database has the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import inference_log
from ..inference_log import BAD, GOOD

if TYPE_CHECKING:
    from ..database import Database
    from ..lineage.bolt import Graph

Votes = Mapping[str, int]
"""Member -> the rank, from 1, at which it had found a text."""

RATED = """
MATCH (f:Feedback)-[:ABOUT]->(i:Inference {method: 'ensemble'})-[:RESULTED_IN]->(d:Decision)
MATCH (d)-[:RETURNED]->(r:Result)
WITH f, i, r ORDER BY r.rank
WITH f, i, collect({rank: r.rank, votes: r.votes}) AS results
OPTIONAL MATCH (i)-[:CONSIDERED]->(a:Alternative)
WITH f, i, results, a ORDER BY a.rank
RETURN f.key AS feedback_id, i.key AS inference_id, f.verdict AS verdict, f.rank AS rank,
       f.created_at AS said_at, results,
       collect({rank: a.rank, votes: a.votes}) AS alternatives
ORDER BY said_at, feedback_id
"""


@dataclass(frozen=True)
class Outcome:
    """One thing that was said of an answer.

    ``rated`` is the place, from 0, of the result that is meant among ``votes``: the votes for each
    text that was returned or considered, best first. Of an answer as a whole the first is meant.
    """

    feedback_id: str
    inference_id: str
    is_good: bool
    rated: int
    votes: Sequence[Votes]


def from_log(database: Database) -> list[Outcome]:
    """Outcomes of this database's own log, oldest first."""
    said = inference_log.read_events(database.inference_folder, "feedback")
    meant = {event.get("inference_id") for event in said}
    entries = {
        entry["inference_id"]: entry
        for entry in inference_log.read(database.inference_folder)
        if entry["inference_id"] in meant and entry["method"] == "ensemble"
    }
    rows = (
        {
            "feedback_id": event.get("event_id"),
            "inference_id": event["inference_id"],
            "verdict": event.get("verdict"),
            "rank": event.get("rank"),
            "results": entries[event["inference_id"]]["results"],
            "alternatives": entries[event["inference_id"]]["alternatives"],
        }
        for event in said
        if event.get("inference_id") in entries
    )
    return list(_outcomes(rows))


def from_graph(graph: Graph) -> list[Outcome]:
    """Outcomes of all that is published into a graph, oldest first."""
    return list(_outcomes(graph.read(RATED)))


def _outcomes(rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> Iterator[Outcome]:
    """Those that can be learned from: a verdict, and votes for the result that is meant."""
    latest: dict[tuple[str, int], Outcome] = {}
    for row in rows:
        if row["verdict"] not in (GOOD, BAD):
            continue
        listed = [*row["results"], *row["alternatives"]]
        ranks = [entry.get("rank") for entry in listed]
        wanted = 1 if row["rank"] is None else row["rank"]
        if wanted not in ranks:
            continue
        votes = [_votes(entry.get("votes")) for entry in listed]
        place = ranks.index(wanted)
        if votes[place]:
            # Who thinks better of it says so again: the last word counts.
            latest[row["inference_id"], place] = Outcome(
                str(row["feedback_id"]), row["inference_id"], row["verdict"] == GOOD, place, votes
            )
    yield from latest.values()


def _votes(value: Any) -> dict[str, int]:
    """Member -> rank of the votes as the log has them, or as JSON text as the graph does."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    if not isinstance(value, dict):
        return {}
    return {
        member: vote["rank"]
        for member, vote in value.items()
        if isinstance(vote, dict) and isinstance(vote.get("rank"), int) and vote["rank"] > 0
    }
