"""What became of the ensemble's answers, read from the graph and from the log: the same."""

from __future__ import annotations

import pytest
from lineage_logs import Logged

from hartonomous import inference_log
from hartonomous.ensemble_tuning.outcomes import from_graph, from_log
from hartonomous.lineage.bolt import BoltTransport, Graph
from hartonomous.lineage.publish import publish
from hartonomous.lineage.questions import ask, find
from hartonomous.lineage.target import Target

TEXTS = ["ta", "tb", "tc"]


def rows(*votes):
    return [
        {
            "rank": rank,
            "id": TEXTS[rank - 1],
            "text": f"text {rank}",
            "votes": {
                m: {"rank": r, "similarity": 0.5, "contribution": 0.1} for m, r in of.items()
            },
        }
        for rank, of in enumerate(votes, start=1)
    ]


@pytest.fixture
def rated(logged: Logged) -> Logged:
    found = rows({"a": 1, "lexical": 2}, {"lexical": 1}, {"a": 7})
    first, second = logged.answer(
        2, method="ensemble", results=found[:2], alternatives=found[2:], space_id="s_4"
    )
    (plain,) = logged.answer(1, method="auto")
    folder = logged.database.inference_folder
    inference_log.feedback(folder, first, "bad")
    inference_log.feedback(folder, first, "good")
    inference_log.feedback(folder, second, "bad", rank=2)
    inference_log.feedback(folder, plain, "good")
    return logged


def test_the_last_word_counts_and_only_ensembles_are_read(rated: Logged):
    first, second = from_log(rated.database)
    assert (first.is_good, first.rated) == (True, 0)
    assert (second.is_good, second.rated) == (False, 1)
    assert first.votes == [{"a": 1, "lexical": 2}, {"lexical": 1}, {"a": 7}]


def test_the_graph_says_the_same(rated: Logged, target: Target, graph: Graph):
    transport = BoltTransport(target)
    publish(rated.database, transport)
    transport.close()
    assert from_graph(graph) == from_log(rated.database)


def test_an_ensembles_result_leads_to_its_file(rated: Logged, target: Target, graph: Graph):
    transport = BoltTransport(target)
    publish(rated.database, transport)
    transport.close()
    graph.driver.execute_query(
        "MATCH (t:Text {key: 'ta'}) SET t.text = 'the text' "
        "MERGE (d:Dataset {key: 'notes'}) SET d.name = 'notes' MERGE (t)-[:PART_OF]->(d) "
        "MERGE (f:SourceFile {key: 'notes.csv@aa'}) MERGE (d)-[:DERIVED_FROM]->(f)",
        database_=target.database,
    )
    inference = from_log(rated.database)[0].inference_id
    found = ask(target, find("why-result"), {"inference": inference, "rank": "1"})
    assert [(row["text"], row["dataset"], row["files"]) for row in found] == [
        ("the text", "notes", ["notes.csv@aa"])
    ]
