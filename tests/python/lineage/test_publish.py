"""Publishing over the real protocol: once, whole, and nothing of anybody else's."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest
from lineage_logs import contents, held
from torn_connection import TornConnection

from hartonomous.errors import InputError, MissingExtraError
from hartonomous.lineage import bolt
from hartonomous.lineage.batch import Batch
from hartonomous.lineage.bolt import BoltTransport, Graph, GraphUnavailableError
from hartonomous.lineage.graph import Edge, Node
from hartonomous.lineage.publish import publish

PER_ANSWER = {"Inference": 1, "Decision": 1, "Result": 3, "Alternative": 3}
PER_ANSWER |= {"USED_MODEL": 1, "RESULTED_IN": 1, "RETURNED": 3, "CONSIDERED": 3, "FOUND": 6}


def publish_all(database, target, **options):
    transport = BoltTransport(target, retry_seconds=0)
    try:
        return publish(database, transport, **options)
    finally:
        transport.close()


def expect(graph, answers: int) -> None:
    found = held(graph)
    assert {name: found.get(name, 0) for name in PER_ANSWER} == {
        name: answers * times for name, times in PER_ANSWER.items()
    }


def test_every_answer_arrives_once(logged, target, graph):
    logged.answer(5)
    done = publish_all(logged.database, target)
    assert (done.inferences, done.events) == (5, 0)
    expect(graph, 5)
    assert publish_all(logged.database, target).transactions == 0, "nothing is new"
    logged.answer(2)
    assert publish_all(logged.database, target).inferences == 2
    expect(graph, 7)


def test_publishing_all_again_changes_nothing(logged, target, graph):
    logged.answer(4)
    publish_all(logged.database, target)
    before = contents(graph)
    done = publish_all(logged.database, target, full=True)
    assert done.inferences == 4
    assert contents(graph) == before


def test_moments_are_moments(logged, target, graph):
    logged.answer(1)
    publish_all(logged.database, target)
    (row,) = graph.read(
        "MATCH (i:Inference) WHERE i.timestamp < datetime('2026-11-23T08:00:02Z') "
        "RETURN date(i.timestamp).day AS day, i.timestamp.second AS second"
    )
    assert row == {"day": 23, "second": 1}


def test_what_is_not_ours_stays(logged, target, graph):
    graph.driver.execute_query(
        "CREATE (:Customer {key: 'c'})-[:BOUGHT]->(:Model {key: 'BERT-base@5e1f', price: 5})",
        database_=target.database,
    )
    logged.answer(1)
    publish_all(logged.database, target)
    (row,) = graph.read(
        "MATCH (:Customer)-[:BOUGHT]->(m:Model)<-[:USED_MODEL]-() RETURN m.price AS price, "
        "m.name AS name"
    )
    assert row == {"price": 5, "name": "BERT-base"}


def test_a_publisher_that_dies_between_batches_goes_on(logged, target, graph, monkeypatch):
    monkeypatch.setattr("hartonomous.lineage.publish._ENTRIES", 2)
    logged.answer(9)
    written = []
    write = BoltTransport.write

    def dies(self, batch, watermark):
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(write(self, batch, watermark))

    with monkeypatch.context() as patched:
        patched.setattr(BoltTransport, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            publish_all(logged.database, target)
    publish_all(logged.database, target)
    expect(graph, 9)


def test_a_connection_that_breaks_loses_and_doubles_nothing(logged, target, graph, monkeypatch):
    monkeypatch.setattr("hartonomous.lineage.publish._ENTRIES", 5)
    logged.answer(40)
    with (
        TornConnection(target.uri, after=50 * 1024) as torn,
        pytest.raises(GraphUnavailableError, match="what was published is kept"),
    ):
        publish_all(logged.database, replace(target, uri=torn.uri))
    arrived = held(graph).get("Inference", 0)
    assert 0 < arrived < 40 and arrived % 5 == 0, "a transaction is whole or not there"
    publish_all(logged.database, target)
    expect(graph, 40)


def test_another_publisher_that_was_first_is_no_error(logged, target, graph, monkeypatch):
    """Both find an answer missing, and both make it: the second merges."""
    logged.answer(3)
    publish_all(logged.database, target)
    before = contents(graph)
    asked = bolt._write

    def blind(transaction, batch, watermark, inferences):
        class Blind:
            def run(self, text, **values):
                if text.startswith("UNWIND $keys"):
                    return []  # as it was before the other one's commit
                return transaction.run(text, **values)

        return asked(Blind() if inferences else transaction, batch, watermark, inferences)

    monkeypatch.setattr(bolt, "_write", blind)
    publish_all(logged.database, target, full=True)
    assert contents(graph) == before


def test_a_node_that_an_edge_made_first_is_filled_later(target, graph):
    transport = BoltTransport(target)
    watermark = transport.watermark("d")
    edge = Edge("REPLACED", ("Model", "a@2"), ("Model", "a@1"))
    transport.write(Batch([edge]), watermark)
    transport.write(Batch([Node("Model", "a@1", {"name": "a", "current": False})]), watermark)
    transport.write(Batch([Node("Model", "a@1", {"current": None})]), watermark)
    transport.close()
    rows = graph.read("MATCH (:Model {key: 'a@2'})-[:REPLACED]->(m) RETURN properties(m) AS p")
    assert rows == [{"p": {"key": "a@1", "name": "a"}}]


@pytest.mark.parametrize(("schema", "word"), [(0, "an older"), (99, "a newer")])
def test_a_graph_of_another_version_is_left_alone(logged, target, graph, schema, word):
    logged.answer(1)
    publish_all(logged.database, target)
    graph.driver.execute_query(
        "MATCH (w:Watermark) SET w.schema = $schema", schema=schema, database_=target.database
    )
    logged.answer(1)
    with pytest.raises(InputError, match=f"{word} hartonomous.*Nothing was changed"):
        publish_all(logged.database, target)
    expect(graph, 1)


def test_only_changed_groups_of_the_catalogue_are_written(logged, target, monkeypatch):
    elements = [Node("Text", f"t{number}", {"text": "a"}) for number in range(200)]
    monkeypatch.setattr(
        "hartonomous.lineage.publish.from_catalog", lambda database, **_: iter(elements)
    )
    assert publish_all(logged.database, target).nodes == 200
    assert publish_all(logged.database, target).nodes == 0
    elements[5] = Node("Text", "t5", {"text": "b"})
    assert 1 <= publish_all(logged.database, target).nodes < 30


def test_half_written_artifacts_stop_it_before_anything_is_written(logged, target, graph, tmp_path):
    logged.answer(1)
    (tmp_path / "manifest.json").write_text('{"nodes": {')
    with pytest.raises(InputError, match="not complete"):
        publish_all(logged.database, target, target_folder=tmp_path)
    assert held(graph) == {}


def test_very_long_texts_are_cut_and_split_over_messages(logged, target, graph):
    logged.answer(30, query_text="ä" * 300_000)
    publish_all(logged.database, target)
    expect(graph, 30)
    rows = graph.read("MATCH (i:Inference) RETURN DISTINCT size(i.query_text) AS length")
    assert rows == [{"length": 100_000}]


SECRET = "s3cret-and-more"


def wrong(target, **changes):
    def connect():
        Graph(replace(target, password=SECRET, **changes), retry_seconds=0)

    return connect


def test_errors_say_what_to_do_and_no_secret(logged, target, monkeypatch, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    cases = [
        ({}, "refuses user and password: check NEO4J_USER"),
        ({"uri": "bolt://127.0.0.1:9"}, "no graph server answers"),
    ]
    for changes, message in cases:
        with pytest.raises(InputError, match=message) as raised:
            wrong(target, **changes)()
        assert SECRET not in str(raised.value)
    for uri in (f"bolt://neo4j:{SECRET}@127.0.0.1:7687", f"http://{SECRET}", f"bolt://:{SECRET}@["):
        monkeypatch.setenv("NEO4J_URI", uri)
        with pytest.raises(InputError, match="NEO4J_URI") as raised:
            BoltTransport(bolt_target())
        assert SECRET not in str(raised.value)
    told = capfd.readouterr()
    assert SECRET not in caplog.text + told.out + told.err + repr(target)
    assert target.password not in repr(target)


def bolt_target():
    from hartonomous.lineage.target import from_environment

    found = from_environment()
    assert found is not None
    return found


def test_a_database_that_is_not_there(target):
    with pytest.raises(InputError, match="has no database 'other'"):
        Graph(replace(target, database="other")).read("RETURN 1 AS one")


def test_a_missing_driver_names_its_extra(target, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "neo4j", None)
    with pytest.raises(MissingExtraError, match=r"hartonomous\[neo4j\]"):
        Graph(target)


def test_the_watermark_tells_how_far_it_was(logged, target, graph):
    logged.answer(1)
    publish_all(logged.database, target)
    (row,) = graph.read("MATCH (w:Watermark) RETURN w.position AS position, w.schema AS schema")
    size = (logged.database.inference_folder / "2026-11-23.jsonl").stat().st_size
    assert json.loads(row["position"])["2026-11-23.jsonl"] == size
    assert row["schema"] == 1
