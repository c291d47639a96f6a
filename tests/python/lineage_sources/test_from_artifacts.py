"""dbt's artifacts as a graph, and what is said of those that cannot be read."""

from __future__ import annotations

import copy
import json

import pytest

from hartonomous.errors import InputError
from hartonomous.lineage.from_artifacts import from_artifacts
from hartonomous.lineage.graph import SCHEMA, Edge, Node


def model(name, nodes=(), macros=(), **values):
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "package_name": "hartonomous",
        "original_file_path": f"models/{name}.sql",
        "description": f"About\n  {name}.",
        "checksum": {"name": "sha256", "checksum": name * 3},
        "depends_on": {"nodes": list(nodes), "macros": list(macros)},
        "config": {"materialized": "table", "meta": {}},
        "tags": [],
        "database": "demo",
        "schema": "main",
        "relation_name": f'"demo"."main"."{name}"',
        **values,
    }


def macro(name, sql, calls=()):
    return {
        "name": name,
        "package_name": "hartonomous",
        "macro_sql": sql,
        "depends_on": {"macros": list(calls)},
    }


MANIFEST = {
    "metadata": {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "invocation_id": "run-1",
    },
    "nodes": {
        "model.hartonomous.rows": model("rows", ["source.hartonomous.raw.models"]),
        "model.hartonomous.half": model(
            "half", ["model.hartonomous.rows"], tags=["student"],
            config={"materialized": "table", "meta": {"calibrated_on": "glosses"}},
        ),
        "model.hartonomous.find": model(
            "find",
            ["model.hartonomous.half", "model.hartonomous.rows", "source.hartonomous.raw.texts"],
            ["macro.hartonomous.find"],
            config={"materialized": "callable", "meta": {"callable": True}},
        ),
        "test.hartonomous.not_null": model("not_null", resource_type="test"),
    },
    "macros": {
        "macro.hartonomous.find": macro(
            "find", "{{ adapter.dispatch('find', 'hartonomous')() }}", ["macro.dbt.run_query"]
        ),
        "macro.hartonomous.duckdb__find": macro(
            "duckdb__find", "select 1", ["macro.hartonomous.deep"]
        ),
        "macro.hartonomous.deep": macro("deep", "where true"),
        "macro.hartonomous.other": macro("other", "select 2"),
    },
    "sources": {
        f"source.hartonomous.raw.{name}": {"schema": "raw", "identifier": name}
        for name in ("models", "texts")
    },
    "exposures": {
        "exposure.hartonomous.api": {
            "name": "api",
            "type": "application",
            "owner": {"name": "us", "email": "x"},
            "depends_on": {"nodes": ["model.hartonomous.find", "source.hartonomous.raw.texts"]},
        }
    },
}  # fmt: skip
RESULTS = {
    "metadata": {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
        "dbt_version": "1.11.16",
        "invocation_id": "run-1",
        "invocation_started_at": "2026-11-23T08:00:00.000000Z",
        "generated_at": "2026-11-23T08:00:09.000000Z",
        "env": {"HARTONOMOUS_VERSION": "0.1.0", "GIT_COMMIT": "abc+"},
    },
    "args": {"which": "build", "vars": {"target_recall": 0.9, "own": {"db_password": "hunter2"}}},
    "elapsed_time": 8.5,
    "results": [
        {"unique_id": "model.hartonomous.rows", "status": "success", "execution_time": 1.5,
         "adapter_response": {"rows_affected": 12}, "message": "OK"},
        {"unique_id": "model.hartonomous.find", "status": "error", "execution_time": 0.5,
         "adapter_response": {}, "message": "no such column"},
        {"unique_id": "test.hartonomous.not_null", "status": "pass", "execution_time": 0.1,
         "adapter_response": {}, "message": None},
    ],
}  # fmt: skip


def write(folder, manifest=MANIFEST, results=RESULTS):
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "run_results.json").write_text(json.dumps(results))
    return folder


@pytest.fixture
def elements(tmp_path):
    return list(from_artifacts(write(tmp_path)))


def ends(elements, kind):
    return [
        (e.start[1], e.end[1])
        for e in elements
        if isinstance(e, Edge) and f"{e.start[0]} {e.type} {e.end[0]}" == kind
    ]


def nodes(elements, label):
    return {e.key: e.properties for e in elements if isinstance(e, Node) and e.label == label}


