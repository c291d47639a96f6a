"""Named questions, over a graph whose answers are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lineage_logs import answer

from hartonomous.errors import InputError
from hartonomous.lineage.batch import Batch
from hartonomous.lineage.bolt import BoltTransport
from hartonomous.lineage.from_inferences import from_inferences
from hartonomous.lineage.graph import Edge, Node
from hartonomous.lineage.questions import ask, find, questions

# As the founding document has them, to run as they are.
FOUNDING = {
    "used-bert-base": """\
MATCH (i:Inference)-[:USED_MODEL]->(m:Model {name: 'BERT-base'}) RETURN i.timestamp, i.task_type, \
i.duration_ms ORDER BY i.timestamp DESC LIMIT 100;
""",
    "low-confidence": """\
MATCH (i:Inference)-[:RESULTED_IN]->(d:Decision) WHERE d.confidence < 0.5 \
MATCH (i)-[:USED_REASONING]->(rm:ReasoningMode)
RETURN rm.type, count(*) as low_conf_count ORDER BY low_conf_count DESC;
""",
    "confidence-by-day": """\
MATCH (i:Inference) WHERE i.timestamp > datetime() - duration({days: 30})
RETURN date(i.timestamp) as day, avg(i.confidence) as avg_confidence, \
count(*) as num_inferences ORDER BY day;
""",
}
TODAY = datetime.now(UTC)
LONG_AGO = (TODAY - timedelta(days=40)).strftime("%Y-%m-%dT%H:%M:%S")
FIRST, LAST, CODE, FILE = "run-1", "run-2", "model.h.student_half", "texts.csv@aa"


def lineage() -> list[Node | Edge]:
    entries = [
        answer(1, created_at=TODAY.strftime("%Y-%m-%dT%H:%M:%S.%f"), confidence=0.4),
        answer(2, created_at=LONG_AGO, confidence=0.8, method="cells", duration_ms=7.5),
    ]
    student, parent = ("Student", "half"), ("Model", "BERT-base@5e1f")
    rows = {f"space_4/{r['id']}" for entry in entries for r in entry["results"]}
    elements = list(from_inferences(entries))
    for row in rows:
        elements += [
            Edge("EMBEDS", ("Embedding", row), ("Text", f"t {row}")),
            Edge("PART_OF", ("Text", f"t {row}"), ("Dataset", "texts")),
            Node("Text", f"t {row}", {"text": f"the text of {row}"}),
        ]
    return [
        *elements,
        Node("Dataset", "texts", {"name": "texts"}),
        Node("SourceFile", FILE, {"name": "texts.csv", "sha256": "aa"}),
        Edge("DERIVED_FROM", ("Dataset", "texts"), ("SourceFile", FILE)),
        Node("SourceFile", "bert@bb", {"name": "bert", "sha256": "bb"}),
        Edge("DERIVED_FROM", parent, ("SourceFile", "bert@bb")),
        Edge("REPLACED", ("Model", "BERT-base@77"), parent),
        Node("Student", "half", {"name": "half", "threshold": 0.7, "score": "importance"}),
        Edge("DERIVED_FROM", student, parent),
        *[
            part
            for layer in (2, 0)
            for part in (
                Node("Layer", f"5e1f/{layer}", {"layer": layer}),
                Edge("DERIVED_FROM", student, ("Layer", f"5e1f/{layer}"), {"as_layer": layer // 2}),
            )
        ],
        Edge("DERIVED_FROM", student, ("Tensor", "q"), {"kept_rows": 30, "of_rows": 100}),
        Edge("CALIBRATED_ON", student, ("Dataset", "texts")),
        Edge("GENERATED_BY", student, ("DbtModel", CODE)),
        Node("DbtModel", CODE, {"unique_id": CODE, "name": "student_half", "checksum": "c2"}),
        Node("DbtModel", "model.h.same", {"name": "same"}),
        Node("Callable", "neighbors", {"name": "neighbors"}),
        Edge("GENERATED_BY", ("Callable", "neighbors"), ("DbtModel", "model.h.same")),
        Edge("DEPENDS_ON", ("DbtModel", "model.h.same"), ("DbtModel", CODE)),
        Edge("DEPENDS_ON", ("DbtModel", CODE), ("LandedTable", "raw.texts")),
        Edge("DERIVED_FROM", ("LandedTable", "raw.texts"), ("SourceFile", FILE)),
        Node("Run", FIRST, {"invocation_id": FIRST, "started_at": "2026-11-22T08:00:00Z"}),
        Node("Run", LAST, {"invocation_id": LAST, "started_at": "2026-11-23T08:00:00Z"}),
        *[
            Edge(
                "BUILT", ("Run", run), ("DbtModel", model), {"checksum": sum_, "status": "success"}
            )
            for run, model, sum_ in [
                (FIRST, CODE, "c1"),
                (LAST, CODE, "c2"),
                (FIRST, "model.h.same", "s"),
                (LAST, "model.h.same", "s"),
            ]
        ],
    ]


@pytest.fixture(scope="module")
def published(graph_server):
    """The known lineage, in the server; nothing in this module changes it."""
    from hartonomous.lineage.target import require

    found = require(graph_server)
    transport = BoltTransport(found)
    transport.graph.driver.execute_query("MATCH (n) DETACH DELETE n", database_=found.database)
    transport.write(Batch(lineage()), transport.watermark("questions"))
    transport.close()
    return found


def rows(published, name: str, **values: str):
    return ask(published, find(name), values)


@pytest.mark.parametrize("name", FOUNDING)
def test_the_founding_questions_stand_as_they_were_asked(name):
    text = "".join(
        line for line in find(name).cypher.splitlines(keepends=True) if not line.startswith("//")
    )
    assert text == FOUNDING[name]


def test_the_founding_questions_are_answered(published):
    used = rows(published, "used-bert-base")
    assert [row["i.duration_ms"] for row in used] == [1.5, 7.5], "newest first"
    assert rows(published, "low-confidence") == [{"rm.type": "exact", "low_conf_count": 1}]
    (day,) = rows(published, "confidence-by-day")
    assert day == {
        "day": TODAY.strftime("%Y-%m-%d"),
        "avg_confidence": pytest.approx(0.4),
        "num_inferences": 1,
    }


def test_inferences_of_any_model(published):
    assert len(rows(published, "used-model", model="BERT-base")) == 2
    assert len(rows(published, "used-model", model="BERT-base", most="1")) == 1
    assert rows(published, "used-model", model="' OR true //") == []


def test_why_a_result(published):
    entry = answer(1)
    found = rows(published, "why-result")
    assert [row["rank"] for row in found] == [1, 2, 3]
    first = found[0]
    embedding = f"space_4/{entry['results'][0]['id']}"
    assert first["inference"] == entry["inference_id"]
    assert first["embedding"] == embedding and first["text"] == f"the text of {embedding}"
    assert first["files"] == [FILE] and first["models"] == ["BERT-base"]
    assert first["model_files"] == ["bert"] and first["callable"] == "exact_vector_search"
    (second,) = rows(published, "why-result", inference=answer(2)["inference_id"], rank="2")
    assert (second["rank"], second["reasoning"]) == (2, "cells")


def test_what_made_a_student(published):
    (row,) = rows(published, "made-student", student="half")
    assert row["parents"] == ["BERT-base@5e1f"] and row["parent_files"] == ["bert@bb"]
    assert row["layers"] == [0, 2] and row["threshold"] == 0.7
    assert (row["tensors"], row["kept_rows"], row["of_rows"]) == (1, 30, 100)
    assert row["calibrated_on"] == ["texts"] and row["calibration_files"] == [FILE]
    assert (row["code"], row["checksum"], row["last_run"]) == (CODE, "c2", LAST)


def test_downstream_of_a_file(published):
    found = {row["kind"]: row["number"] for row in rows(published, "downstream-of-file", file="aa")}
    texts = len({r["id"] for number in (1, 2) for r in answer(number)["results"]})
    assert found["Text"] == texts and found["Dataset"] == 1
    assert found["Inference that returned its texts"] == 2
    assert found["DbtModel"] == 2 and found["Callable"] == 1
    of_model = {row["kind"]: row for row in rows(published, "downstream-of-file", file="bert")}
    assert of_model["Student"]["examples"] == ["half"] and of_model["Inference"]["number"] == 2


def test_what_changed_between_two_runs(published):
    for values in ({}, {"before": FIRST, "after": LAST}):
        (row,) = rows(published, "changed-between-runs", **values)
        assert (row["model"], row["change"]) == ("student_half", "other code")
        assert (row["checksum_before"], row["checksum_after"]) == ("c1", "c2")
    assert rows(published, "changed-between-runs", before=LAST, after=LAST) == []


def test_answers_of_a_model_that_was_replaced(published):
    found = rows(published, "used-replaced-model")
    assert [row["replaced_by"] for row in found] == [["BERT-base@77"]] * 2


def test_alternatives_that_lost_by_a_hair(published):
    assert rows(published, "close-alternatives") == []
    found = rows(published, "close-alternatives", within="0.11")
    assert [row["rank"] for row in found] == [4, 4]


def test_every_question_has_a_title_and_described_parameters():
    for question in questions():
        assert question.title != question.name, question.name
        for parameter in question.parameters:
            assert f"${parameter.name}" in question.cypher and parameter.description


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("why", {}, "there is no question 'why'.*why-result"),
        ("used-model", {}, "needs --param model"),
        ("why-result", {"rank": "first"}, "takes a number such as 0"),
        ("why-result", {"id": "1"}, "has no parameter id; it has: inference, rank"),
    ],
)
def test_mistakes_are_told(name, values, message):
    with pytest.raises(InputError, match=message):
        find(name).values(values)


def test_questions_travel_with_the_package(project: Path):
    declared = (project / "pyproject.toml").read_text()
    assert '"analyses" = "hartonomous/dbt_project/analyses"' in declared
