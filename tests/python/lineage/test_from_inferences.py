"""Log entries as nodes and edges, without any server."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineage_logs import answer

from hartonomous.lineage.batch import Batch
from hartonomous.lineage.from_inferences import Names, from_inferences
from hartonomous.lineage.graph import SCHEMA
from hartonomous.lineage.statements import statements


def batch_of(*entries, **names) -> Batch:
    return Batch(from_inferences(entries, Names(**names)))


def test_an_answer_becomes_its_inference_decision_results_and_alternatives():
    batch = batch_of(answer(7))
    key = f"{7:032x}"
    inference = batch.nodes["Inference", key]
    assert inference["timestamp"] == "2026-11-23T08:00:07.000000Z"
    assert (inference["task_type"], inference["duration_ms"]) == ("search", 1.5)
    assert batch.nodes["Decision", key]["confidence"] == 0.9
    assert batch.nodes["Decision", key]["text"] == "text 1 of answer 7"
    assert [k for label, k in batch.nodes if label == "Result"] == [f"{key}/{r}" for r in (1, 2, 3)]
    assert batch.nodes["Alternative", f"{key}/5"]["behind"] == pytest.approx(0.2)
    found = batch.nodes["Result", f"{key}/1"]["id"]
    this = ("Inference", key)
    assert set(batch.edges) >= {
        ("USED_MODEL", this, ("Model", "BERT-base@5e1f")),
        ("USED_SPACE", this, ("Space", "space_4")),
        ("USED_REASONING", this, ("ReasoningMode", "exact")),
        ("CALLED", this, ("Callable", "exact_vector_search")),
        ("REQUESTED_BY", this, ("Caller", "auditor")),
        ("SERVED_BY", this, ("Run", "0b6cf2c7-3a3c-4b39-8d0e-6a1f7f6f2f11")),
        ("RESULTED_IN", this, ("Decision", key)),
        ("RETURNED", ("Decision", key), ("Result", f"{key}/3")),
        ("CONSIDERED", this, ("Alternative", f"{key}/6")),
        ("FOUND", ("Result", f"{key}/1"), ("Embedding", f"space_4/{found}")),
    }


def test_an_older_entry_takes_its_models_id_from_the_catalogue():
    old = answer(1)
    del old["model_ids"], old["run_id"], old["recall_estimate"], old["students"]
    assert ("Model", "BERT-base@77") in batch_of(old, models={"BERT-base": "77"}).nodes
    assert ("Model", "BERT-base@unknown") in batch_of(old).nodes


def test_a_callable_bears_the_suffix_of_its_space():
    batch = batch_of(answer(1), suffixes={("exact_vector_search", "space_4"): "_space_4"})
    assert ("Callable", "exact_vector_search_space_4") in batch.nodes


def test_an_ensembles_results_are_texts_and_its_weights_a_cause():
    entry = answer(
        1,
        method="ensemble",
        space_id="one_4, two_8",
        settings={"weights": {"one_4": 2.0, "lexical": 1.0}},
        results=[{"rank": 1, "id": "t1", "text": "a", "score": 0.5, "confidence": 0.5}],
        alternatives=[],
    )
    batch = batch_of(entry)
    key = entry["inference_id"]
    assert ("FOUND", ("Result", f"{key}/1"), ("Text", "t1")) in batch.edges
    spaces = {end[1] for type_, _, end in batch.edges if type_ == "USED_SPACE"}
    assert spaces == {"one_4", "two_8"}
    (weights,) = [key for label, key in batch.nodes if label == "Weights"]
    told = {
        "event": "weights",
        "event_id": "w",
        "created_at": "2026-11-23T09:00:00",
        "weights": {"lexical": 1.0, "one_4": 2.0},
        "evidence": {"feedback": ["f1"]},
    }
    told_batch = batch_of(told)
    assert ("Weights", weights) in told_batch.nodes, "the same weights are the same node"
    assert ("DERIVED_FROM", ("Weights", weights), ("Feedback", "f1")) in told_batch.edges


def test_tokens_of_a_generation_are_no_embeddings():
    entry = answer(
        1,
        task="generate",
        method="greedy",
        results=[{"rank": 1, "id": 271, "logprob": -0.5, "token": " bird"}],
        alternatives=[
            {"step": 1, "rank": 2, "id": 3, "logprob": -1.0},
            {"step": 2, "rank": 2, "id": 4, "logprob": -2.0},
        ],
    )
    batch = batch_of(entry)
    assert not [edge for edge in batch.edges if edge[0] == "FOUND"]
    assert len([key for label, key in batch.nodes if label == "Alternative"]) == 2
    assert batch.nodes["Result", f"{entry['inference_id']}/1"]["text"] == " bird"


def test_feedback_and_forgetting():
    key = f"{1:032x}"
    feedback = {"event": "feedback", "event_id": "f", "inference_id": key, "verdict": "good"}
    assert ("ABOUT", ("Feedback", "f"), ("Inference", key)) in batch_of(feedback).edges
    forgotten = {
        "event": "forgotten",
        "asked": [key],
        "results": [f"{key}/1"],
        "alternatives": [f"{key}/4"],
        "text_ids": ["t"],
    }
    batch = batch_of(answer(1), forgotten)
    assert batch.nodes["Inference", key]["query_text"] is None
    assert batch.nodes["Result", f"{key}/1"]["text"] is None
    assert batch.nodes["Decision", key]["text"] is None
    assert batch.nodes["Alternative", f"{key}/4"]["text"] is None
    assert batch.nodes["Text", "t"]["text"] is None
    assert batch.nodes["Result", f"{key}/2"]["text"] is not None


def test_what_is_no_value_of_a_graph_is_left_out():
    entry = answer(
        1,
        created_at="yesterday",
        duration_ms="fast",
        confidence=float("nan"),
        query_text="half a pair \ud800",
        caller="c" * 5_000,
        results=[{"rank": 2**80, "id": [1], "distance": float("inf"), "text": 5}, "no row"],
    )
    batch = batch_of(entry)
    inference = batch.nodes["Inference", entry["inference_id"]]
    assert inference["timestamp"] is None and inference["confidence"] is None
    assert inference["duration_ms"] is None
    inference["query_text"].encode()
    assert all(len(key) < 500 for _, key in batch.nodes)
    (result,) = [value for (label, _), value in batch.nodes.items() if label == "Result"]
    assert result["rank"] == 1 and result["distance"] is None and result["text"] is None


def test_the_same_entries_give_the_same_elements():
    entries = [answer(number) for number in range(20)]
    assert list(from_inferences(entries)) == list(from_inferences(entries))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
fields = st.sampled_from([*answer(1), "event", "event_id", "weights", "evidence", "asked"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(fields, json_values), st.booleans())
def test_no_entry_breaks_it_and_nothing_leaves_the_schema(entry, is_whole):
    batch = batch_of({**answer(1), **entry} if is_whole else entry)
    for statement in statements(batch):  # raises for what the schema does not know
        repr(statement.rows).encode("utf-8", "strict")


def test_every_label_and_relation_says_what_it_means():
    for name, label in SCHEMA.labels.items():
        assert label.description and label.key and label.prov.startswith("prov:"), name
    known = set(SCHEMA.labels)
    for name, relation in SCHEMA.relations.items():
        assert relation.description and relation.prov.startswith("prov:"), name
        assert {label for ends in relation.ends for label in ends} <= known, name
