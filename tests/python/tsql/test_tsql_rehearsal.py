"""The rehearsal over a small project of its own, and over the real one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hartonomous.errors import InputError
from hartonomous.rehearsal import Rehearsal, run
from hartonomous.rehearsal.__main__ import main, report
from hartonomous.rehearsal.check import Report, check, check_target, find_checker

# One worker, so that the project is rehearsed once.
pytestmark = pytest.mark.xdist_group("rehearsal")


def batches(path):
    return [b.strip() for b in re.split(r"^GO$", path.read_text(), flags=re.MULTILINE) if b.strip()]


def index_of(statements, pattern):
    found = [i for i, text in enumerate(statements) if re.search(pattern, text, re.S | re.I)]
    assert found, f"nothing like {pattern}"
    return found[0]


def test_every_node_succeeds_in_both_runs(rehearsed):
    result, _ = rehearsed
    assert result.problems == []
    assert {path.name for path in result.recordings} == {
        "sqlserver.sql",
        "sqlserver_incremental.sql",
        "fabric.sql",
        "fabric_incremental.sql",
    }
    assert all(count > 20 for count in result.recordings.values())


def test_statements_stand_in_the_order_in_which_they_are_sent(rehearsed):
    statements = batches(rehearsed[1] / "sqlserver.sql")
    order = [
        r"CREATE SCHEMA \[raw\]",
        r"CREATE TABLE \[raw\]\.\[texts\]",
        r'CREATE OR ALTER VIEW "dbo"\."stg_texts"',
        r'CREATE TABLE "hartonomous"\."dbo"\."vectors__dbt_tmp".*embedding VECTOR\(3\)',
        r"sp_rename 'dbo\.vectors__dbt_tmp', 'vectors'",
        r'alter table "dbo"\."vectors" add primary key clustered',
        r'create vector index vi_vectors on "dbo"\."vectors"',
    ]
    positions = [index_of(statements, pattern) for pattern in order]
    assert positions == sorted(positions)


def test_a_procedure_stands_alone_in_its_batch(rehearsed):
    for name in ("sqlserver.sql", "fabric.sql"):
        statements = batches(rehearsed[1] / name)
        procedure = statements[index_of(statements, "create or alter procedure")]
        assert re.match(r"\s*(/\*.*?\*/\s*)?create or alter procedure", procedure, re.S)


def test_seed_rows_are_written_with_their_values(rehearsed):
    assert "(1, N'it''s'), (2, null)" in (rehearsed[1] / "sqlserver.sql").read_text()
    assert re.search(
        r"\(1,\s*'it''s'\),\s*\(2,\s*NULL\)", (rehearsed[1] / "fabric.sql").read_text()
    )


def test_the_incremental_run_finds_its_tables(rehearsed):
    first = (rehearsed[1] / "sqlserver.sql").read_text()
    second = (rehearsed[1] / "sqlserver_incremental.sql").read_text()
    insert = 'insert into "hartonomous"."dbo"."appended" ("text_id", "landed_at")'
    assert insert not in first
    assert insert in second
    assert "where landed_at > " in second
    assert "where landed_at > " not in first
    # The index of the first run is there: dbt finds its name and makes it no second time.
    assert re.search(r"nonclustered\s+index \[dbt_idx_", first)
    assert not re.search(r"nonclustered\s+index \[dbt_idx_", second)


def test_recordings_depend_on_the_project_alone(
    rehearsed, fixture_project, root, tmp_path, monkeypatch, capsys
):
    """A second run, under other settings and without a checker, gives the same files."""
    monkeypatch.delenv("TSQLCHECK", raising=False)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setenv("HARTONOMOUS_SQLSERVER_PASSWORD", "correct-horse")
    monkeypatch.setenv("HARTONOMOUS_SQLSERVER_DATABASE", "production")
    options = ["--target", "sqlserver", "--profiles", str(root / "profiles.yml.example")]
    folders = ["--project-dir", str(fixture_project), "--out", str(tmp_path)]
    assert main([*folders, *options]) == 0
    assert "not checked" in capsys.readouterr().out
    for name in ("sqlserver.sql", "sqlserver_incremental.sql"):
        assert (tmp_path / name).read_text() == (rehearsed[1] / name).read_text()
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        assert b"correct-horse" not in path.read_bytes(), path


def test_the_checker_finds_no_error(rehearsed, checker):
    for target in ("sqlserver", "fabric"):
        for found in check_target(checker, target, rehearsed[1]):
            assert found.errors == [], found.grammar


def test_the_checker_finds_a_planted_error(rehearsed, checker, tmp_path):
    text = (rehearsed[1] / "sqlserver.sql").read_text()
    assert "select text_id, source, text, landed_at from" in text
    planted = tmp_path / "planted.sql"
    planted.write_text(text.replace("select text_id, source, text,", "select text_id, nope, text,"))
    assert any("nope" in line for line in check(checker, planted, "sql2025").errors)


def test_a_failing_node_fails_the_command(root, tmp_path, capsys):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "broken.sql").write_text(
        "{% if execute %}{{ exceptions.raise_compiler_error('planted') }}{% endif %} select 1 as a"
    )
    settings = "name: broken\nversion: '1.0'\nconfig-version: 2\nprofile: hartonomous\n"
    (tmp_path / "dbt_project.yml").write_text(settings)
    profiles = ["--profiles", str(root / "profiles.yml.example")]
    assert main(["--project-dir", str(tmp_path), "--target", "fabric", *profiles]) == 1
    assert "planted" in capsys.readouterr().err


def test_an_error_of_the_checker_fails_the_command(capsys):
    line = "sqlserver.sql:1:1: error T101: planted"
    found = Report(Path("sqlserver.sql"), "sql2025", errors=[line])
    assert report(Rehearsal(checker=Path("tsqlcheck"), reports=[found])) == 1
    said = capsys.readouterr()
    assert line in said.err
    assert "1 errors, 0 warnings" in said.out


def test_a_checker_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("TSQLCHECK", str(tmp_path / "nothing"))
    with pytest.raises(InputError, match="TSQLCHECK"):
        find_checker(tmp_path)


def test_a_folder_without_a_project_is_said(tmp_path, capsys):
    assert main(["--project-dir", str(tmp_path)]) == 2
    assert "dbt_project.yml" in capsys.readouterr().err


def test_the_project_itself(root, tmp_path):
    """The whole project for SQL Server, as `make tsql` does it."""
    result = run(root, ["sqlserver"], out=tmp_path)
    assert result.problems == []
    assert [found.errors for found in result.reports if found.errors] == []
    logs = {
        name
        for batch in batches(tmp_path / "sqlserver.sql")
        if "@log_inference bit = 1" in batch
        for name in re.findall(r'create or alter procedure "dbo"\."(sp_\w+)"', batch)
        if 'insert into "raw"."inferences"' in batch
    }
    assert logs >= {f"sp_{name}" for name in LOGGING}


@pytest.mark.slow
def test_the_project_on_fabric(root, tmp_path):
    result = run(root, ["fabric"], out=tmp_path)
    assert result.problems == []
    assert [found.errors for found in result.reports if found.errors] == []
    assert "procedure [dbo].[sp_LogInference]" in (tmp_path / "fabric.sql").read_text()


LOGGING = (
    "VectorSearch", "CellSearch", "ExactVectorSearch", "VectorIndexSearch", "HybridSearch",
    "ApproxSpatialSearch", "Neighbors", "SemanticSearch", "LexicalSearch", "EnsembleSearch",
    "EmbedText", "EmbedTable", "GenerateText", "GenerateBeam", "NextTokens", "ScoreText",
    "GenerateViaSpatial",
)  # fmt: skip
"""Procedures that answer: each writes its inference itself."""