def test_every_element_is_of_the_schema(elements):
    for element in elements:
        SCHEMA.check(element)


def test_models_callables_students_and_exposures(elements):
    of = "model.hartonomous."
    assert set(nodes(elements, "DbtModel")) == {of + "rows", of + "half", of + "find"}
    assert nodes(elements, "DbtModel")[of + "rows"]["description"] == "About rows."
    assert ends(elements, "DbtModel DEPENDS_ON DbtModel") == [
        (of + "find", of + "half"), (of + "find", of + "rows"), (of + "half", of + "rows"),
    ]  # fmt: skip
    assert ends(elements, "DbtModel DEPENDS_ON LandedTable") == [
        (of + "find", "raw.texts"), (of + "rows", "raw.models"),
    ]  # fmt: skip
    assert ends(elements, "Callable GENERATED_BY DbtModel") == [("find", of + "find")]
    assert ends(elements, "Student GENERATED_BY DbtModel") == [("half", of + "half")]
    assert ends(elements, "Student CALIBRATED_ON Dataset") == [("half", "glosses")]
    assert ends(elements, "Exposure DEPENDS_ON DbtModel") == [
        ("exposure.hartonomous.api", of + "find")
    ]


def test_the_run_and_what_it_built(elements):
    (run,) = nodes(elements, "Run").values()
    assert (run["invocation_id"], run["status"], run["command"]) == ("run-1", "error", "build")
    assert (run["hartonomous_version"], run["git_commit"]) == ("0.1.0", "abc+")
    assert json.loads(run["vars"]) == {"target_recall": 0.9, "own": {"db_password": "..."}}
    built = {e.end[1]: e.properties for e in elements if isinstance(e, Edge) and e.type == "BUILT"}
    assert set(built) == {"model.hartonomous.rows", "model.hartonomous.find"}
    assert built["model.hartonomous.rows"]["rows"] == 12
    checksums = nodes(elements, "DbtModel")
    for name, how in built.items():
        assert how["checksum"] == checksums[name]["checksum"]


@pytest.mark.parametrize("name", ["find", "duckdb__find", "deep"])
def test_code_is_another_one_when_a_macro_that_it_may_call_is(tmp_path, elements, name):
    changed = copy.deepcopy(MANIFEST)
    changed["macros"][f"macro.hartonomous.{name}"]["macro_sql"] += " -- changed"
    after = nodes(from_artifacts(write(tmp_path, changed)), "DbtModel")
    before = nodes(elements, "DbtModel")
    differ = {key for key in before if before[key]["checksum"] != after[key]["checksum"]}
    assert differ == {"model.hartonomous.find"}


def test_code_that_nobody_calls_changes_nothing(tmp_path, elements):
    changed = copy.deepcopy(MANIFEST)
    changed["macros"]["macro.hartonomous.other"]["macro_sql"] = "select 3"
    assert list(from_artifacts(write(tmp_path, changed))) == elements


def test_a_manifest_of_another_invocation_does_not_say_what_was_built(tmp_path):
    docs = copy.deepcopy(MANIFEST)
    docs["metadata"]["invocation_id"] = "docs"
    found = list(from_artifacts(write(tmp_path, docs)))
    built = [e for e in found if isinstance(e, Edge) and e.type == "BUILT"]
    assert [e.properties["checksum"] for e in built] == [None, None]


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
def test_artifacts_that_cannot_be_read(tmp_path, name):
    file = write(tmp_path) / name
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=f"{name} is not complete"):
        list(from_artifacts(tmp_path))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=f"{name} is not complete"):
        list(from_artifacts(tmp_path))
    for other in ("[]", '{"metadata": {"dbt_schema_version": "manifest/v9"}}'):
        file.write_text(other)
        with pytest.raises(InputError, match=r"which dbt 1\.11 writes"):
            list(from_artifacts(tmp_path))
    file.unlink()
    with pytest.raises(InputError, match=f"there is no .*{name}"):
        list(from_artifacts(tmp_path))


def test_the_artifacts_of_a_real_build(demo):
    found = list(from_artifacts(demo.database.landed.parent))
    for element in found:
        SCHEMA.check(element)
    assert "vector_search" in nodes(found, "Callable")
    assert ("student_half", "model.hartonomous.student_half") in ends(
        found, "Student GENERATED_BY DbtModel"
    )
    assert ends(found, "Run BUILT DbtModel")
