"""A real graph server over the real protocol, started once, and small databases beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lineage_logs import Logged

from hartonomous.database import Database
from hartonomous.lineage import server
from hartonomous.lineage.bolt import Graph
from hartonomous.lineage.target import Target, require

_SERVED = ("graph_server", "target", "graph")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The users of the server share one worker, and with it the server."""
    for item in items:
        if any(name in getattr(item, "fixturenames", ()) for name in _SERVED):
            item.add_marker(pytest.mark.xdist_group("graph"))


@pytest.fixture(autouse=True)
def no_server_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URI", "USER", "USERNAME", "PASSWORD", "DATABASE"):
        monkeypatch.delenv(f"NEO4J_{name}", raising=False)
    monkeypatch.delenv("OPENLINEAGE_URL", raising=False)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Landing tables, empty; copied for every test."""
    database = Database.locate(tmp_path_factory.mktemp("landed") / "empty.duckdb")
    database.sink().close()
    return database


@pytest.fixture
def logged(empty_database: Database, tmp_path: Path) -> Logged:
    """A database of its own, with a log to be written."""
    path = tmp_path / "answers.duckdb"
    shutil.copy(empty_database.landed, path)
    database = Database.locate(path)
    database.ensure_inference_folder()
    return Logged(database)


@pytest.fixture(scope="session")
def graph_server(empty_database: Database) -> Iterator[Database]:
    """The database beside which the server runs."""
    try:
        server.start(empty_database, memory="512m")
        yield empty_database
    finally:
        server.stop(empty_database)


@pytest.fixture
def target(graph_server: Database, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The server, empty, named by the environment as a user names theirs."""
    found = replace(require(graph_server), local=False)
    with Graph(found) as opened:
        opened.driver.execute_query("MATCH (n) DETACH DELETE n", database_=found.database)
    monkeypatch.setenv("NEO4J_URI", found.uri)
    monkeypatch.setenv("NEO4J_USER", found.user)
    monkeypatch.setenv("NEO4J_PASSWORD", found.password)
    monkeypatch.setenv("NEO4J_DATABASE", found.database)
    return found


@pytest.fixture
def graph(target: Target) -> Iterator[Graph]:
    """Connected to the server, empty."""
    with Graph(target) as opened:
        yield opened
