"""hartonomous publish-lineage and ask, as a user runs them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hartonomous.cli.app import app
from hartonomous.errors import InputError


def run(logged, *arguments: str):
    return CliRunner().invoke(
        app, [*arguments, "--database", str(logged.database.landed)], catch_exceptions=True
    )


@pytest.fixture(autouse=True)
def target_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    return tmp_path / "target"


def test_without_a_server_it_writes_a_script(logged, target_folder):
    logged.answer(2)
    done = run(logged, "publish-lineage", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["to"] == str(target_folder / "lineage.cypher") and told["inferences"] == 2
    assert "CREATE CONSTRAINT IF NOT EXISTS" in (target_folder / "lineage.cypher").read_text()


@pytest.mark.parametrize("to", ["json", "openlineage"])
def test_other_files(logged, tmp_path, to):
    logged.answer(1)
    path = tmp_path / "somewhere" / "else"
    assert run(logged, "publish-lineage", "--to", to, "--output", str(path)).exit_code == 0
    assert path.read_text()


def test_into_the_server_that_the_environment_names(logged, target):
    logged.answer(2)
    done = run(logged, "publish-lineage", "--json")
    assert json.loads(done.stdout)["to"] == target.shown
    assert target.password not in done.output
    asked = run(logged, "ask", "used-bert-base", "--json")
    assert len(json.loads(asked.stdout)["rows"]) == 2
    table = run(logged, "ask", "close-alternatives", "--param", "within=1")
    assert "by a hair" in table.stdout
    assert "nothing is new" in run(logged, "publish-lineage").output


def test_ask_lists_its_questions(logged):
    listed = json.loads(CliRunner().invoke(app, ["ask", "--json"]).stdout)
    assert {"why-result", "made-student", "downstream-of-file"} <= {one["name"] for one in listed}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["publish-lineage", "--to", "smoke"], "--to takes bolt, cypher, json, openlineage"),
        (["publish-lineage", "--to", "bolt"], "there is no graph server"),
        (["publish-lineage", "--to", "bolt", "--output", "x"], "--output names a file"),
        (["publish-lineage", "--embeddings", "some"], "--embeddings takes used or all"),
        (["ask", "why-result"], "there is no graph server"),
        (["ask", "why-result", "--param", "rank"], "--param takes NAME=VALUE"),
        (["sync"], "there is no graph server"),
        (["sync", "--kafka", "b"], "goes with --topic"),
    ],
)
def test_mistakes_are_told(logged, arguments, message):
    done = run(logged, *arguments)
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)
