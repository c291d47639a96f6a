"""The README's SQL and Python run as they stand, over the demo database."""

from __future__ import annotations

import re

import duckdb

from hartonomous.extensions import load_extensions


def blocks(project, language: str) -> list[str]:
    text = (project / "README.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_sql_examples_run(project, demo):
    first, shell = blocks(project, "sql")
    with demo.database.connect() as connection:
        counts = [
            len(connection.execute(statement).fetchall())
            for statement in first.split(";")
            if statement.strip()
        ]
    assert counts == [5, 5, 5, 32]
    with duckdb.connect() as connection:
        load_extensions(connection)  # what INSTALL and LOAD would bring from the network
        for statement in shell.split(";"):
            text = statement.strip().replace(
                "demo/demo", str(demo.database.landed)[: -len(".duckdb")]
            )
            if text and not text.startswith(("INSTALL", "LOAD")):
                result = connection.execute(text)
        assert len(result.fetchall()) == 3


def test_the_python_examples_run(project, demo, capsys, monkeypatch):
    own, plain = blocks(project, "python")
    monkeypatch.chdir(demo.database.landed.parent)
    for code in (own, plain):
        exec(compile(code.replace("demo/demo", "demo"), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert len(re.findall(r"^0\.\d+ \w", printed, re.M)) == 3
    assert "recall_at_10" in printed
