"""Weights from what was said of answers."""

from __future__ import annotations

import json

import pytest
from ensemble_project import WEIGHTS, vectors
from typer.testing import CliRunner

from hartonomous import inference_log
from hartonomous.cli.app import app
from hartonomous.ensemble import ensemble_search
from hartonomous.ensemble_tuning.outcomes import Outcome
from hartonomous.ensemble_tuning.propose import PRIOR, propose, replay
from hartonomous.ensemble_tuning.tune import SEED, tune_ensemble
from hartonomous.errors import InputError
from hartonomous.lineage.from_inferences import from_inferences
from hartonomous.lineage.graph import Edge

pytestmark = pytest.mark.xdist_group("ensemble")


def outcome(is_good, *votes, rated=0):
    return Outcome(f"f{len(votes)}", "i", is_good, rated, votes)


def test_precision_is_the_share_of_votes_for_good_results():
    said = [outcome(True, {"a": 1}, {"b": 1})] * 3 + [outcome(False, {"b": 1}, {"a": 1})]
    found = propose(said, {"a": 1.0, "b": 1.0, "off": 0.0}, {"b": 0.9})
    pooled = (3 + 1) / (4 + 2)
    a, b = (3 + PRIOR * pooled) / (3 + PRIOR), (PRIOR * pooled) / (1 + PRIOR)
    assert found.members["a"].precision == pytest.approx(a, abs=5e-4)
    assert found.members["b"].precision == pytest.approx(b, abs=5e-4)
    assert found.proposed["a"] / found.proposed["b"] == pytest.approx(a / (0.9 * b), rel=2e-3)
    assert found.proposed["a"] + found.proposed["b"] == pytest.approx(2, abs=2e-3)
    assert found.proposed["off"] == 0
    assert (found.rated, found.good) == (4, 3)


def test_a_lower_rank_is_a_weaker_vote():
    found = propose([outcome(True, {"a": 1, "b": 62})], {"a": 1.0, "b": 1.0}, {})
    assert found.members["a"].good == 1
    assert found.members["b"].good == 0.5


def test_the_same_evidence_proposes_the_same_weights_again():
    said = [outcome(True, {"a": 1}), outcome(False, {"b": 2})]
    once = propose(said, {"a": 1.0, "b": 1.0}, {})
    assert propose(said, once.proposed, {}).proposed == once.proposed


def test_replaying_orders_the_rated_answers_anew():
    said = [outcome(True, {"a": 2}, {"b": 1}), outcome(False, {"b": 1}, {"a": 2})]
    by_b = replay(said, {"a": 0.5, "b": 1.0})
    by_a = replay(said, {"a": 1.0, "b": 0.5})
    assert (by_b.good, by_b.bad) == (0.5, 1.0)
    assert (by_a.good, by_a.bad) == (1.0, 0.5)
    assert by_a.margin > by_b.margin
    # all alike: every place is as likely
    assert replay([outcome(True, {"a": 1}, {"a": 1}, {"a": 1})], {"a": 1.0}).good == 0.5


def rate(hartonomous, asked, count):
    """Ask, and call what `large` found first good and what `lexical` found first bad."""
    for number in range(count):
        results = ensemble_search(hartonomous.database, f"apple river {number}", asked, top_k=8)
        for result in results:
            best = min(result.votes, key=lambda member: result.votes[member].rank)
            if best in ("large_24", "lexical"):
                verdict = "good" if best == "large_24" else "bad"
                inference_log.feedback(
                    hartonomous.database.inference_folder,
                    result.inference_id,
                    verdict,
                    rank=result.rank,
                )


def test_weights_are_proposed_shown_and_applied_only_when_told_to(own_copy):
    hartonomous, project = own_copy
    asked = {"small_16": vectors("small")[3], "large_24": vectors("large")[5]}
    with pytest.raises(InputError, match=r"0 answers .* takes 10"):
        tune_ensemble(hartonomous.database)
    rate(hartonomous, asked, 4)
    seed = (project / SEED).read_bytes()
    tuned = tune_ensemble(hartonomous.database, project=project)
    proposal = tuned.proposal
    assert tuned.source == "the log" and not tuned.is_applied
    assert proposal.now == WEIGHTS
    assert proposal.proposed["large_24"] > proposal.proposed["lexical"]
    assert proposal.is_supported and proposal.is_change
    assert (project / SEED).read_bytes() == seed
    shown = CliRunner().invoke(
        app, ["tune-ensemble", "--json", "--database", str(hartonomous.database.landed)]
    )
    assert json.loads(shown.stdout)["proposed"] == proposal.proposed

    assert tune_ensemble(hartonomous.database, apply=True, project=project).is_applied
    ensemble_search(hartonomous.database, "apple", asked)
    served = hartonomous.explain("last")["settings"]["weights"]
    assert served == proposal.proposed
    (event,) = inference_log.read_events(hartonomous.database.inference_folder, "weights")
    assert event["weights"] == served
    assert event["evidence"]["feedback"] == proposal.feedback
    # the answer finds where its weights came from
    entries = [inference_log.read(hartonomous.database.inference_folder)[-1], event]
    edges = [element for element in from_inferences(entries) if isinstance(element, Edge)]
    (weights,) = {edge.end for edge in edges if edge.type == "WEIGHTED_BY"}
    assert {edge.end[1] for edge in edges if edge.start == weights} == set(proposal.feedback)
    # nothing new was said: there is nothing to apply
    assert not tune_ensemble(hartonomous.database, apply=True, project=project).is_applied


def test_a_build_that_fails_keeps_the_weights_of_before(own_copy, monkeypatch):
    from hartonomous.ensemble_tuning import tune

    hartonomous, project = own_copy
    asked = {"small_16": vectors("small")[3], "large_24": vectors("large")[5]}
    rate(hartonomous, asked, 4)
    before = (project / SEED).read_bytes()

    def failing(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(tune, "build", failing)
    with pytest.raises(KeyboardInterrupt):
        tune_ensemble(hartonomous.database, apply=True, project=project)
    assert (project / SEED).read_bytes() == before
