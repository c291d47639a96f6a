"""Weights from outcomes: how often a member was right, measured; pure arithmetic.

A member that puts a text at rank r says so with the strength 61 / (60 + r), as reciprocal rank
fusion counts it (Cormack, Clarke and Büttcher 2009, https://doi.org/10.1145/1571941.1572114). Its
precision is the share of that strength that stood for results people called good, drawn toward the
precision of all members by as much as ``PRIOR`` votes (an estimate of few votes says little). Its
weight is its precision over that of all, times the recall at which its space is searched: what it
does not find it cannot vote for. Weights depend on the evidence alone, not on those of today, so
that the same evidence proposes the same weights again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .outcomes import Outcome, Votes

RANK_CONSTANT = 60
PRIOR = 5.0
"""Votes at the precision of all members that each member starts with."""
_DIGITS = 3


@dataclass(frozen=True)
class Member:
    """What was found of a member: strength of its votes for good and for bad results."""

    good: float
    bad: float
    precision: float
    recall: float


@dataclass(frozen=True)
class Replay:
    """The rated answers ordered anew: mean reciprocal rank of good results, and of bad ones."""

    good: float | None
    bad: float | None

    @property
    def margin(self) -> float:
        """How far good results stand above bad ones."""
        return (self.good or 0.0) - (self.bad or 0.0)


@dataclass(frozen=True)
class Proposal:
    """Weights of today and those that the evidence speaks for, with the evidence.

    ``is_supported``: replayed with them, the rated answers are ordered better, or as well.
    """

    now: dict[str, float]
    proposed: dict[str, float]
    members: dict[str, Member]
    rated: int
    good: int
    replayed_now: Replay
    replayed_proposed: Replay
    feedback: list[str] = field(default_factory=list)

    @property
    def is_supported(self) -> bool:
        """Whether the proposed weights order the rated answers no worse than those of today."""
        return self.replayed_proposed.margin >= self.replayed_now.margin

    @property
    def is_change(self) -> bool:
        """Whether they differ from those of today."""
        return self.proposed != self.now

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "is_supported": self.is_supported, "is_change": self.is_change}


def propose(
    outcomes: Sequence[Outcome], now: Mapping[str, float], recalls: Mapping[str, float]
) -> Proposal:
    """The weights that outcomes speak for.

    Args:
        outcomes: rated answers, at least one.
        now: member -> weight of today; one of weight 0 is switched off, and stays so.
        recalls: member -> recall at which it is searched, 0 to 1; 1 where it is missing.
    """
    good: dict[str, float] = defaultdict(float)
    bad: dict[str, float] = defaultdict(float)
    for outcome in outcomes:
        tally = good if outcome.is_good else bad
        for member, rank in outcome.votes[outcome.rated].items():
            tally[member] += (RANK_CONSTANT + 1) / (RANK_CONSTANT + rank)
    of_all = (sum(good.values()) + 1) / (sum(good.values()) + sum(bad.values()) + 2)
    members = {
        member: Member(
            round(good[member], _DIGITS),
            round(bad[member], _DIGITS),
            round((good[member] + PRIOR * of_all) / (good[member] + bad[member] + PRIOR), _DIGITS),
            recalls.get(member, 1.0),
        )
        for member in now
    }
    voting = [member for member, weight in now.items() if weight > 0]
    found = {m: members[m].precision / of_all * members[m].recall for m in voting}
    mean = sum(found.values()) / len(found) if found else 1.0
    proposed = {
        member: round(found[member] / mean, _DIGITS) if member in found and mean else 0.0
        for member in now
    }
    return Proposal(
        now=dict(now),
        proposed=proposed,
        members=members,
        rated=len(outcomes),
        good=sum(outcome.is_good for outcome in outcomes),
        replayed_now=replay(outcomes, now),
        replayed_proposed=replay(outcomes, proposed),
        feedback=[outcome.feedback_id for outcome in outcomes],
    )


def replay(outcomes: Sequence[Outcome], weights: Mapping[str, float]) -> Replay:
    """Mean reciprocal rank of the rated results when each answer is fused with these weights."""
    places: dict[bool, list[float]] = {True: [], False: []}
    for outcome in outcomes:
        scores = [_score(votes, weights) for votes in outcome.votes]
        own = scores[outcome.rated]
        before = sum(score > own for score in scores)
        # Equal scores share their places.
        equal = sum(score == own for score in scores)
        places[outcome.is_good].append(1 / (before + (equal + 1) / 2))
    return Replay(_mean(places[True]), _mean(places[False]))


def _score(votes: Votes, weights: Mapping[str, float]) -> float:
    return sum(weights.get(member, 0.0) / (RANK_CONSTANT + rank) for member, rank in votes.items())


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
