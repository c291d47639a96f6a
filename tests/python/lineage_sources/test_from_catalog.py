"""The tables as a graph: from files to rows, whole and within the schema of the graph."""

from __future__ import annotations

from collections import Counter

import pytest

from database_copies import copy_database
from hartonomous import inference_log
from hartonomous.errors import InputError
from hartonomous.inference_log import Inference
from hartonomous.lineage.from_catalog import from_catalog
from hartonomous.lineage.graph import SCHEMA, Edge, Node

SPACE = "all_minilm_l6_v2_384"


def kinds(elements):
    return Counter(
        element.label if isinstance(element, Node)
        else f"{element.start[0]} {element.type} {element.end[0]}"
        for element in elements
    )  # fmt: skip


def edges(elements, kind, start=None):
    return {
        element.end[1]: element.properties
        for element in elements
        if isinstance(element, Edge)
        and f"{element.start[0]} {element.type} {element.end[0]}" == kind
        and start in (None, element.start[1])
    }


def nodes(elements, label):
    return {e.key: e.properties for e in elements if isinstance(e, Node) and e.label == label}


@pytest.fixture(scope="module")
def copied(demo, tmp_path_factory):
    return copy_database(demo, tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def whole(copied):
    return list(from_catalog(copied.database, embeddings="all"))


def test_every_element_is_of_the_schema_and_every_end_is_there(whole):
    for element in whole:
        SCHEMA.check(element)
    known = {(e.label, e.key) for e in whole if isinstance(e, Node)}
    for edge in whole:
        if isinstance(edge, Edge):
            assert {edge.start, edge.end} <= known, edge


def test_it_is_the_same_every_time(copied, whole):
    assert list(from_catalog(copied.database, embeddings="all")) == whole


def test_from_a_tensor_back_to_the_bytes_of_its_file(whole, copied, minilm):
    (model_key,) = nodes(whole, "Model")
    layers = edges(whole, "Model HAS_LAYER Layer", model_key)
    assert sorted(int(key.rsplit("/", 1)[1]) for key in layers) == list(range(6))
    tensors = nodes(whole, "Tensor")
    of_layer = edges(whole, "Layer HAS_TENSOR Tensor", next(iter(layers)))
    (query,) = [key for key, how in of_layer.items() if how["role"] == "attention_query"]
    assert tensors[query]["row_count"] == 384
    (file,) = edges(whole, "Tensor DERIVED_FROM SourceFile", query)
    found = nodes(whole, "SourceFile")[file]
    assert found["path"] == str(minilm / "model.safetensors")
    assert found["bytes"] == (minilm / "model.safetensors").stat().st_size
    assert file in edges(whole, "Model DERIVED_FROM SourceFile", model_key)
    assert nodes(whole, "Model")[model_key]["current"] is True


def test_from_an_embedding_back_to_the_file_of_its_text(whole):
    (text,) = edges(whole, "Embedding EMBEDS Text", f"{SPACE}/7")
    (dataset,) = edges(whole, "Text PART_OF Dataset", text)
    (file,) = edges(whole, "Dataset DERIVED_FROM SourceFile", dataset)
    assert file.startswith("sample_texts.csv@")
    assert list(edges(whole, "Embedding IN_SPACE Space", f"{SPACE}/7")) == [SPACE]
    assert nodes(whole, "Text")[text]["text_hash"] == inference_log.text_hash(
        nodes(whole, "Text")[text]["text"]
    )
    assert nodes(whole, "Dataset")[dataset]["texts"] == 252


def test_a_student_names_the_rows_that_it_keeps(whole, copied):
    student = nodes(whole, "Student")["student_half"]
    assert (student["layers"], student["threshold"]) == ([0, 1, 2], 0.7)
    (model_key,) = nodes(whole, "Model")
    assert edges(whole, "Student DERIVED_FROM Model") == {
        model_key: {"threshold": 0.7, "score": "importance"}
    }
    assert [how["as_layer"] for how in edges(whole, "Student DERIVED_FROM Layer").values()] == [
        0, 1, 2,
    ]  # fmt: skip
    with copied.database.connect() as connection:
        kept = connection.execute(
            "SELECT tensor_id, row_index FROM student_half WHERE is_kept"
        ).fetchall()
    rows: dict[str, set[int]] = {}
    for tensor_id, row_index in kept:
        rows.setdefault(tensor_id, set()).add(row_index)
    for tensor_id, how in edges(whole, "Student DERIVED_FROM Tensor").items():
        told = set()
        for part in filter(None, how["rows"].split(",")):
            first, _, last = part.partition("-")
            told |= set(range(int(first), int(last or first) + 1))
        assert told == rows.get(tensor_id, set())
        assert how["kept_rows"] == len(told) <= how["of_rows"]


def test_only_what_answers_name(copied, whole):
    folder = copied.database.inference_folder
    inference_log.append(
        folder,
        Inference(
            "search", "exact", SPACE, ["all-MiniLM-L6-v2", "all-MiniLM-L6-v2", "gone"], "a", {},
            1.0, None, [{"rank": 1, "id": 3}, {"rank": 2, "id": 900}], [{"rank": 3, "id": 5}],
            model_ids=["older", "oldest", "lost"],
        ),
    )  # fmt: skip
    (folder / "garbage.json").write_text('{"space_id": 5, "results": "x"}\n[1]\n{"torn\n\xff\n')
    found = list(from_catalog(copied.database))
    for element in found:
        SCHEMA.check(element)
    assert set(nodes(found, "Embedding")) == {f"{SPACE}/3", f"{SPACE}/5"}
    assert kinds(found)["Text"] == 2
    assert kinds(found)["Embedding GENERATED_BY Model"] == 2
    given = list(from_catalog(copied.database, used=[(SPACE, 9), ("unknown", 1)]))
    assert set(nodes(given, "Embedding")) == {f"{SPACE}/9"}
    # what answered under a name that another model has now
    models = nodes(found, "Model")
    assert [models[f"{name}"]["current"] for name in ("all-MiniLM-L6-v2@older", "gone@lost")] == [
        False, False,
    ]  # fmt: skip
    replaced = [e for e in found if isinstance(e, Edge) and e.type == "REPLACED"]
    (now,) = [key for key, of in models.items() if of["current"]]
    assert [(e.start[1], e.end[1]) for e in replaced] == [
        (now, "all-MiniLM-L6-v2@older"),
        ("all-MiniLM-L6-v2@older", "all-MiniLM-L6-v2@oldest"),
    ]


def test_the_runs_are_those_that_the_log_names(copied, whole):
    copied.search(copied.embed("roof"), top_k=1)
    assert copied.explain("last")["run_id"] in nodes(whole, "Run")


def test_texts_stay_out_where_the_log_keeps_hashes(copied, monkeypatch):
    from hartonomous.lineage import from_catalog as module

    monkeypatch.setattr(module, "served", lambda *_: inference_log.Served("run", "hash"))
    texts = nodes(from_catalog(copied.database, embeddings="all"), "Text").values()
    assert {text["text"] for text in texts} == {None}
    assert all(text["text_hash"] for text in texts)


def test_what_is_not_built_is_left_out(tmp_path):
    from hartonomous import Hartonomous

    hartonomous = Hartonomous(tmp_path / "new.duckdb")
    with pytest.raises(InputError, match="there is no database"):
        list(from_catalog(hartonomous.database))
    hartonomous.init()
    assert set(kinds(from_catalog(hartonomous.database))) == {"LandedTable"}
    with pytest.raises(InputError, match="all or used"):
        list(from_catalog(hartonomous.database, embeddings="some"))
