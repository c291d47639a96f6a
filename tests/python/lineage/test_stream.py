"""SQL Server's change events, recorded, and over Kafka's protocol with a mock cluster."""

from __future__ import annotations

import threading

import pytest
from recorded_events import ROW, data, in_segments, message
from test_sync import Kept

from hartonomous.errors import InputError
from hartonomous.lineage.bolt import BoltTransport
from hartonomous.lineage.cloudevents import EventError, Segments, entry_of, event_of
from hartonomous.lineage.stream import Stream, settings, stream_into

kafka = pytest.importorskip("confluent_kafka")


def entries(*messages: bytes) -> list[dict]:
    segments, found = Segments(), []
    for text in messages:
        event = event_of(text)
        whole = segments.add(event)
        if whole is not None:
            found.append(entry_of(event, whole))
    return [entry for entry in found if entry is not None]


def test_an_inserted_row_is_a_log_entry():
    (entry,) = entries(message(data(ROW)))
    assert entry["inference_id"] == "c1"
    assert entry["created_at"] == "2026-11-23T16:45:01.120000"
    assert entry["models"] == ["BERT-base"] and entry["model_ids"] == ["5e1f"]
    assert entry["duration_ms"] == 12.5 and entry["confidence"] == 0.75
    assert entry["results"][0]["text"] == "Roofers do."
    assert entry["run_id"] is None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 0, 2)])
def test_a_change_in_segments_is_put_together(order):
    parts = in_segments(data(ROW), 3)
    (entry,) = entries(*[parts[index] for index in order])
    assert entry["query_text"] == "who repairs a roof?"


def test_segments_by_the_older_names_too():
    text = data(ROW)
    first = message(text[:50], splitindex=0, splittotalcnt=2)
    second = message(text[50:], splitindex=1, splittotalcnt=2)
    assert len(entries(first, second)) == 1
    assert entries(second) == []


def test_an_update_takes_a_text_away():
    (entry,) = entries(message(data({**ROW, "query_text": None}), operation="UPD"))
    assert entry["query_text"] is None


def test_other_tables_and_deletions_are_no_entries():
    assert entries(message(data(ROW, table="Purchases"))) == []
    assert entries(message(data(ROW, schema="sales"))) == []
    assert entries(message(data(ROW), operation="DEL")) == []
    assert len(entries(message(data(ROW, schema="dbo")))) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"Obj\x01avro",
        b"[]",
        b'{"type": "com.example"}',
        message("{"),
        message("{}"),
        message(data({"task": "search"})),
        message(data(ROW), splitindex="x"),
        message("x").replace(b'"data": "x"', b'"data": 5'),
    ],
)
def test_what_is_no_event_is_an_error(text):
    with pytest.raises(EventError):
        entries(text)


def test_a_value_that_was_cut_off_is_left_out():
    (entry,) = entries(message(data({**ROW, "results": '[{"rank": 1, "text": "Roo'})))
    assert entry["results"] == []


class Broker:
    """librdkafka's mock cluster: real brokers of the real protocol, in this process."""

    def __init__(self) -> None:
        self._producer = kafka.Producer({"test.mock.num.brokers": 1})
        (broker,) = self._producer.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"

    def send(self, topic: str, *messages: bytes) -> None:
        for text in messages:
            self._producer.produce(topic, text, partition=0)
        assert self._producer.flush(10) == 0


@pytest.fixture(scope="module")
def broker() -> Broker:
    return Broker()


def read(stream: Stream, transport, **options):
    options = {"once": True, "wait": 0.5, **options}
    return stream_into(lambda: transport, stream, threading.Event(), **options)


def numbered(first: int, last: int) -> list[bytes]:
    return [
        message(data({**ROW, "inference_id": f"c{number}"}), number=number)
        for number in range(first, last)
    ]


def test_events_arrive_in_order_and_go_on_where_the_graph_was(broker):
    broker.send("answers", *numbered(0, 3), b"no event", *numbered(3, 5))
    kept, stream = Kept(), Stream(broker.address, "answers")
    done = read(stream, kept)
    assert (done.inferences, done.messages, done.passed_over) == (5, 6, 1)
    assert kept.inferences() == [f"c{number}" for number in range(5)]
    assert dict(kept.kept.position) == {"0": 6}
    broker.send("answers", *numbered(5, 7))
    stream.close()
    stream = Stream(broker.address, "answers")
    assert read(stream, kept).inferences == 2
    stream.close()
    assert kept.inferences() == [f"c{number}" for number in range(7)]


def test_a_change_whose_end_is_missing_is_read_again_from_its_beginning(broker):
    parts = in_segments(data(ROW), 3, number=9)
    broker.send("large", *numbered(0, 1), *parts[:2])
    kept, stream = Kept(), Stream(broker.address, "large")
    read(stream, kept)
    stream.close()
    assert dict(kept.kept.position) == {"0": 1}
    broker.send("large", parts[2])
    stream = Stream(broker.address, "large")
    read(stream, kept)
    stream.close()
    assert kept.inferences() == ["c0", "c1"]
    assert dict(kept.kept.position) == {"0": 4}


def test_a_graph_that_was_away_gets_them_all(broker):
    broker.send("away", *numbered(0, 2))
    kept, stop = Kept([True]), threading.Event()
    stream = Stream(broker.address, "away")

    class Impatient(threading.Event):
        """An event that does not wait."""

        def wait(self, timeout: float | None = None) -> bool:
            return self.is_set()

    stop = Impatient()
    stream_into(kept, stream, stop, wait=0.5, on_batch=lambda done: stop.set())
    stream.close()
    assert kept.inferences() == ["c0", "c1"]


def test_into_the_graph(broker, target, graph):
    broker.send("graph", *numbered(0, 3))
    stream = Stream(broker.address, "graph")
    transport = BoltTransport(target)
    read(stream, transport)
    stream.close()
    rows = graph.read(
        "MATCH (i:Inference)-[:RESULTED_IN]->()-[:RETURNED]->(r) "
        "RETURN i.key AS key, r.text AS text ORDER BY key"
    )
    assert rows == [{"key": f"c{number}", "text": "Roofers do."} for number in range(3)]


def test_no_broker_and_no_topic_are_told(monkeypatch, broker):
    with pytest.raises(InputError, match="HARTONOMOUS_KAFKA_CONFIG"):
        monkeypatch.setenv("HARTONOMOUS_KAFKA_CONFIG", "secret")
        settings("b")
    monkeypatch.setenv("HARTONOMOUS_KAFKA_CONFIG", '{"no.such.setting": "s3cret"}')
    with pytest.raises(InputError, match="cannot be read") as raised:
        Stream(broker.address, "answers")
    assert "s3cret" not in str(raised.value)
