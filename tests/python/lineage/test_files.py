"""Lineage as files: a Cypher script, a JSON document, OpenLineage events."""

from __future__ import annotations

import json
import re
import threading
import uuid
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineage_logs import contents

from hartonomous.errors import InputError
from hartonomous.lineage import server
from hartonomous.lineage.batch import Batch
from hartonomous.lineage.bolt import BoltTransport
from hartonomous.lineage.cypher_file import CypherFile, literal
from hartonomous.lineage.graph import Edge, Node
from hartonomous.lineage.json_file import JsonFile
from hartonomous.lineage.openlineage import EventFile, EventServer, OpenLineage
from hartonomous.lineage.publish import publish
from hartonomous.lineage.transport import Watermark

NASTY = [
    "'; MATCH (n) DETACH DELETE n; //",
    "\\' \\u0027 \\\\u0027 \\",
    'quote " and `tick` and $rows and ${x}',
    "line\nline;\n\r\t\b\f\x00 end",
    "ü 漢 🙂 \u2028",
    "",
]


def run(graph, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            graph.driver.execute_query(statement, database_=graph.target.database)


@pytest.mark.parametrize("text", NASTY)
def test_a_text_is_what_it_was(graph, text):
    (row,) = graph.read(f"RETURN {literal(text)} AS text")
    assert row["text"] == text


@given(st.text())
def test_no_text_ends_its_literal(text):
    """Read as a parser reads it, each part of a literal ends where it was meant to."""
    written = literal(text)
    assert "\\u" not in written and "\n" not in written
    one_text = r"'(?:[^'\\]|\\.)*'"
    assert re.fullmatch(rf"{one_text}|\({one_text}(?: \+ {one_text})+\)", written, re.DOTALL)


def test_a_script_makes_the_same_graph_as_bolt(logged, target, graph, tmp_path):
    for text in NASTY:
        logged.answer(1, query_text=text, caller=text or "nobody", settings={"text": text})
    over_bolt = BoltTransport(target)
    publish(logged.database, over_bolt)
    over_bolt.close()
    expected = contents(graph)
    graph.driver.execute_query("MATCH (n) DETACH DELETE n", database_=target.database)
    script = CypherFile(tmp_path / "lineage.cypher")
    publish(logged.database, script)
    for _ in range(2):
        run(graph, (tmp_path / "lineage.cypher").read_text())
        assert contents(graph) == expected
    again = BoltTransport(target)
    assert publish(logged.database, again).transactions == 0, "the script says how far it was"
    again.close()


def test_what_was_not_finished_takes_no_place(tmp_path):
    path = tmp_path / "lineage.cypher"
    path.write_text("whole")
    script = CypherFile(path)
    script.write(Batch([Node("Caller", "a")]), Watermark("d"))
    script.close()
    assert path.read_text() == "whole"
    assert [found.name for found in tmp_path.iterdir()] == ["lineage.cypher"]


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        CypherFile(tmp_path / "file" / "lineage.cypher")


def test_json_holds_every_node_once(logged, tmp_path):
    logged.answer(3)
    document = JsonFile(tmp_path / "lineage.json")
    publish(logged.database, document)
    found = json.loads((tmp_path / "lineage.json").read_text())
    keys = [(node["label"], node["key"]) for node in found["nodes"]]
    assert len(keys) == len(set(keys))
    assert sum(label == "Inference" for label, _ in keys) == 3
    ends = {
        (edge[end]["label"], edge[end]["key"])
        for edge in found["edges"]
        for end in ("start", "end")
    }
    assert ends <= set(keys)


BUILD = [
    Node(
        "Run",
        "0b6cf2c7-3a3c-4b39-8d0e-6a1f7f6f2f11",
        {"started_at": "2026-11-23T08:00:00.000000Z"},
    ),
    Node("DbtModel", "model.h.embeddings", {"name": "embeddings", "relation": '"b"."embeddings"'}),
    Edge("DEPENDS_ON", ("DbtModel", "model.h.embeddings"), ("LandedTable", "raw.texts")),
    Edge(
        "BUILT",
        ("Run", "0b6cf2c7-3a3c-4b39-8d0e-6a1f7f6f2f11"),
        ("DbtModel", "model.h.embeddings"),
        {"status": "success", "seconds": 2.5},
    ),
]


@pytest.fixture
def built(monkeypatch):
    monkeypatch.setattr("hartonomous.lineage.publish.from_catalog", lambda *_, **__: iter(BUILD))


def check_event(event: dict) -> None:
    """What the specification (2-0-2) demands of a run event."""
    assert event["eventType"] in ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    assert event["producer"].startswith("https://")
    assert (
        event["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
    )
    uuid.UUID(event["run"]["runId"])
    for named in (event["job"], *event["inputs"], *event["outputs"]):
        assert named["namespace"] and named["name"]
    for facet in event["run"].get("facets", {}).values():
        assert facet["_producer"] and facet["_schemaURL"]


def test_openlineage_tells_what_was_built_and_answered(logged, built, tmp_path):
    logged.answer(2)
    path = tmp_path / "events.jsonl"
    publish(logged.database, OpenLineage(EventFile(path)))
    events = [json.loads(line) for line in path.read_text().splitlines()]
    for event in events:
        check_event(event)
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"] * 3
    start, end = events[:2]
    assert start["run"]["runId"] == end["run"]["runId"]
    assert end["eventTime"] == "2026-11-23T08:00:02.500Z"
    assert end["inputs"] == [{"namespace": "hartonomous", "name": "LandedTable/raw.texts"}]
    assert end["outputs"] == [{"namespace": "hartonomous", "name": 'DbtModel/"b"."embeddings"'}]
    parent = end["run"]["facets"]["parent"]["run"]["runId"]
    assert parent == "0b6cf2c7-3a3c-4b39-8d0e-6a1f7f6f2f11"
    assert events[2]["job"]["name"] == "search.exact"
    assert {"namespace": "hartonomous", "name": "Model/BERT-base@5e1f"} in events[2]["inputs"]
    assert "question" not in path.read_text(), "texts are not told"
    publish(logged.database, OpenLineage(EventFile(tmp_path / "again.jsonl")))
    assert (tmp_path / "again.jsonl").read_text() == path.read_text()


@pytest.fixture
def lineage_server():
    """An OpenLineage server that may refuse."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            refused = len(found.events) >= found.takes
            self.send_response(503 if refused else 201)
            self.end_headers()
            if not refused:
                found.events.append((self.path, self.headers.get("Authorization"), body))

        def log_message(self, *_):
            pass

    found = HTTPServer(("127.0.0.1", 0), Handler)
    found.events, found.takes = [], 10**9
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def test_events_over_http_go_on_where_they_were(logged, built, lineage_server, monkeypatch):
    monkeypatch.setattr("hartonomous.lineage.publish._ENTRIES", 1)
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "s3cret")
    url = f"http://127.0.0.1:{lineage_server.server_port}"
    state = server.files(logged.database).folder / "openlineage"

    def send():
        publish(logged.database, OpenLineage(EventServer(url, state)))

    logged.answer(4)
    lineage_server.takes = 6
    with pytest.raises(InputError, match="refused an event: 503") as raised:
        send()
    assert "s3cret" not in str(raised.value)
    lineage_server.takes = 10**9
    send()
    bodies = [json.loads(body) for _, _, body in lineage_server.events]
    answers = [
        event["run"]["runId"] for event in bodies if event["job"]["name"] != "model.h.embeddings"
    ]
    assert len(set(answers)) == 4 and len(answers) == 8
    assert {path for path, _, _ in lineage_server.events} == {"/api/v1/lineage"}
    assert {key for _, key, _ in lineage_server.events} == {"Bearer s3cret"}


@pytest.mark.parametrize("url", ["ftp://host", "http://user:s3cret@host", "nonsense"])
def test_an_address_that_is_none(url, tmp_path):
    with pytest.raises(InputError, match="OPENLINEAGE_URL is no address") as raised:
        EventServer(url, tmp_path / "state")
    assert "s3cret" not in str(raised.value)


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(), st.lists))
def test_numbers_and_lists_are_literals(value):
    assert literal(value)
